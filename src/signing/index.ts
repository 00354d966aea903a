export { assertAdmitted, inspectDocument, inspectPdf } from './admission/inspect-pdf.js';
export type { Inspection } from './admission/inspect-pdf.js';
export { ADMISSION_KINDS, isAdmissionKind } from './admission/kinds.js';
export type { AdmissionFinding, AdmissionKind, AdmissionPolicy } from './admission/kinds.js';
export { SIGNING_BATCHES, batchStateAt } from './batch-record.js';
export type { BatchItem, SigningBatchRecord } from './batch-record.js';
export { createSigningBatches } from './signing-batches.js';
export type { SigningBatches } from './signing-batches.js';
export { createSigningService } from './signing-service.js';
export type {
  SignRequest,
  SigningService,
  SigningServiceOptions,
  SigningSessionView,
  StartSessionRequest,
} from './signing-api.js';
export { composeAppearance, pictureRules } from './appearance/compose.js';
export type { ShownPicture } from './appearance/compose.js';
export type { PageChoice, Placement, SeenPoint } from './appearance/places.js';
export { appearanceDigest, sealPicture } from './appearance/seal-picture.js';
export type { SealPlacing } from './revision.js';
export type { CertificateValidator, SealSupply, UsableSeal, VerifyOwn } from './ports.js';
export { createLevelWorker } from './level-worker.js';
export type { LevelWorker, LevelWorkerOptions } from './level-worker.js';
export type { LevelPolicy } from './level-policy.js';
export * from './levels/index.js';
