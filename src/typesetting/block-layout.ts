/** How each kind of block looks on paper. */
import type { Align, Block, Field, PictureBlock, SignaturePlace } from './blocks.js';
import { beginningPt, isAnnouncing, signaturesSize, signedUnder } from './kept-together.js';
import { breakLines } from './line-breaking.js';
import {
  PAGE,
  baselineDropPt,
  measureIn,
  shiftPt,
  type PageFlow,
  type TextStyle,
} from './page-flow.js';
import type { StructureRole } from './structure.js';
import {
  HEADING_ABOVE_PT,
  PT_PER_MM,
  SEAL_AREA_PT,
  SIGNATURE_GAP_PT,
  SIGNATURE_NOTE_PT,
  TABLE_ABOVE_PT,
  type Styles,
} from './styles.js';
import { layOutTable } from './table-layout.js';

/** Where a party's seal goes: its centre, in points from the bottom left of the page. */
export interface SealPlace {
  readonly key: string;
  /** 0 is the first page. */
  readonly pageIndex: number;
  readonly xPt: number;
  readonly yPt: number;
  /** Edge of the square that is kept free. */
  readonly sizePt: number;
  readonly field?: SignaturePlace['field'];
}

/** A heading as the outline shows it. */
export interface Bookmark {
  readonly text: string;
  readonly level: 1 | 2;
  readonly pageIndex: number;
  readonly topPt: number;
}

export interface LayoutResult {
  readonly bookmarks: Bookmark[];
  readonly places: SealPlace[];
}

/**
 * Draws the first of `blocks` where the flow stands and notes bookmarks and places for seals in `result`.
 *
 * @param blocks - With some of what follows: what belongs together begins on the same page.
 */
export function layOutBlock(
  flow: PageFlow,
  blocks: readonly [Block, ...Block[]],
  styles: Styles,
  result: LayoutResult,
): void {
  const [block] = blocks;
  // Texts are most of a document: those that stand alone are broken into lines once, where they are set.
  if (block.kind !== 'paragraph' || isAnnouncing(blocks)) {
    flow.ensure(beginningPt(blocks, styles));
  }
  switch (block.kind) {
    case 'cover':
      layOutCover(flow, block, styles);
      break;
    case 'title':
      layOutText(flow, block.text, styles.pageTitle, { align: 'centre', role: 'H1' });
      if (block.subtitle !== '') {
        layOutText(flow, block.subtitle, styles.margin, { align: 'centre' });
      }
      flow.space(6);
      break;
    case 'verdict':
      layOutVerdict(flow, block, styles);
      break;
    case 'heading':
      layOutHeading(flow, block, styles, result);
      break;
    case 'page-break':
      if (flow.yPt < PAGE.topPt) flow.breakPage();
      break;
    case 'paragraph':
      layOutText(flow, block.text, styles.body, {
        align: block.align,
        indentPt: block.align === 'left' ? 2 * styles.body.sizePt : 0,
      });
      break;
    case 'fields':
      layOutFields(flow, block, styles);
      break;
    case 'table':
    case 'grid':
      flow.space(TABLE_ABOVE_PT);
      layOutTable(flow, block, styles.cell, styles.cellStrong);
      flow.space(8);
      break;
    case 'picture':
      layOutPicture(flow, block);
      break;
    case 'signatures':
      layOutSignatures(flow, block, styles, result);
      break;
  }
}

function layOutHeading(
  flow: PageFlow,
  { text, level }: Extract<Block, { kind: 'heading' }>,
  styles: Styles,
  result: LayoutResult,
): void {
  const style = level === 1 ? styles.part : styles.heading;
  if (flow.yPt < PAGE.topPt) flow.space(HEADING_ABOVE_PT[level]);
  result.bookmarks.push({ text, level, pageIndex: flow.pageIndex, topPt: flow.yPt });
  // Levels are not skipped: what stands below no part is of the second level.
  const isBelowPart = level === 2 && result.bookmarks.some((each) => each.level === 1);
  layOutText(flow, text, style, {
    align: level === 1 ? 'centre' : 'left',
    role: isBelowPart ? 'H3' : 'H2',
  });
  if (level === 1) flow.space(8);
}

interface TextPlacing {
  readonly align: Align;
  /** A paragraph where absent; `inline` goes into the element that is open. */
  readonly role?: StructureRole | 'inline';
  readonly indentPt?: number;
  readonly leftPt?: number;
  readonly widthPt?: number;
}

function layOutText(flow: PageFlow, text: string, style: TextStyle, placing: TextPlacing): void {
  const { align, indentPt = 0, leftPt = PAGE.leftPt, widthPt = PAGE.textWidthPt } = placing;
  const lines = breakLines(text, measureIn(style), widthPt, indentPt);
  const draw = (): void =>
    lines.forEach((line, index) => {
      // A paragraph's last line does not stand alone on a page, nor its first at a page's foot.
      const together = lines.length > 1 && (index === 0 || index === lines.length - 2) ? 2 : 1;
      flow.ensure(together * style.leadingPt);
      const indent = index === 0 ? indentPt : 0;
      const xPt = leftPt + indent + shiftPt(line, align, widthPt - indent);
      const baselinePt = flow.yPt - baselineDropPt(style);
      const spreadToPt = line.isContinued && align === 'left' ? widthPt - indent : undefined;
      flow.text(line, style, { xPt, baselinePt }, spreadToPt);
      flow.space(style.leadingPt);
    });
  const role = placing.role ?? 'P';
  if (role === 'inline') draw();
  else flow.within(role, draw);
}

function layOutCover(
  flow: PageFlow,
  cover: Extract<Block, { kind: 'cover' }>,
  styles: Styles,
): void {
  flow.space(120);
  layOutText(flow, cover.title, styles.title, { align: 'centre', role: 'H1' });
  if (cover.subtitle !== '') {
    flow.space(6);
    layOutText(flow, cover.subtitle, styles.subtitle, { align: 'centre' });
  }
  flow.space(110);
  const style: TextStyle = { ...styles.body, sizePt: 14, leadingPt: 27 };
  layOutFieldRows(flow, cover.rows, style, { leftPt: PAGE.leftPt + 40, widthPt: 352 });
  flow.breakPage();
}

const VERDICT_PADDING_PT = 10;

/** Framed; a bar at the left, thick for what is bad, tells the tones apart without colour. */
function layOutVerdict(
  flow: PageFlow,
  block: Extract<Block, { kind: 'verdict' }>,
  styles: Styles,
): void {
  const { leftPt, textWidthPt } = PAGE;
  const inner = { leftPt: leftPt + 16, widthPt: textWidthPt - 32 };
  const linesOf = (text: string, style: TextStyle): number =>
    text === '' ? 0 : breakLines(text, measureIn(style), inner.widthPt).length;
  const heightPt =
    linesOf(block.text, styles.pageTitle) * styles.pageTitle.leadingPt +
    linesOf(block.detail, styles.body) * styles.body.leadingPt +
    2 * VERDICT_PADDING_PT;
  flow.ensure(heightPt);
  const topPt = flow.yPt;
  const bottomPt = topPt - heightPt;
  const rightPt = leftPt + textWidthPt;
  const colour = TONES[block.tone];
  flow.rule([leftPt, topPt], [rightPt, topPt], 1, flow.pageIndex, colour);
  flow.rule([leftPt, bottomPt], [rightPt, bottomPt], 1, flow.pageIndex, colour);
  flow.rule([rightPt, topPt], [rightPt, bottomPt], 1, flow.pageIndex, colour);
  flow.rule([leftPt + 3, topPt], [leftPt + 3, bottomPt], 6, flow.pageIndex, colour);
  flow.space(VERDICT_PADDING_PT);
  layOutText(flow, block.text, styles.pageTitle, { align: 'left', ...inner });
  if (block.detail !== '') {
    layOutText(flow, block.detail, styles.body, { align: 'left', ...inner });
  }
  flow.yPt = bottomPt;
  flow.space(8);
}

const TONES = {
  good: [0.05, 0.45, 0.2],
  bad: [0.75, 0.1, 0.1],
  open: [0.7, 0.45, 0],
} as const;

function layOutFields(
  flow: PageFlow,
  block: Extract<Block, { kind: 'fields' }>,
  styles: Styles,
): void {
  if (block.title !== '') {
    layOutText(flow, block.title, styles.strong, { align: 'left' });
  }
  const { leftPt, textWidthPt } = PAGE;
  const indent = 2 * styles.body.sizePt;
  layOutFieldRows(flow, block.rows, styles.body, {
    leftPt: leftPt + indent,
    widthPt: textWidthPt - indent,
  });
  flow.space(6);
}

/** Labels in one column, values beside them, wrapped within their own. */
function layOutFieldRows(
  flow: PageFlow,
  rows: readonly Field[],
  style: TextStyle,
  column: { readonly leftPt: number; readonly widthPt: number },
): void {
  const measure = measureIn(style);
  // A row without a label goes on with the one above it.
  const labelOf = ({ label }: Field): string => (label === '' ? '' : `${label}：`);
  const labelPt = Math.max(0, ...rows.map((row) => measure(labelOf(row))));
  for (const row of rows) {
    flow.ensure(style.leadingPt);
    const label = labelOf(row);
    flow.within('P', () => {
      flow.text({ pieces: [label], widthPt: measure(label) }, style, {
        xPt: column.leftPt,
        baselinePt: flow.yPt - baselineDropPt(style),
      });
      layOutText(flow, row.value, style, {
        align: 'left',
        role: 'inline',
        leftPt: column.leftPt + labelPt,
        widthPt: column.widthPt - labelPt,
      });
    });
  }
}

function layOutPicture(flow: PageFlow, { png, widthMm, heightMm, alt }: PictureBlock): void {
  const size = { widthPt: widthMm * PT_PER_MM, heightPt: heightMm * PT_PER_MM };
  const xPt = PAGE.leftPt + (PAGE.textWidthPt - size.widthPt) / 2;
  const yPt = flow.yPt - size.heightPt;
  const box = [xPt, yPt, xPt + size.widthPt, flow.yPt].map(hundredths);
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = box;
  flow.within('Figure', () => flow.picture(png, { xPt, yPt }, size), {
    figure: { alt, box: [x0, y0, x1, y1] },
  });
  flow.space(size.heightPt + 6);
}

/** Both parties side by side on one page: name, free place for the seal, what is signed under. */
function layOutSignatures(
  flow: PageFlow,
  block: Extract<Block, { kind: 'signatures' }>,
  styles: Styles,
  result: LayoutResult,
): void {
  const { widthPt, headPt, heightPt } = signaturesSize(block, styles);
  const bottomPt = flow.yPt - heightPt;
  layOutText(flow, block.note, styles.body, { align: 'left', indentPt: 2 * styles.body.sizePt });
  flow.space(SIGNATURE_NOTE_PT);
  const topPt = flow.yPt;
  block.parties.forEach((party, index) => {
    const leftPt = PAGE.leftPt + index * (widthPt + SIGNATURE_GAP_PT);
    flow.yPt = topPt;
    layOutText(flow, party.title, styles.strong, { align: 'left', leftPt, widthPt });
    layOutText(flow, party.name, styles.body, { align: 'left', leftPt, widthPt });
    flow.yPt = topPt - headPt;
    placeSeals(flow, party.places, { leftPt, widthPt }, result);
    flow.yPt -= SEAL_AREA_PT.unit;
    for (const row of party.rows) {
      layOutText(flow, signedUnder(row), styles.body, {
        align: 'left',
        leftPt,
        widthPt,
      });
    }
  });
  flow.yPt = bottomPt;
}

/** Side by side in the middle of their party's half. */
function placeSeals(
  flow: PageFlow,
  places: readonly SignaturePlace[],
  half: { readonly leftPt: number; readonly widthPt: number },
  result: LayoutResult,
): void {
  const totalPt = places.reduce((sum, { size }) => sum + SEAL_AREA_PT[size], 0);
  let leftPt = half.leftPt + (half.widthPt - totalPt) / 2;
  for (const { key, size, field } of places) {
    const sizePt = SEAL_AREA_PT[size];
    result.places.push({
      key,
      pageIndex: flow.pageIndex,
      xPt: hundredths(leftPt + sizePt / 2),
      yPt: hundredths(flow.yPt - SEAL_AREA_PT.unit / 2),
      sizePt,
      ...(field === undefined ? {} : { field }),
    });
    leftPt += sizePt;
  }
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;
