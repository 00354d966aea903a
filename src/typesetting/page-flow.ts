/** Pages filled from top to bottom: where the next line goes, and the drawing operators of each page. */
import type { Align } from './blocks.js';
import type { EmbeddedFont } from './embedded-font.js';
import type { Line } from './line-breaking.js';
import { StructureElement, type StructureAttributes, type StructureRole } from './structure.js';

/** A4 in points, and a text width of 36 characters at 12 points. */
export const PAGE = {
  widthPt: 595.28,
  heightPt: 841.89,
  leftPt: 81.64,
  textWidthPt: 432,
  topPt: 841.89 - 88,
  bottomPt: 76,
} as const;

/** A face as the pages' resources name it. */
export interface PageFont {
  readonly name: 'F1' | 'F2';
  readonly embedded: EmbeddedFont;
}

export interface TextStyle {
  readonly font: PageFont;
  readonly sizePt: number;
  /** From baseline to baseline. */
  readonly leadingPt: number;
}

/** More space than this between two characters, in em, looks torn; the line is left ragged instead. */
const MAX_SPREAD_EM = 0.08;

/** A picture as the resources of its page name it. */
export interface PlacedPicture {
  readonly name: string;
  readonly png: Uint8Array;
  readonly pageIndex: number;
}

export class PageFlow {
  /** Top of what comes next, in points from the bottom of the page. */
  yPt: number = PAGE.topPt;
  /** The structure of what is drawn. */
  readonly root = new StructureElement('Document');
  readonly pictures: PlacedPicture[] = [];
  readonly #pages: string[][] = [[]];
  /** Elements that are open, from the root down. */
  readonly #path: StructureElement[] = [this.root];
  /** How many marked-content sequences each page has. */
  readonly #sequences: number[] = [];
  #isArtifact = false;
  /** The sequence that the next text may go on with. */
  #open: { readonly pageIndex: number; readonly element: StructureElement } | undefined;

  get pageIndex(): number {
    return this.#pages.length - 1;
  }

  get pageCount(): number {
    return this.#pages.length;
  }

  get remainingPt(): number {
    return this.yPt - PAGE.bottomPt;
  }

  /** Content stream of a page, once nothing more is drawn. */
  contentOf(pageIndex: number): string {
    this.#endSequence();
    return (this.#pages[pageIndex] ?? []).join('\n');
  }

  breakPage(): void {
    this.#pages.push([]);
    this.yPt = PAGE.topPt;
  }

  /** What `draw` draws is the content of a new element of the structure. */
  within(role: StructureRole, draw: () => void, attributes: StructureAttributes = {}): void {
    const element = new StructureElement(role, attributes);
    this.#path.at(-1)?.kids.push(element);
    this.#path.push(element);
    draw();
    this.#path.pop();
  }

  /** What `draw` draws belongs to the page, not to the document: rules, heads repeated, page numbers. */
  artifact(pageIndex: number, draw: () => void, kind?: 'Pagination'): void {
    this.#endSequence();
    const page = this.#pages[pageIndex];
    page?.push(kind === undefined ? '/Artifact BMC' : `/Artifact <</Type /${kind}>> BDC`);
    this.#isArtifact = true;
    draw();
    this.#isArtifact = false;
    page?.push('EMC');
  }

  /** Starts a page unless `heightPt` fits on this one; a page without content is not left behind. */
  ensure(heightPt: number): void {
    if (this.remainingPt < heightPt && this.yPt < PAGE.topPt) this.breakPage();
  }

  space(heightPt: number): void {
    this.yPt = Math.max(PAGE.bottomPt, this.yPt - heightPt);
  }

  /**
   * One line with its baseline at `baselinePt`. Where `spreadToPt` is given the space up to it is
   * put between the pieces, as far as that looks well.
   */
  text(
    line: Pick<Line, 'pieces' | 'widthPt'>,
    style: TextStyle,
    at: { readonly xPt: number; readonly baselinePt: number },
    spreadToPt?: number,
    pageIndex = this.pageIndex,
  ): void {
    const gaps = line.pieces.length - 1;
    const slackPt = spreadToPt === undefined ? 0 : spreadToPt - line.widthPt;
    const gapPt = gaps > 0 ? slackPt / gaps : 0;
    const isSpread = gapPt !== 0 && Math.abs(gapPt) <= MAX_SPREAD_EM * style.sizePt;
    const encode = (text: string): string => `<${style.font.embedded.encode(text)}>`;
    const shown = isSpread
      ? `[${line.pieces.map(encode).join(point((-gapPt / style.sizePt) * 1000))}] TJ`
      : `${encode(line.pieces.join(''))} Tj`;
    this.#beginSequence(pageIndex);
    this.#pages[pageIndex]?.push(
      `BT /${style.font.name} ${point(style.sizePt)} Tf ${point(at.xPt)} ${point(at.baselinePt)} Td ${shown} ET`,
    );
  }

  /** A picture with its lower left corner at `at`. */
  picture(
    png: Uint8Array,
    at: { readonly xPt: number; readonly yPt: number },
    size: { readonly widthPt: number; readonly heightPt: number },
  ): void {
    this.#beginSequence(this.pageIndex);
    const name = `Im${this.pictures.length + 1}`;
    this.pictures.push({ name, png, pageIndex: this.pageIndex });
    const place = [size.widthPt, 0, 0, size.heightPt, at.xPt, at.yPt].map(point).join(' ');
    this.#pages[this.pageIndex]?.push(`q ${place} cm /${name} Do Q`);
  }

  /** A straight line; black unless a colour (red, green, blue, 0 to 1) is given. */
  rule(
    from: readonly [xPt: number, yPt: number],
    to: readonly [xPt: number, yPt: number],
    widthPt = 0.5,
    pageIndex = this.pageIndex,
    colour?: readonly [number, number, number],
  ): void {
    if (!this.#isArtifact) {
      this.artifact(pageIndex, () => this.rule(from, to, widthPt, pageIndex, colour));
      return;
    }
    const line = `${point(widthPt)} w ${point(from[0])} ${point(from[1])} m ${point(to[0])} ${point(to[1])} l S`;
    this.#pages[pageIndex]?.push(
      colour === undefined ? line : `q ${colour.map(point).join(' ')} RG ${line} Q`,
    );
  }

  /** Text goes on with the sequence of its element, or begins one. */
  #beginSequence(pageIndex: number): void {
    const element = this.#path.at(-1);
    if (this.#isArtifact || element === undefined) return;
    if (this.#open?.element === element && this.#open.pageIndex === pageIndex) return;
    this.#endSequence();
    const mcid = this.#sequences[pageIndex] ?? 0;
    this.#sequences[pageIndex] = mcid + 1;
    element.kids.push({ pageIndex, mcid });
    this.#pages[pageIndex]?.push(`/${element.role} <</MCID ${mcid}>> BDC`);
    this.#open = { pageIndex, element };
  }

  #endSequence(): void {
    if (this.#open === undefined) return;
    this.#pages[this.#open.pageIndex]?.push('EMC');
    this.#open = undefined;
  }
}

/** A number as PDF writes it, to a hundredth of a point. */
function point(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Width of text in a style, for line breaking. */
export function measureIn(style: TextStyle): (text: string) => number {
  return (text) => style.font.embedded.widthPt(text, style.sizePt);
}

/** Distance from the top of a line to its baseline: the characters stand in its middle. */
export function baselineDropPt(style: TextStyle): number {
  return style.leadingPt / 2 + style.sizePt * 0.38;
}

/** How far a line is moved to the right within `widthPt`. */
export function shiftPt(line: Line, align: Align, widthPt: number): number {
  if (align === 'left') return 0;
  const slack = Math.max(0, widthPt - line.widthPt);
  return align === 'centre' ? slack / 2 : slack;
}
