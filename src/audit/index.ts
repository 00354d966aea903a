export { pendingSince } from './event.js';
export type { AuditActor, AuditEvent, EventCarrier } from './event.js';
