export { SYSTEM_ACTOR, pendingSince, recordEvent } from './event.js';
export type { AuditActor, AuditEvent, EventCarrier, EventFacts } from './event.js';
export { AUDIT_ENTRIES, entryId } from './entry.js';
export type { AuditEntry, AuditEntryIndex } from './entry.js';
export { AUDIT_CHECKPOINTS, checkpointMessage, signedCheckpoint } from './checkpoint.js';
export type {
  AuditCheckpoint,
  AuditCheckpointIndex,
  CheckpointVerifier,
  SignedCheckpoint,
} from './checkpoint.js';
export { verifyLog } from './verify-log.js';
export { createAuditLog } from './audit-log.js';
export type { AuditLog, AuditLogOptions, CheckpointKey } from './audit-log.js';
export type { AuditFault, AuditVerification, KeptCheckpoints } from './verify-log.js';
export { assertProof, proveConsistency, proveInclusion } from './proofs.js';
export type { AuditProof, ConsistencyProof, InclusionProof } from './proofs.js';
export { verifyConsistency, verifyInclusion } from './merkle.js';
export { createRelay, relaySource } from './relay.js';
export type { EventSubscriber, Relay, RelayOptions, RelaySource } from './relay.js';
export { carrierCollection } from './carrier-collection.js';
