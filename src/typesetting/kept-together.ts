/** What is not divided between two pages: how much of a document has to begin on the same one. */
import type { Block, SignatureParty } from './blocks.js';
import { breakLines } from './line-breaking.js';
import { PAGE, measureIn } from './page-flow.js';
import {
  HEADING_ABOVE_PT,
  PT_PER_MM,
  SEAL_AREA_PT,
  SIGNATURE_GAP_PT,
  SIGNATURE_NOTE_PT,
  TABLE_ABOVE_PT,
  type Styles,
} from './styles.js';
import { tableBeginningPt } from './table-layout.js';

/**
 * Height of what must stand on one page from the first of `blocks` on: a heading with the beginning of
 * what it is above, a text that announces a table with the table's, parties with the places for their seals.
 */
export function beginningPt(blocks: readonly Block[], styles: Styles): number {
  const [block, ...following] = blocks;
  const { body, cell, cellStrong } = styles;
  switch (block?.kind) {
    case 'heading': {
      const style = block.level === 1 ? styles.part : styles.heading;
      // Nothing behind it: as much as two lines, as for a text that is not known to be shorter.
      const belowPt = beginningPt(following, styles) || 2 * body.leadingPt;
      return HEADING_ABOVE_PT[block.level] + style.leadingPt + belowPt;
    }
    case 'paragraph': {
      const lines = breakLines(block.text, measureIn(body), PAGE.textWidthPt).length;
      if (!isAnnouncing(blocks)) return Math.min(2, lines) * body.leadingPt;
      return lines * body.leadingPt + beginningPt(following, styles);
    }
    case 'table':
    case 'grid':
      return TABLE_ABOVE_PT + tableBeginningPt(block, cell, cellStrong);
    case 'fields':
      return (block.title === '' ? 0 : styles.strong.leadingPt) + 2 * body.leadingPt;
    case 'picture':
      return block.heightMm * PT_PER_MM;
    case 'signatures':
      return signaturesSize(block, styles).heightPt;
    case 'cover':
    case 'page-break':
    case 'title':
    case 'verdict':
    case undefined:
      return 0;
  }
}

/** A text stays with the table behind it; any other one sees to its own lines. */
export function isAnnouncing([block, next]: readonly Block[]): boolean {
  return block?.kind === 'paragraph' && (next?.kind === 'table' || next?.kind === 'grid');
}

export interface SignaturesSize {
  /** Of one party's half. */
  readonly widthPt: number;
  /** Of the names, the longest counting for all. */
  readonly headPt: number;
  /** From the note's first line to the last that is signed under. */
  readonly heightPt: number;
}

export function signaturesSize(
  block: Extract<Block, { kind: 'signatures' }>,
  { body, strong }: Styles,
): SignaturesSize {
  const widthPt = (PAGE.textWidthPt - SIGNATURE_GAP_PT) / 2;
  const most = (linesOf: (party: SignatureParty) => number): number =>
    Math.max(...block.parties.map(linesOf));
  const headPt =
    most(({ title }) => breakLines(title, measureIn(strong), widthPt).length) * strong.leadingPt +
    most(({ name }) => breakLines(name, measureIn(body), widthPt).length) * body.leadingPt;
  const rowsPt =
    most(({ rows }) =>
      rows.reduce(
        (lines, row) => lines + breakLines(signedUnder(row), measureIn(body), widthPt).length,
        0,
      ),
    ) * body.leadingPt;
  const note = breakLines(block.note, measureIn(body), PAGE.textWidthPt, 2 * body.sizePt);
  const notePt = note.length * body.leadingPt + SIGNATURE_NOTE_PT;
  return { widthPt, headPt, heightPt: notePt + headPt + SEAL_AREA_PT.unit + rowsPt };
}

export function signedUnder({ label, value }: SignatureParty['rows'][number]): string {
  return `${label}：${value}`;
}
