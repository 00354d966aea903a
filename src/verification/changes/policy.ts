/** Decides which changes a signature tolerates, and says what changed in words. */
import type { ChangesAfter } from '../report.js';
import type { ChangeKind, ForbiddenChange, PermissibleChange, StepChanges } from './step.js';

/** What the signed document allows: DocMDP's P where it is certified, and locked fields. */
export interface ChangePolicy {
  readonly docMdp: 1 | 2 | 3 | undefined;
  readonly isFieldLocked: (name: string) => boolean;
}

const ALWAYS: readonly ChangeKind[] = [
  'validation-data',
  'document-timestamp',
  'metadata',
  'unreachable',
];

/**
 * Whether `policy` permits `change`. A file without certification takes signatures and form filling,
 * as one certified with P 2 does; annotations only with P 3.
 *
 * @see ISO 32000-2:2020, table 257
 */
function isPermitted(change: PermissibleChange, policy: ChangePolicy): boolean {
  if (ALWAYS.includes(change.kind)) return true;
  if (policy.docMdp === 1) return false;
  if (change.kind === 'annotation') return policy.docMdp === 3;
  return change.field === undefined || !policy.isFieldLocked(change.field);
}

const KIND_TEXT: Readonly<Record<ChangeKind, string>> = {
  signature: '增加了签名',
  'document-timestamp': '增加了文档时间戳',
  'validation-data': '增加了验证材料',
  'form-filling': '填写了表单域',
  annotation: '增加或修改了批注',
  metadata: '更新了文档属性',
  unreachable: '增加了未被引用的数据',
};

const FORBIDDEN_TEXT: Readonly<Record<string, string>> = {
  'page-content': '页面内容被改动',
  'page-resources': '页面使用的字体、图像等资源被改动',
  'page-entry': '页面属性被改动',
  'pages-changed': '增删了页面或改变了页序',
  'catalog-entry': '文档目录项被改动',
  'catalog-replaced': '文档目录被替换',
  'annotation-changed': '批注被改动',
  'annotations-removed': '批注被删除或改变顺序',
  'widget-added': '增加了遮盖页面的控件',
  'unsigned-field-with-appearance': '增加了无人签署却显示内容的签名域',
  'field-added': '增加了表单域',
  'field-removed': '删除了表单域',
  'field-replaced': '替换了表单域',
  'field-changed': '改动了表单域',
  'field-appearance': '表单域显示的内容与其数值不符',
  'field-visibility': '隐藏或显示了表单域',
  'signature-covers': '新签名的外观遮盖了页面或已有签名',
  'annotation-action': '增加了带动作的批注',
  'annotation-kind': '增加了可改变页面显示的批注',
  'annotation-covers': '增加的批注遮盖了已签署的文字',
  'field-list-reordered': '表单域列表被改动',
  'form-entry': '表单属性被改动',
  'form-removed': '表单被删除',
  'signature-replaced': '已有签名被替换',
  'validation-data-removed': '删除了验证材料',
  'permissions-added': '签名之后增加了权限设置',
  'encryption-changed': '加密设置被改动',
  'file-identifier-changed': '文件标识被改动',
  'dangling-reference-filled': '为已签内容中空缺的引用补入了数据',
  'object-replaced': '已签署的数据被替换',
  'object-added': '增加了数据',
  'object-removed': '删除了数据',
  unreadable: '改动部分无法读取',
};

function describeForbidden(change: ForbiddenChange): string {
  const place =
    change.pageIndex === undefined
      ? ''
      : `第 ${change.pageIndex + 1} 页 (page ${change.pageIndex + 1}): `;
  const detail = change.detail === undefined ? '' : ` [${change.detail}]`;
  const object = change.objectNumber === undefined ? '' : `，对象 ${change.objectNumber}`;
  return `${place}${FORBIDDEN_TEXT[change.what] ?? '内容被改动'} (${change.what})${detail}${object}`;
}

function describePermissible(change: PermissibleChange): string {
  const field = change.field === undefined ? '' : ` [${change.field}]`;
  const page = change.pageIndex === undefined ? '' : `，第 ${change.pageIndex + 1} 页`;
  return `${KIND_TEXT[change.kind]} (${change.kind})${field}${page}`;
}

/** The verdict on everything that came after a signature. */
export function judgeChanges(steps: readonly StepChanges[], policy: ChangePolicy): ChangesAfter {
  const details: string[] = [];
  let isForbidden = false;
  let isAnything = false;
  for (const step of steps) {
    const revision = `第 ${step.revisionIndex + 1} 版`;
    isAnything = true;
    for (const change of step.forbidden) {
      isForbidden = true;
      details.push(`✘ ${revision}: ${describeForbidden(change)}`);
    }
    for (const change of step.permissible) {
      const isAllowed = isPermitted(change, policy);
      if (!isAllowed) isForbidden = true;
      details.push(`${isAllowed ? '' : '✘ '}${revision}: ${describePermissible(change)}`);
    }
  }
  return { verdict: isForbidden ? 'forbidden' : isAnything ? 'permitted' : 'none', details };
}
