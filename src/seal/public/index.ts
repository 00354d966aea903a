export { createSignedSealStatus } from './signed-status.js';
export type { SignedSealStatus, JwsSigner } from './signed-status.js';
export { SEAL_STATUS_LISTS, STATUS_LIST_TTL_SECONDS, createSealStatusList } from './status-list.js';
export type { StoredStatusList } from './status-list.js';
export { IMPACT_BASES, createRevocationImpacts } from './revocation-impact.js';
export type { RevocationImpact, RevocationImpacts } from './revocation-impact.js';
