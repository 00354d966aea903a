/** Elements that are refused wherever they stand, with everything in them. */
import type { RefusedKind } from './findings.js';

const NAMES: Readonly<Partial<Record<RefusedKind, readonly string[]>>> = {
  'tracked-change': [
    'w:ins',
    'w:del',
    'w:moveFrom',
    'w:moveTo',
    'w:cellIns',
    'w:cellDel',
    'w:cellMerge',
    'w:rPrChange',
    'w:pPrChange',
    'w:sectPrChange',
    'w:tblPrChange',
    'w:tblPrExChange',
    'w:trPrChange',
    'w:tcPrChange',
    'w:tblGridChange',
    'w:numberingChange',
  ],
  comment: ['w:commentReference', 'w:commentRangeStart'],
  picture: ['w:drawing'],
  shape: ['w:pict', 'mc:AlternateContent'],
  'embedded-object': ['w:object', 'w:control'],
  'imported-part': ['w:altChunk', 'w:subDoc'],
  formula: ['m:oMath', 'm:oMathPara'],
  note: ['w:footnoteReference', 'w:endnoteReference'],
  symbol: ['w:sym'],
  ruby: ['w:ruby'],
  frame: ['w:framePr'],
};

export const REFUSED_ELEMENTS: ReadonlyMap<string, RefusedKind> = new Map(
  Object.entries(NAMES).flatMap(([kind, names]) =>
    names.map((name) => [name, kind as RefusedKind] as const),
  ),
);

/** Elements that show nothing by themselves. */
export const SILENT_ELEMENTS: ReadonlySet<string> = new Set([
  'w:bookmarkStart',
  'w:bookmarkEnd',
  'w:proofErr',
  'w:permStart',
  'w:permEnd',
  'w:lastRenderedPageBreak',
  'w:commentRangeEnd',
  'w:moveFromRangeStart',
  'w:moveFromRangeEnd',
  'w:moveToRangeStart',
  'w:moveToRangeEnd',
  'w:softHyphen',
  'w:rPr',
  'w:pPr',
  'w:tblPr',
  'w:tblPrEx',
  'w:tblGrid',
  'w:trPr',
  'w:tcPr',
  'w:sdtPr',
  'w:sdtEndPr',
  'w:customXmlPr',
  'w:smartTagPr',
  'w:sectPr',
]);

/** Elements whose content stands as if they were not there. */
export const TRANSPARENT_ELEMENTS: ReadonlySet<string> = new Set([
  'w:smartTag',
  'w:customXml',
  'w:sdtContent',
  'w:dir',
]);
