export type { CertificateSource } from './certificate-source.js';
export type { RevocationSource } from './revocation-source.js';
export type { TimestampAuthority } from './timestamp-authority.js';
export { TRUST_USAGES } from './trust-store.js';
export type {
  AnchorPeriod,
  TrustPeriod,
  TrustProfile,
  TrustStore,
  TrustUsage,
} from './trust-store.js';
