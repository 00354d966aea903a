export { pendingSince } from './event.js';
export type { AuditActor, AuditEvent, EventCarrier } from './event.js';
export { AUDIT_CHECKPOINTS, AUDIT_ENTRIES } from './entry.js';
export type {
  AuditCheckpoint,
  AuditCheckpointIndex,
  AuditEntry,
  AuditEntryIndex,
} from './entry.js';
export { createAuditLog } from './audit-log.js';
export type { AuditLog, AuditLogOptions, AuditVerification, CheckpointKey } from './audit-log.js';
export { verifyConsistency, verifyInclusion } from './merkle.js';
export { createRelay, relaySource } from './relay.js';
export type { EventSubscriber, Relay, RelayOptions, RelaySource } from './relay.js';
export { carrierCollection } from './carrier-collection.js';
