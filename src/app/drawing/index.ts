/** Pages as they look: drawn by poppler under limits, compared, cut. */
export { assertRenderer } from './draw-pages.js';
export { describePageDifferences } from './describe-differences.js';
export { drawSignatures } from './signature-pictures.js';
export { writePageDifferences } from './write-differences.js';
