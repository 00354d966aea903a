export { assertStatement } from './statement.js';
export type { SealStatement } from './statement.js';
export { createSealStatements } from './draw-up.js';
export type { SealStatements } from './draw-up.js';
export { renderStatement } from './statement-document.js';
