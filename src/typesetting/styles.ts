/** Sizes and distances of everything that is set. */
import type { PageFont, TextStyle } from './page-flow.js';

export interface Styles {
  readonly title: TextStyle;
  readonly subtitle: TextStyle;
  readonly pageTitle: TextStyle;
  readonly part: TextStyle;
  readonly heading: TextStyle;
  readonly body: TextStyle;
  readonly strong: TextStyle;
  readonly cell: TextStyle;
  readonly cellStrong: TextStyle;
  readonly margin: TextStyle;
}

/** `contract`: to be read on paper; `report`: as much as a page holds, still readable. */
export type Setting = 'contract' | 'report';

const SIZES = {
  contract: { heading: [13, 22], body: [12, 21], cell: [10, 14.5] },
  report: { heading: [11, 18], body: [9.5, 14], cell: [8.5, 12] },
} as const;

export function stylesOf(regular: PageFont, bold: PageFont, setting: Setting): Styles {
  const { heading, body, cell } = SIZES[setting];
  const style = (font: PageFont, [sizePt, leadingPt]: readonly [number, number]): TextStyle => ({
    font,
    sizePt,
    leadingPt,
  });
  return {
    title: style(bold, [26, 40]),
    subtitle: style(regular, [16, 26]),
    pageTitle: style(bold, [16, 24]),
    part: style(bold, [18, 30]),
    heading: style(bold, heading),
    body: style(regular, body),
    strong: style(bold, body),
    cell: style(regular, cell),
    cellStrong: style(bold, cell),
    margin: style(regular, [9, 12]),
  };
}

/** Above a heading of level 1 and 2, unless it begins a page. */
export const HEADING_ABOVE_PT = { 1: 18, 2: 8 } as const;

export const TABLE_ABOVE_PT = 4;

/** Edges of the squares kept free: for a seal of 42 mm and a little more, and for a person's of 22 mm. */
export const SEAL_AREA_PT = { unit: 128, person: 72 } as const;

/** Between the halves of two parties. */
export const SIGNATURE_GAP_PT = 20;
/** Below the note above the parties. */
export const SIGNATURE_NOTE_PT = 24;

export const PT_PER_MM = 72 / 25.4;
