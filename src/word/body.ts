/** The body of a document as blocks of text, in order. */
import type { Align, Block, Grid, GridCell } from '../typesetting/index.js';
import type { Findings } from './findings.js';
import type { Numbering } from './numbering.js';
import { LINE_END, PAGE_END, PAGE_NUMBER, type ParagraphText } from './paragraph-text.js';
import { REFUSED_ELEMENTS, SILENT_ELEMENTS, TRANSPARENT_ELEMENTS } from './refused-names.js';
import { isNearestOn, nearest, type Styles } from './styles.js';
import { childOf, elementsOf, valueOf, type XmlElement } from './xml.js';

export interface BodyTools {
  readonly styles: Styles;
  readonly numbering: Numbering;
  readonly text: ParagraphText;
  readonly findings: Findings;
}

/** Longest text of a paragraph that is shown to say where something is. */
const EXCERPT = 12;
/** Longer than this, a centred line is no title. */
const LONGEST_TITLE = 40;
const OUTLINE_LEVELS = 9;

export class Body {
  readonly blocks: Block[] = [];
  readonly #tools: BodyTools;
  /** How each section begins, in order. */
  readonly #sections: readonly string[];
  #section = 0;
  #paragraphs = 0;
  #hasTitle = false;

  constructor(tools: BodyTools, sections: readonly XmlElement[]) {
    this.#tools = tools;
    this.#sections = sections.map((section) => valueOf(section, 'w:type') ?? 'nextPage');
  }

  read(element: XmlElement): void {
    for (const child of elementsOf(element)) this.#readChild(child);
  }

  #readChild(child: XmlElement): void {
    const { text, findings } = this.#tools;
    switch (child.name) {
      case 'w:p':
        this.#addParagraph(child);
        break;
      case 'w:tbl':
        this.#addTable(child);
        break;
      case 'w:sdt': {
        const content = childOf(child, 'w:sdtContent');
        if (text.control(child, this.#where('')) && content !== undefined) this.read(content);
        break;
      }
      default:
        if (TRANSPARENT_ELEMENTS.has(child.name)) this.read(child);
        else if (!SILENT_ELEMENTS.has(child.name)) {
          const kind = REFUSED_ELEMENTS.get(child.name) ?? 'unknown';
          findings.refuse(kind, this.#where(''), kind === 'unknown' ? child.name : '');
        }
    }
  }

  #addParagraph(paragraph: XmlElement): void {
    const { styles } = this.#tools;
    const properties = childOf(paragraph, 'w:pPr');
    const chain = styles.paragraphProperties(properties);
    if (isNearestOn(chain, 'w:pageBreakBefore')) this.#breakPage();
    const isContents = this.#tools.text.isWithinContents;
    const words = this.#wordsOf(paragraph);
    if (!isContents) {
      words.split(PAGE_END).forEach((part, index) => {
        if (index > 0) this.#breakPage();
        for (const line of part.split(LINE_END)) this.#addLine(line, properties, chain);
      });
    }
    if (childOf(properties, 'w:sectPr') !== undefined) this.#endSection();
  }

  #addLine(line: string, properties: XmlElement | undefined, chain: readonly XmlElement[]): void {
    const text = line.trim();
    if (text === '') return;
    const align = alignOf(chain);
    const isTitle =
      this.#tools.styles.nameOf(properties) === 'title' ||
      (this.blocks.length === 0 && align === 'centre' && text.length <= LONGEST_TITLE);
    if (isTitle && !this.#hasTitle) {
      this.#hasTitle = true;
      this.blocks.push({ kind: 'title', text, subtitle: '' });
      return;
    }
    const level = this.#headingLevel(properties, chain, text);
    this.blocks.push(
      level === undefined ? { kind: 'paragraph', text, align } : { kind: 'heading', text, level },
    );
  }

  /** Parts and annexes stand above articles, whatever the levels they were given. */
  #headingLevel(
    properties: XmlElement | undefined,
    chain: readonly XmlElement[],
    text: string,
  ): 1 | 2 | undefined {
    const outline = Number(nearest(chain, 'w:outlineLvl') ?? OUTLINE_LEVELS);
    const isNamed = /^heading [1-9]$/.test(this.#tools.styles.nameOf(properties));
    if (outline >= OUTLINE_LEVELS && !isNamed) return undefined;
    return /^(第[一二三四五六七八九十百\d]+(部分|编|章)|附件)/u.test(text) ? 1 : 2;
  }

  /** Text with its number; line and page ends within. */
  #wordsOf(paragraph: XmlElement): string {
    const { styles, numbering, text, findings } = this.#tools;
    this.#paragraphs++;
    const excerpt = textOf(paragraph).trim().slice(0, EXCERPT);
    const where = this.#where(excerpt);
    const words = text.of(paragraph, where);
    if (words.includes(PAGE_NUMBER)) findings.refuse('field', where, 'PAGE');
    const chain = styles.paragraphProperties(childOf(paragraph, 'w:pPr'));
    if (isNearestOn(chain, 'w:bidi')) findings.refuse('turned-text', where);
    const numbered = chain
      .map((each) => childOf(each, 'w:numPr'))
      .filter((each) => each !== undefined);
    const list = nearest(numbered, 'w:numId') ?? '0';
    if (list === '0') return words;
    const label = numbering.next(list, Number(nearest(numbered, 'w:ilvl') ?? 0));
    if (label === undefined) return words;
    if ('unknownFormat' in label) {
      findings.refuse('number-format', where, label.unknownFormat);
      return words;
    }
    if (label.isBullet) findings.tell('bullet');
    return `${label.text}${words}`;
  }

  #addTable(table: XmlElement): void {
    const grid = childOf(table, 'w:tblGrid');
    const widths = (grid === undefined ? [] : elementsOf(grid))
      .filter(({ name }) => name === 'w:gridCol')
      .map(({ attributes }) => Math.max(1, Number(attributes.get('w:w') ?? 1) || 1));
    const rows: Grid['rows'][number][] = [];
    let isHead = true;
    for (const row of childrenThrough(table, 'w:tr')) {
      const properties = childOf(row, 'w:trPr');
      isHead &&= childOf(properties, 'w:tblHeader') !== undefined;
      rows.push({ isHead, cells: this.#cellsOf(row, properties) });
    }
    const columns = Math.max(
      widths.length,
      ...rows.map(({ cells }) => cells.reduce((sum, { span }) => sum + span, 0)),
    );
    if (rows.length === 0) return;
    this.blocks.push({
      kind: 'grid',
      widths: Array.from({ length: columns }, (_, index) => widths[index] ?? 1),
      rows,
    });
  }

  #cellsOf(row: XmlElement, properties: XmlElement | undefined): readonly GridCell[] {
    const { findings } = this.#tools;
    const skipped = (name: string): readonly GridCell[] => {
      const span = Number(valueOf(properties, name) ?? 0);
      return span > 0 ? [{ text: '', span, align: 'left' }] : [];
    };
    if (properties !== undefined) {
      for (const { name } of elementsOf(properties)) {
        const kind =
          REFUSED_ELEMENTS.get(name) ?? (name === 'w:del' ? 'tracked-change' : undefined);
        if (kind !== undefined) findings.refuse(kind, this.#where('表格'));
      }
    }
    const cells = childrenThrough(row, 'w:tc').map((cell) => this.#cell(cell));
    return [...skipped('w:gridBefore'), ...cells, ...skipped('w:gridAfter')];
  }

  #cell(cell: XmlElement): GridCell {
    const { styles, findings } = this.#tools;
    const properties = childOf(cell, 'w:tcPr');
    const where = this.#where('表格');
    if (childOf(properties, 'w:vMerge') ?? childOf(properties, 'w:hMerge')) {
      findings.refuse('merged-rows', where);
    }
    if ((valueOf(properties, 'w:textDirection') ?? 'lrTb') !== 'lrTb') {
      findings.refuse('turned-text', where);
    }
    const lines: string[] = [];
    let align: Align = 'left';
    const visit = (element: XmlElement): void => {
      for (const child of elementsOf(element)) {
        if (child.name === 'w:p') {
          if (lines.length === 0) {
            align = alignOf(styles.paragraphProperties(childOf(child, 'w:pPr')));
          }
          lines.push(
            ...this.#wordsOf(child)
              .split(/[\n\f]/)
              .map((line) => line.trim()),
          );
        } else if (child.name === 'w:sdt' && this.#tools.text.control(child, where)) {
          visit(childOf(child, 'w:sdtContent') ?? child);
        } else if (child.name === 'w:tbl') findings.refuse('nested-table', where);
        else if (TRANSPARENT_ELEMENTS.has(child.name)) visit(child);
        else if (!SILENT_ELEMENTS.has(child.name)) {
          const kind = REFUSED_ELEMENTS.get(child.name) ?? 'unknown';
          findings.refuse(kind, where, kind === 'unknown' ? child.name : '');
        }
      }
    };
    visit(cell);
    const text = lines.join(LINE_END).replace(/\n+$/, '');
    return { text, span: Math.max(1, Number(valueOf(properties, 'w:gridSpan') ?? 1)), align };
  }

  #endSection(): void {
    this.#section++;
    const begins = this.#sections[this.#section] ?? 'nextPage';
    if (begins !== 'continuous') this.#breakPage();
  }

  #breakPage(): void {
    const last = this.blocks.at(-1);
    if (last !== undefined && last.kind !== 'page-break') this.blocks.push({ kind: 'page-break' });
  }

  #where(excerpt: string): string {
    return `第 ${this.#paragraphs} 段${excerpt === '' ? '' : `“${excerpt}”`}：`;
  }
}

function alignOf(chain: readonly XmlElement[]): Align {
  const side = nearest(chain, 'w:jc');
  if (side === 'center') return 'centre';
  return side === 'right' || side === 'end' ? 'right' : 'left';
}

/** Rows and cells, also where content controls stand around them. */
function childrenThrough(element: XmlElement, name: string): readonly XmlElement[] {
  return elementsOf(element).flatMap((child) => {
    if (child.name === name) return [child];
    const isAround = child.name === 'w:sdt' || TRANSPARENT_ELEMENTS.has(child.name);
    return isAround ? childrenThrough(child, name) : [];
  });
}

/** The text as it stands, whatever is around it: to say where something is. */
function textOf(element: XmlElement): string {
  return element.kids
    .map((kid) => {
      if (typeof kid !== 'string') return textOf(kid);
      return element.name === 'w:t' ? kid : '';
    })
    .join('');
}
