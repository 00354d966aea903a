/** How each kind of block looks on paper. */
import type { SealPlace } from '../record.js';
import type { Align, FilledBlock, FilledField, FilledSignature } from './filled-template.js';
import { breakLines, type Line } from './line-breaking.js';
import {
  PAGE,
  baselineDropPt,
  measureIn,
  shiftPt,
  type PageFlow,
  type PageFont,
  type TextStyle,
} from './page-flow.js';
import { layOutTable } from './table-layout.js';

export interface Styles {
  readonly title: TextStyle;
  readonly subtitle: TextStyle;
  readonly heading: TextStyle;
  readonly body: TextStyle;
  readonly strong: TextStyle;
  readonly cell: TextStyle;
  readonly cellStrong: TextStyle;
  readonly margin: TextStyle;
}

export function stylesOf(regular: PageFont, bold: PageFont): Styles {
  return {
    title: { font: bold, sizePt: 26, leadingPt: 40 },
    subtitle: { font: regular, sizePt: 16, leadingPt: 26 },
    heading: { font: bold, sizePt: 13, leadingPt: 22 },
    body: { font: regular, sizePt: 12, leadingPt: 21 },
    strong: { font: bold, sizePt: 12, leadingPt: 21 },
    cell: { font: regular, sizePt: 10, leadingPt: 14.5 },
    cellStrong: { font: bold, sizePt: 10, leadingPt: 14.5 },
    margin: { font: regular, sizePt: 9, leadingPt: 12 },
  };
}

/** A heading as the outline shows it. */
export interface Bookmark {
  readonly text: string;
  readonly pageIndex: number;
  readonly topPt: number;
}

export interface LayoutResult {
  readonly bookmarks: Bookmark[];
  readonly sealPlaces: SealPlace[];
}

/** Diameter of the largest seal put on a contract, 42 mm, and the height kept free for one. */
const SEAL_AREA_PT = 128;

/** Draws `block` where the flow stands and notes bookmarks and places for seals in `result`. */
export function layOutBlock(
  flow: PageFlow,
  block: FilledBlock,
  styles: Styles,
  result: LayoutResult,
): void {
  switch (block.kind) {
    case 'cover':
      layOutCover(flow, block, styles);
      break;
    case 'heading': {
      // A heading is not left alone at the foot of a page: two lines follow it.
      flow.ensure(8 + styles.heading.leadingPt + 2 * styles.body.leadingPt);
      if (flow.yPt < PAGE.topPt) flow.space(8);
      result.bookmarks.push({ text: block.text, pageIndex: flow.pageIndex, topPt: flow.yPt });
      layOutText(flow, block.text, styles.heading, { align: 'left' });
      break;
    }
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
      flow.space(4);
      layOutTable(flow, block, styles.cell, styles.cellStrong);
      flow.space(8);
      break;
    case 'signatures':
      layOutSignatures(flow, block, styles, result);
      break;
  }
}

interface TextPlacing {
  readonly align: Align;
  readonly indentPt?: number;
  readonly leftPt?: number;
  readonly widthPt?: number;
}

function layOutText(flow: PageFlow, text: string, style: TextStyle, placing: TextPlacing): void {
  const { align, indentPt = 0, leftPt = PAGE.leftPt, widthPt = PAGE.textWidthPt } = placing;
  const lines = breakLines(text, measureIn(style), widthPt, indentPt);
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
}

function layOutCover(
  flow: PageFlow,
  cover: Extract<FilledBlock, { kind: 'cover' }>,
  styles: Styles,
): void {
  flow.space(120);
  layOutText(flow, cover.title, styles.title, { align: 'centre' });
  if (cover.subtitle !== '') {
    flow.space(6);
    layOutText(flow, cover.subtitle, styles.subtitle, { align: 'centre' });
  }
  flow.space(110);
  const style: TextStyle = { ...styles.body, sizePt: 14, leadingPt: 27 };
  layOutFieldRows(flow, cover.rows, style, { leftPt: PAGE.leftPt + 40, widthPt: 352 });
  flow.breakPage();
}

function layOutFields(
  flow: PageFlow,
  block: Extract<FilledBlock, { kind: 'fields' }>,
  styles: Styles,
): void {
  if (block.title !== '') {
    flow.ensure(3 * styles.strong.leadingPt);
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
  rows: readonly FilledField[],
  style: TextStyle,
  column: { readonly leftPt: number; readonly widthPt: number },
): void {
  const measure = measureIn(style);
  const labelPt = Math.max(0, ...rows.map((row) => measure(`${row.label}：`)));
  for (const row of rows) {
    flow.ensure(style.leadingPt);
    const label = `${row.label}：`;
    flow.text({ pieces: [label], widthPt: measure(label) }, style, {
      xPt: column.leftPt,
      baselinePt: flow.yPt - baselineDropPt(style),
    });
    layOutText(flow, row.value, style, {
      align: 'left',
      leftPt: column.leftPt + labelPt,
      widthPt: column.widthPt - labelPt,
    });
  }
}

const SIGNATURE_GAP_PT = 20;

/** Both parties side by side on one page: name, free place for the seal, what is signed under. */
function layOutSignatures(
  flow: PageFlow,
  block: Extract<FilledBlock, { kind: 'signatures' }>,
  styles: Styles,
  result: LayoutResult,
): void {
  const widthPt = (PAGE.textWidthPt - SIGNATURE_GAP_PT) / 2;
  const nameLines = (party: FilledSignature): number =>
    breakLines(party.name, measureIn(styles.body), widthPt).length;
  const rowLines = (party: FilledSignature): readonly Line[] =>
    party.rows.flatMap((row) =>
      breakLines(`${row.label}：${row.value}`, measureIn(styles.body), widthPt),
    );
  const names = Math.max(...block.parties.map(nameLines));
  const rows = Math.max(...block.parties.map((party) => rowLines(party).length));
  const heightPt = (2 + names + rows) * styles.body.leadingPt + SEAL_AREA_PT + 24;
  flow.ensure(heightPt);
  layOutText(flow, block.note, styles.body, { align: 'left', indentPt: 2 * styles.body.sizePt });
  flow.space(24);
  const topPt = flow.yPt;
  block.parties.forEach((party, index) => {
    const leftPt = PAGE.leftPt + index * (widthPt + SIGNATURE_GAP_PT);
    flow.yPt = topPt;
    layOutText(flow, party.title, styles.strong, { align: 'left', leftPt, widthPt });
    layOutText(flow, party.name, styles.body, { align: 'left', leftPt, widthPt });
    flow.yPt = topPt - styles.strong.leadingPt - names * styles.body.leadingPt;
    result.sealPlaces.push({
      role: party.role,
      pageIndex: flow.pageIndex,
      xPt: Math.round((leftPt + widthPt / 2) * 100) / 100,
      yPt: Math.round((flow.yPt - SEAL_AREA_PT / 2) * 100) / 100,
    });
    flow.yPt -= SEAL_AREA_PT;
    for (const row of party.rows) {
      layOutText(flow, `${row.label}：${row.value}`, styles.body, {
        align: 'left',
        leftPt,
        widthPt,
      });
    }
  });
  flow.yPt = topPt - heightPt + 24 + styles.body.leadingPt;
}
