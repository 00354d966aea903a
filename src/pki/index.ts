export * from './asn1/index.js';
export * from './x509/index.js';
export {
  SM2_DEFAULT_USER_ID,
  signSm2,
  signSm2WithKey,
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
export { readRevocationValues } from './cms/revocation-values.js';
export type { RevocationValues } from './cms/revocation-values.js';
export { findSignerCertificate, verifySignerInfo } from './cms/verify-signer-info.js';
export type {
  Disagreement,
  SignedContent,
  SignerInfoVerification,
} from './cms/verify-signer-info.js';
export {
  REVOCATION_REASONS,
  revocationReason,
  revocationReasonCode,
} from './revocation/reasons.js';
export type { RevocationReason } from './revocation/reasons.js';
export { parseCrl } from './revocation/crl.js';
export type { Crl, CrlEntry, IssuingDistributionPoint } from './revocation/crl.js';
export { buildCrl, issuingDistributionPointExtension } from './revocation/build-crl.js';
export type { CrlInput, RevokedCertificate } from './revocation/build-crl.js';
export {
  buildOcspCertificateId,
  buildOcspRequest,
  matchesCertificateId,
  parseOcspRequest,
  parseOcspResponse,
} from './revocation/ocsp.js';
export type {
  OcspBasicResponse,
  OcspCertificateId,
  OcspCertificateStatus,
  OcspRequest,
  OcspRequestInput,
  OcspResponderId,
  OcspResponse,
  OcspResponseStatus,
  OcspSingleResponse,
} from './revocation/ocsp.js';
export { buildOcspErrorResponse, buildOcspResponse } from './revocation/build-ocsp-response.js';
export type { OcspAnswer, OcspResponseInput } from './revocation/build-ocsp-response.js';
export {
  buildTimestampRequest,
  parseTimestampRequest,
  parseTimestampResponse,
  parseTimestampToken,
} from './tsp/timestamp.js';
export type {
  MessageImprint,
  TimestampRequest,
  TimestampRequestInput,
  TimestampResponse,
  TimestampStatus,
  TimestampToken,
  TstInfo,
} from './tsp/timestamp.js';
export { checkTimestamp } from './tsp/check-timestamp.js';
export type {
  TimestampCheck,
  TimestampExpectation,
  TimestampFinding,
} from './tsp/check-timestamp.js';
export {
  buildTimestampRefusal,
  buildTimestampResponse,
  buildTimestampToken,
} from './tsp/build-timestamp.js';
export type { TimestampTokenInput } from './tsp/build-timestamp.js';
export { evaluateRevocation } from './revocation/evaluate-revocation.js';
export type { RejectedEvidence, RevocationStatus } from './revocation/evaluate-revocation.js';
export type {
  RevocationEvidence,
  RevocationInput,
  RevocationProblem,
} from './revocation/revocation-evidence.js';
export { buildPaths } from './path/build-paths.js';
export type { CertificatePath, PathInput } from './path/build-paths.js';
export { isIssuedBy } from './path/issuance.js';
export { validatePath } from './path/validate-path.js';
export type { PathFault, PathOptions, PathProblem, PathValidation } from './path/validate-path.js';
