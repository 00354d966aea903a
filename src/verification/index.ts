export { INDICATIONS, SUB_INDICATIONS, worseIndication } from './report.js';
export type {
  Answer,
  CertificateVerdict,
  ChangesAfter,
  Indication,
  ReportMessage,
  ReportedChange,
  ReportedSigner,
  SealVerdict,
  SignatureReport,
  SubIndication,
  VerificationReport,
} from './report.js';
export { verifyPdf } from './verify-pdf.js';
export type { VerifyOptions } from './verify-pdf.js';
export { checkCertificate } from './certificate-check.js';
export type { CertificateCheck, CertificateCheckInput } from './certificate-check.js';
export { pictureDigests } from './picture-digests.js';
export type { SealFacts, SealRegister } from './seal-register.js';
export { parseProfile } from './trust-material.js';
export type { ParsedProfile } from './trust-material.js';
export { verifySeal } from './verify-seal.js';
export type { SealReport, VerifySealOptions } from './verify-seal.js';
export { renderReport } from './report-document.js';
export type { ReportDocumentInput } from './report-document.js';
