/** Decides which changes a signature tolerates, and says what changed in words. */
import type { ChangesAfter, ReportedChange } from '../report.js';
import type { ChangeKind, ForbiddenChange, PermissibleChange, StepChanges } from './step.js';

/** What the signed document allows: DocMDP's P where it is certified, and locked fields. */
export interface ChangePolicy {
  readonly docMdp: 1 | 2 | 3 | undefined;
  readonly isFieldLocked: (name: string) => boolean;
}

const ALWAYS: readonly ChangeKind[] = [
  'validation-data',
  'validation-data-dropped',
  'document-timestamp',
  'metadata',
  'file-identifier',
  'structure',
  'unreachable',
];

/**
 * Whether `policy` permits `change`. A file without certification takes signatures and form filling,
 * as one certified with P 2 does; annotations only with P 3.
 *
 * @see ISO 32000-2:2020, table 257
 */
function isPermitted(
  change: PermissibleChange,
  policy: ChangePolicy,
  addedSince: ReadonlySet<number>,
): boolean {
  if (ALWAYS.includes(change.kind)) return true;
  if (policy.docMdp === 1) return false;
  if (change.kind === 'annotation') return policy.docMdp === 3;
  if (change.kind === 'annotation-changed' || change.kind === 'annotations-removed') {
    // What was there when it was signed stays; what came later is its author's.
    return policy.docMdp === 3 && addedSince.has(change.objectNumber ?? -1);
  }
  return change.field === undefined || !policy.isFieldLocked(change.field);
}

const KIND_TEXT: Readonly<Record<ChangeKind, readonly [string, string]>> = {
  signature: ['增加了签名', 'a signature was added'],
  'signature-field': ['增加了空白签名域', 'an empty signature field was added'],
  'document-timestamp': ['增加了文档时间戳', 'a document time-stamp was added'],
  'validation-data': ['增加了验证材料', 'validation data was added'],
  'validation-data-dropped': [
    '不再列出已有的验证材料，验证仍从旧版本取用',
    'validation data that was there is listed no more; it is still taken from the earlier revision',
  ],
  'form-filling': ['填写了表单域', 'a form field was filled in'],
  annotation: ['增加了批注', 'an annotation was added'],
  'annotation-changed': ['批注被改动', 'an annotation was changed'],
  'annotations-removed': ['批注被删除', 'an annotation was removed'],
  metadata: ['更新了文档属性', 'the document properties were updated'],
  'file-identifier': ['文件标识改变', 'the identifier of the file changed'],
  structure: ['结构树增加了签名的条目', 'the structure tree gained an element for a signature'],
  unreachable: ['增加了未被引用的数据', 'data that nothing refers to was added'],
};

const FORBIDDEN_TEXT: Readonly<Record<string, readonly [string, string]>> = {
  'page-content': ['页面内容被改动', 'the content of the page was changed'],
  'page-resources': [
    '页面使用的字体、图像等资源被改动',
    'fonts, images or other resources of the page were changed',
  ],
  'page-entry': ['页面属性被改动', 'a property of the page was changed'],
  'pages-changed': ['增删了页面或改变了页序', 'pages were added, removed or reordered'],
  'catalog-entry': ['文档目录项被改动', 'an entry of the document catalog was changed'],
  'catalog-replaced': ['文档目录被替换', 'the document catalog was replaced'],
  'annotation-changed': ['批注被改动', 'an annotation was changed'],
  'annotations-removed': ['批注被删除或改变顺序', 'annotations were removed or reordered'],
  'widget-added': ['增加了遮盖页面的控件', 'a control that lies over the page was added'],
  'unsigned-field-with-appearance': [
    '增加了无人签署却显示内容的签名域',
    'a signature field that shows something but is signed by nobody was added',
  ],
  'field-added': ['增加了表单域', 'a form field was added'],
  'field-removed': ['删除了表单域', 'a form field was removed'],
  'field-replaced': ['替换了表单域', 'a form field was replaced'],
  'field-changed': ['改动了表单域', 'a form field was changed'],
  'field-appearance': [
    '表单域显示的内容与其数值不符',
    'a form field shows something else than its value',
  ],
  'field-covers': [
    '填写的表单域遮盖了已签署的内容',
    'a form field that was filled in hides signed content',
  ],
  'field-visibility': ['隐藏或显示了表单域', 'a form field was hidden or brought to light'],
  'timestamp-shown': [
    '增加的文档时间戳在页面上显示内容',
    'a document time-stamp that shows something on the page was added',
  ],
  'signature-covers': [
    '新签名的外观遮盖了页面文字或已有签名',
    'the look of a new signature hides signed text or an earlier signature',
  ],
  'annotation-action': ['增加了带动作的批注', 'an annotation with an action was added'],
  'annotation-kind': [
    '增加了可改变页面显示的批注',
    'an annotation of a kind that changes how the page looks was added',
  ],
  'annotation-covers': [
    '增加的批注遮盖了已签署的内容',
    'an annotation over signed content was added',
  ],
  'field-list-changed': ['表单域列表被改动', 'the list of form fields was changed'],
  'form-entry': ['表单属性被改动', 'a property of the form was changed'],
  'form-removed': ['表单被删除', 'the form was removed'],
  'signature-replaced': ['已有签名被替换', 'an existing signature was replaced'],
  'signature-borrowed': [
    '新增的签名域冒用了已有的签名',
    'a new signature field borrows a signature that was there',
  ],
  'permissions-added': ['签名之后增加了权限设置', 'permissions were added after the signature'],
  'encryption-changed': ['加密设置被改动', 'the encryption was changed'],
  'file-identifier-changed': ['文件标识被改动', 'the identifier of the file was changed'],
  'dangling-reference-filled': [
    '为已签内容中空缺的引用补入了数据',
    'a reference that led nowhere when it was signed now leads to something',
  ],
  'object-shared': [
    '改动了文档其他部分也使用的数据',
    'data that other parts of the document use too was changed',
  ],
  'object-replaced': ['已签署的数据被替换', 'signed data was replaced'],
  'object-added': ['增加了数据', 'data was added where nothing may be added'],
  'object-removed': ['删除了数据', 'signed data was removed'],
  unreadable: ['改动部分无法读取', 'the change cannot be read'],
};
const OTHERWISE = ['内容被改动', 'the content was changed'] as const;

const MM_PER_PT = 25.4 / 72;

interface Described {
  readonly change: ReportedChange;
  /** Names and numbers of the file. */
  readonly particulars: readonly string[];
}

/** One line a change: where, what, in Chinese and English, and its code and particulars for the expert. */
function lineOf({ change, particulars }: Described): string {
  const { code, permitted, revision, page, place } = change;
  const where = page === null ? '' : `第 ${page} 页`;
  const whereEn = page === null ? '' : `, page ${page}`;
  const at = place === null ? '' : `（距左 ${place.leftMm} 毫米、距底 ${place.bottomMm} 毫米处）`;
  const atEn =
    place === null ? '' : ` ${place.leftMm} mm from the left, ${place.bottomMm} mm from the bottom`;
  const more = particulars.map((each) => `, ${each}`).join('');
  return (
    `${permitted ? '' : '✘ '}第 ${revision} 版${where}${at}：${change.text}；` +
    `revision ${revision}${whereEn}${atEn}: ${change.textEn} (${code}${more})`
  );
}

function placed(
  { pageIndex, rect }: Pick<PermissibleChange, 'pageIndex' | 'rect'>,
  revisionIndex: number,
): Pick<ReportedChange, 'revision' | 'page' | 'place'> {
  const mm = (pt: number): number => Math.round(pt * MM_PER_PT);
  return {
    revision: revisionIndex + 1,
    page: pageIndex === undefined ? null : pageIndex + 1,
    place:
      rect === undefined
        ? null
        : {
            leftMm: mm(rect.x1),
            bottomMm: mm(rect.y1),
            widthMm: mm(rect.x2 - rect.x1),
            heightMm: mm(rect.y2 - rect.y1),
          },
  };
}

function describeForbidden(change: ForbiddenChange, revisionIndex: number): Described {
  const { what, detail, objectNumber } = change;
  const [text, textEn] = FORBIDDEN_TEXT[what] ?? OTHERWISE;
  return {
    change: {
      ...placed(change, revisionIndex),
      code: what,
      permitted: false,
      field: null,
      text,
      textEn,
    },
    particulars: [
      ...(detail === undefined ? [] : [detail]),
      ...(objectNumber === undefined ? [] : [`object ${objectNumber}`]),
    ],
  };
}

function describePermissible(
  change: PermissibleChange,
  revisionIndex: number,
  permitted: boolean,
): Described {
  const { kind, field } = change;
  const [text, textEn] = KIND_TEXT[kind];
  return {
    change: {
      ...placed(change, revisionIndex),
      code: kind,
      permitted,
      field: field ?? null,
      text,
      textEn,
    },
    particulars: field === undefined ? [] : [field],
  };
}

/** The verdict on everything that came after a signature. */
export function judgeChanges(steps: readonly StepChanges[], policy: ChangePolicy): ChangesAfter {
  const addedSince = new Set(
    steps.flatMap(({ permissible }) =>
      permissible.flatMap(({ kind, objectNumber }) =>
        kind === 'annotation' && objectNumber !== undefined ? [objectNumber] : [],
      ),
    ),
  );
  const described = steps.flatMap(({ forbidden, permissible, revisionIndex }) => [
    ...forbidden.map((change) => describeForbidden(change, revisionIndex)),
    ...permissible.map((change) =>
      describePermissible(change, revisionIndex, isPermitted(change, policy, addedSince)),
    ),
  ]);
  const changes = described.map(({ change }) => change);
  const isForbidden = changes.some(({ permitted }) => !permitted);
  return {
    verdict: isForbidden ? 'forbidden' : steps.length > 0 ? 'permitted' : 'none',
    details: described.map(lineOf),
    changes,
  };
}
