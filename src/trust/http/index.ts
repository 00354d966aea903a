export { asStandardFetch, createGuardedFetch, isSpecialAddress } from './guarded-fetch.js';
export type {
  GuardedAnswer,
  GuardedFetch,
  GuardedFetchOptions,
  GuardedRequest,
} from './guarded-fetch.js';
export {
  createHttpCertificateSource,
  createHttpRevocationSource,
  createHttpTimestampAuthority,
} from './sources.js';
export type { HttpSourceOptions } from './sources.js';
