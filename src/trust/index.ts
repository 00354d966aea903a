export type { RevocationSource } from './revocation-source.js';
export type { TimestampAuthority } from './timestamp-authority.js';
export type { TrustProfile, TrustStore } from './trust-store.js';
