/** PAdES levels above B-B: time-stamps, evidence, and raising what is signed already. */
export { createEvidenceCollector } from './evidence-collector.js';
export type {
  Evidence,
  EvidenceCollector,
  EvidenceCollectorOptions,
} from './evidence-collector.js';
export { LEVELS, isAtLeast } from './level.js';
export type { Level } from './level.js';
export { raiseLevel } from './raise-level.js';
export type { RaiseOptions, RaisedFile } from './raise-level.js';
export { createTimestampClient } from './timestamp-client.js';
export type { Stamp, TimestampClient, TimestampClientOptions } from './timestamp-client.js';
export { assertStampable, signWithTimestamp, stampOver } from './timestamped-signature.js';
export type { SignedRevisionBytes } from './timestamped-signature.js';
