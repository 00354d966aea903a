export * from './asn1/index.js';
export * from './x509/index.js';
export {
  SM2_DEFAULT_USER_ID,
  signSm2,
  sm2MessageDigest,
  sm2SignatureFromDer,
  sm2SignatureToDer,
  sm2UserDigest,
  verifySm2,
} from './sm/sm2.js';
export { readAttributes } from './cms/attributes.js';
export type { CmsAttribute, DecodedAttributes, EssCertificateId } from './cms/attributes.js';
export {
  addUnsignedAttribute,
  buildAttribute,
  buildSignedAttributes,
  buildSignedData,
  estimateSignedDataSize,
  maxSignatureBytes,
} from './cms/build-signed-data.js';
export type {
  SignedAttributesInput,
  SignedDataInput,
  SizeEstimateInput,
} from './cms/build-signed-data.js';
export { matchesSigner, parseSignedData } from './cms/signed-data.js';
export type { CmsFinding, SignedData, SignerIdentifier, SignerInfo } from './cms/signed-data.js';
export { findSignerCertificate, verifySignerInfo } from './cms/verify-signer-info.js';
export type {
  Disagreement,
  SignedContent,
  SignerInfoVerification,
} from './cms/verify-signer-info.js';
