export * from './build-certificate.js';
export {
  defaultScheme,
  DIGEST_LENGTH,
  digestAlgorithmDer,
  digestOfOid,
  hasUsualParameters,
  oidOfDigest,
  readAlgorithmIdentifier,
  readAnyAlgorithm,
  readSubjectPublicKey,
  sameAlgorithm,
  signatureAlgorithmDer,
  signatureMethod,
} from './algorithms.js';
export type {
  AlgorithmIdentifier,
  PublicKeyAlgorithm,
  SignatureMethod,
  SignatureScheme,
  SignFunction,
  SubjectPublicKey,
} from './algorithms.js';
export * from './certificate.js';
export { cachedCertificate } from './certificate-cache.js';
export { KEY_USAGES, readDistributionPointName, readExtensionList } from './extensions.js';
export type {
  AuthorityKeyIdentifier,
  BasicConstraints,
  CertificateExtensions,
  DistributionPoint,
  Extension,
  KeyUsage,
  NameConstraints,
  PolicyConstraints,
  PolicyMapping,
} from './extensions.js';
export {
  buildName,
  buildNameFromText,
  canonicalOf,
  derGeneralName,
  equalNames,
  isWithinName,
  parseName,
  readGeneralName,
  readGeneralNames,
  readName,
} from './name.js';
export type { DistinguishedName, GeneralName, NameAttribute } from './name.js';
export { checkSignature, verifySignature } from './signature.js';
export type { MessageChunks, SignatureOutcome } from './signature.js';
