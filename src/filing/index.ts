export { FILINGS } from './record.js';
export type { FilingAttempt, FilingIndex, FilingRecord, FilingState } from './record.js';
