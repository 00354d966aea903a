export { readArchive, writeArchive } from './archive.js';
export type { Archive, Part } from './archive.js';
export { auditPartOf, eventsOf } from './audit-part.js';
export type { AuditPart, ProvingLog } from './audit-part.js';
export { buildPackage } from './build-package.js';
export type { PackageContents } from './build-package.js';
export { PACKAGE_ENTRIES, PACKAGE_FORMAT, PACKAGE_FORMAT_VERSION } from './format.js';
export type { StatementSigner, StatementVerifier } from './format.js';
export { packageAnswer } from './package-report.js';
export type {
  PackageFileReport,
  PackagePart,
  PackageReport,
  PartState,
  StatementState,
} from './package-report.js';
export { validationMaterial } from './validation-material.js';
export type { NamedAnchor, ValidationMaterial } from './validation-material.js';
export { verifyPackage } from './verify-package.js';
export type { JudgedPackage, PackageCheck } from './verify-package.js';
