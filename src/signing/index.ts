export { inspectPdf } from './inspect-pdf.js';
export { createSigningService } from './signing-service.js';
export type {
  SignRequest,
  SigningService,
  SigningServiceOptions,
  SigningSessionView,
  StartSessionRequest,
} from './signing-service.js';
export { appearanceDigest, sealAppearance } from './revision.js';
export type { CertificateValidator, SealSupply, UsableSeal, VerifyOwn } from './ports.js';
