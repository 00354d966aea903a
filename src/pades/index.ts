/** PDF signatures from PDF and CMS: prepare, sign, embed. The key is the caller's. */
export {
  assertSigningPermitted,
  certificationSignature,
  changeLimitOf,
  hasSignature,
} from './permissions.js';
export { lockedFields, readFieldLock } from './field-lock.js';
export type { FieldLock } from './field-lock.js';
export { digestPrepared, embedCms, pdfDate, prepareSignature } from './prepare.js';
export type {
  Appearance,
  CertificationLevel,
  PreparedSignature,
  PrepareOptions,
} from './prepare.js';
export { pictureWidget, readPictureWidget } from './picture-widget.js';
export type { PictureWidget } from './picture-widget.js';
export { holdSignature, resumeHeldSignature } from './held-signature.js';
export type { HeldSignature } from './held-signature.js';
export { acceptSignatureValue } from './signature-value.js';
export { prepareDocumentTimestamp } from './document-timestamp.js';
export { embeddedSignatures } from './embedded-signatures.js';
export type { EmbeddedSignature } from './embedded-signatures.js';
export { appendValidationStore, readValidationStore, validationKey } from './validation-store.js';
export type { SignatureMaterial, ValidationMaterial } from './validation-store.js';
export { readSealReference } from './seal-entry.js';
export type { SealReference } from './seal-entry.js';
export { attributesFor, beginSignature, finishSignature, schemeFor } from './signature.js';
export type {
  PendingSignature,
  SignatureOptions,
  Signer,
  SignerCertificates,
} from './signature.js';
export { pictureSha256 } from './picture-digest.js';
export type { Resolve } from './picture-digest.js';
