/**
 * What a document may hold that makes it more than its pages, and whether it is signed all the same: what
 * can change what is seen, by code, by time or by a click, is refused; what merely is odd is reported.
 */

export type AdmissionVerdict = 'refused' | 'reported' | 'allowed';

interface KindRow {
  /** Unless the policy allows the kind. */
  readonly verdict: 'refused' | 'reported';
  readonly text: string;
  readonly textEn: string;
}

const refused = (text: string, textEn: string): KindRow => ({ verdict: 'refused', text, textEn });
const reported = (text: string, textEn: string): KindRow => ({ verdict: 'reported', text, textEn });

/** @see ISO 32000-2:2020, 12.6.4 (actions), 12.5.6 (annotations), 8.11 (optional content) */
export const ADMISSION_KINDS = {
  xfa: refused('XFA 动态表单', 'XFA form, which redraws the document'),
  javascript: refused('JavaScript 脚本', 'JavaScript'),
  launch: refused('启动外部程序的动作', 'action that launches a program'),
  'submit-form': refused('提交表单的动作', 'action that submits the form'),
  'import-data': refused('导入数据的动作', 'action that imports data'),
  'layer-action': refused('切换图层的动作', 'action that switches layers'),
  'hide-action': refused('隐藏或显示内容的动作', 'action that hides or shows content'),
  multimedia: refused('音视频或三维内容', 'sound, film or 3D content'),
  'rich-media': refused('富媒体内容', 'rich media'),
  'external-stream': refused('取自外部文件的内容', 'content taken from another file'),
  'reference-xobject': refused('引用其他文件的页面', 'page of another file shown by reference'),
  'postscript-xobject': refused('PostScript 片段', 'PostScript fragment'),
  'alternate-image': refused('打印时替换的图像', 'image exchanged for another when printed'),
  'hidden-layer': refused('默认隐藏的图层', 'layer that is hidden by default'),
  'automatic-layer': refused(
    '随查看、打印或缩放变化的图层',
    'layer that changes between viewing, printing, exporting or zooms',
  ),
  portfolio: refused('PDF 包（文件集合）', 'portfolio of files'),
  'file-link': reported('指向本地文件的链接', 'link to a file'),
  'remote-go-to': reported('跳转到其他文件的动作', 'link into another file'),
  'need-appearances': reported('表单外观由阅读器重绘', 'form whose appearances viewers redraw'),
  'hidden-annotation': reported('隐藏的批注', 'hidden annotation'),
  'embedded-file': reported('内嵌文件', 'embedded file'),
  'font-not-embedded': reported('未嵌入的字体', 'font that is not embedded'),
} as const satisfies Readonly<Record<string, KindRow>>;

export type AdmissionKind = keyof typeof ADMISSION_KINDS;

/** Kinds that are signed without a word; `all` stands for every kind. */
export type AdmissionPolicy = readonly (AdmissionKind | 'all')[];

export function isAdmissionKind(name: string): name is AdmissionKind | 'all' {
  return name === 'all' || Object.hasOwn(ADMISSION_KINDS, name);
}

export function verdictOn(kind: AdmissionKind, policy: AdmissionPolicy): AdmissionVerdict {
  return policy.includes('all') || policy.includes(kind)
    ? 'allowed'
    : ADMISSION_KINDS[kind].verdict;
}

export interface AdmissionFinding {
  readonly kind: AdmissionKind;
  readonly verdict: AdmissionVerdict;
  /** 1 is the first page; undefined where it concerns the document as a whole. */
  readonly page: number | undefined;
  /** What exactly: a field, a font, a layer, an event. Empty where the kind says it all. */
  readonly detail: string;
  readonly text: string;
  readonly textEn: string;
}
