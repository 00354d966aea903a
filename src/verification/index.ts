export { INDICATIONS, SUB_INDICATIONS, worseIndication } from './report.js';
export type {
  CertificateVerdict,
  ChangesAfter,
  Indication,
  ReportMessage,
  ReportedSigner,
  SealVerdict,
  SignatureReport,
  SubIndication,
  VerificationReport,
} from './report.js';
