export { ROLES, actorOf, hasRole, regionKeys, regionPrefix, scopeOf, unitKey } from './roles.js';
export type { Principal, Role } from './roles.js';
export { UNITS } from './unit-record.js';
export type { EnrolledCertificate, UnitIndex, UnitKind, UnitRecord } from './unit-record.js';
