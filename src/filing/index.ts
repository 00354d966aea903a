export { FILINGS, KEPT_ATTEMPTS } from './record.js';
export type { FilingAttempt, FilingIndex, FilingRecord, FilingState } from './record.js';
export { FILING_WORK_ITEMS, WORK_ITEM_KINDS, WORK_ITEM_OUTCOMES } from './work-item.js';
export type { WorkItemIndex, WorkItemRecord } from './work-item.js';
export { WORK_ITEM_TEXTS } from './work-item-texts.js';
export type { WorkItemQuery, WorkList } from './work-list.js';
export { RECONCILIATIONS, RECONCILIATION_COUNTS, countsOf } from './reconciliation.js';
export type { ReconciliationIndex, ReconciliationRecord } from './reconciliation.js';
export { LONGEST_RECEIPT_JWS, proveReceipt, signReceipt } from './receipt.js';
export type { ProvenReceipt, ReceiptTerms } from './receipt.js';
export { createFilingService } from './filing-service.js';
export type {
  FilingFeed,
  FilingPackage,
  FilingQuery,
  FilingService,
  FilingServiceOptions,
} from './filing-service.js';
export type {
  BudgetSystem,
  Delivery,
  DeliveryOutcome,
  HeldFiling,
  HoldingsOutcome,
  LookupOutcome,
  Receipt,
} from './budget-system.js';
export {
  DELIVERY_COMPONENTS,
  FILING_SIGNATURE_LIFETIME_S,
  FILING_SIGNATURE_TAG,
  LOOKUP_COMPONENTS,
  createHttpBudgetSystem,
} from './http-budget-system.js';
export type { HttpBudgetSystemOptions } from './http-budget-system.js';
export {
  PACKAGE_ENTRIES,
  PACKAGE_FORMAT,
  PACKAGE_FORMAT_VERSION,
  buildPackage,
  packageAnswer,
  readArchive,
  validationMaterial,
  verifyPackage,
} from './package/index.js';
export type {
  Archive,
  JudgedPackage,
  PackageCheck,
  PackageContents,
  PackageFileReport,
  PackagePart,
  PackageReport,
  StatementSigner,
  StatementVerifier,
} from './package/index.js';
export { evidenceOf } from './evidence.js';
export type { EvidenceOptions, EvidenceStatement, SignedEvidence } from './evidence.js';
export { renderEvidence } from './evidence-document.js';
export type { EvidencePicture } from './evidence-document.js';
export type { PackageProofs } from './package-builder.js';
export { contentDigestField, matchesContentDigest } from './content-digest.js';
export {
  messageSigner,
  signMessage,
  signatureBase,
  verifyMessage,
} from './http-message-signature.js';
export type {
  HttpMessage,
  MessageSigner,
  SignatureFields,
  SignatureTerms,
  VerificationTerms,
  VerifiedSignature,
} from './http-message-signature.js';
