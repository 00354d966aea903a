export { checkContract } from './data-checks.js';
export type { CheckInput } from './data-checks.js';
export { checkDocument } from './document-checks.js';
export type { DocumentCheckInput, HeldContent } from './document-checks.js';
export type { CheckFinding, FindingCode } from './finding.js';
