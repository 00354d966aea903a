/** Electronic seals as structures: read, written, verified mathematically. No trust, no clock, no register. */
export { DRAWING_DIGEST_OID, drawingDigestOf } from './drawing-digest.js';
export { parseSeal } from './read-seal.js';
export { parseSesSignature } from './read-signature.js';
export {
  isListedSigner,
  sealTimestamp,
  verifySealSignature,
  verifySesSignature,
} from './verify-seal.js';
export type { SignerVerification } from './verify-seal.js';
export { assembleSeal, buildSealInfo, signAlgIDOf } from './write-seal.js';
export type { SealParts, WrittenSESVersion } from './write-seal.js';
export { assembleSesSignature, buildToSign } from './write-signature.js';
export type { SignatureParts } from './write-signature.js';
export type * from './types.js';
