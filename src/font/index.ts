/** Fonts as bytes: faces, outlines, subsets. Knows no document and no text layout. */
export { fontFace } from './font-face.js';
export type { FontFace } from './font-face.js';
export { FontSubset } from './font-subset.js';
export type { SubsetFont } from './font-subset.js';
export type { GlyphOutline, PathSegment } from './glyph-outline.js';
