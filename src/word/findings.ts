/** What a Word document holds that cannot be set as it is: refused by name, or told where it only looks otherwise. */

/** Refused: leaving it out would change what is agreed, or hide what the author saw. */
const REFUSED = {
  macros: ['含有宏', 'macros'],
  'embedded-object': ['含有嵌入对象或控件', 'an embedded object or control'],
  'external-content': ['引用文档以外的内容', 'content outside the document'],
  'imported-part': ['含有插入的其他文档', 'another document inserted'],
  'tracked-change': ['含有未接受的修订', 'a tracked change that is not accepted'],
  comment: ['含有批注', 'a comment'],
  'hidden-text': ['含有隐藏或白色文字', 'hidden or white text'],
  'struck-text': ['含有删除线文字', 'struck-through text'],
  field: ['含有自动更新的域', 'a field'],
  picture: ['含有图片', 'a picture'],
  shape: ['含有文本框、图形或艺术字', 'a text box or shape'],
  formula: ['含有公式', 'a formula'],
  note: ['含有脚注或尾注', 'a footnote or endnote'],
  'raised-text': ['含有无法排出的上标或下标', 'raised or lowered text that cannot be set'],
  symbol: ['含有符号字体的字符', 'a character of a symbol font'],
  ruby: ['含有拼音标注', 'phonetic guides'],
  frame: ['含有图文框', 'a text frame'],
  'merged-rows': ['表格含有纵向合并的单元格', 'a table cell merged over rows'],
  'nested-table': ['表格中含有表格', 'a table within a table'],
  'turned-text': ['含有竖排或从右到左的文字', 'vertical or right-to-left text'],
  'number-format': ['含有无法排出的编号格式', 'a number format that cannot be set'],
  'empty-control': ['内容控件仍未填写', 'a content control that is not filled in'],
  'page-header': ['各页页眉不同或过长', 'page headers that differ or are too long'],
  'page-footer': ['页脚含有页码以外的文字', 'a page footer that says more than page numbers'],
  unknown: ['含有无法识别的内容', 'content that is not known'],
} as const satisfies Record<string, readonly [string, string]>;
export type RefusedKind = keyof typeof REFUSED;

/** Told: what is said stays, how it looks changes. */
const TOLD = {
  looks: [
    '字体、字号、颜色、加粗、下划线和缩进改为统一版式',
    'fonts, sizes, colours, emphasis and indents give way to one setting',
  ],
  link: ['超链接只保留文字', 'hyperlinks keep their text alone'],
  contents: ['目录由 PDF 书签代替', 'the table of contents gives way to the outline'],
  'page-numbers': ['页码重新编排', 'pages are numbered anew'],
  'page-size': ['改为 A4 纵向单栏', 'set on A4, upright, in one column'],
  bullet: ['项目符号改为“•”', 'bullets become •'],
} as const satisfies Record<string, readonly [string, string]>;
export type ToldKind = keyof typeof TOLD;

export interface WordNotice {
  readonly kind: ToldKind;
  readonly text: string;
  readonly textEn: string;
}

/** Faults that are listed; who has more mends these first. */
const MOST_FAULTS = 50;
const MOST_DETAIL = 80;

export class Findings {
  readonly #faults = new Set<string>();
  readonly #told = new Set<ToldKind>();

  /** @param detail - what exactly, in the document's own words */
  refuse(kind: RefusedKind, where: string, detail = ''): void {
    const [text, textEn] = REFUSED[kind];
    const what = detail === '' ? '' : ` ${detail.slice(0, MOST_DETAIL)}`;
    this.#faults.add(`${kind}: ${where}${text}${what} (${textEn})`);
  }

  tell(kind: ToldKind): void {
    this.#told.add(kind);
  }

  /** One `kind: where and what` each. */
  get faults(): readonly string[] {
    return [...this.#faults].slice(0, MOST_FAULTS);
  }

  get notices(): readonly WordNotice[] {
    return [...this.#told].map((kind) => ({ kind, text: TOLD[kind][0], textEn: TOLD[kind][1] }));
  }
}
