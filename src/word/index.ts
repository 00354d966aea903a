/** Word documents (.docx) as blocks of text. */
export { readWord } from './read-word.js';
export type { WordReading } from './read-word.js';
export type { WordNotice } from './findings.js';
