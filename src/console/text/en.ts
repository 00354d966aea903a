/** What the pages say, in English. */
import { detailParts } from '../api/request.js';
import type { Texts } from './zh.js';

const megabytes = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MB`;

export const en: Texts = {
  product: '签印 Qianyin',
  productLine: 'E-contracts and e-seals',
  navigation: 'Main',
  skip: 'Skip to content',
  verifyPage: 'Verify a file',
  sealsPage: 'Look up a seal',
  contractsPage: 'Contracts',
  apiDocumentation: 'API documentation',
  otherLanguage: '中文',
  retry: 'Try again',
  listJoin: ', ',

  verifyTitle: 'Verify signatures and seals',
  verifyLead:
    'Whether a signed PDF or a filing package is valid, who signed it, and whether it was changed since. No log-in needed.',
  dropHere: 'Drop PDF files or filing packages here',
  dropOr: 'or',
  choose: 'Choose files',
  dropHint: 'Several files may be chosen at once',
  privacy: 'Files are used for this verification only and are not kept.',
  results: 'Results',
  clear: 'Clear',
  remove: 'Remove',
  removeFile: (name) => `Remove ${name}`,
  waiting: 'Waiting',
  uploading: (percent) => `Uploading ${percent}%`,
  checking: 'Verifying…',
  progressOf: (name) => `Progress of ${name}`,
  announce: (name, answer) => `${name}: ${answer}`,
  doneOf: (done, all) => `${done} of ${all} files done`,
  failed: 'Could not be verified',

  saveJson: 'Save report as JSON',
  savePdf: 'Save report as PDF',
  savingPdf: 'Making it…',
  reportName: 'verification-report',
  fileDetails: 'About the file',
  fileName: 'Name',
  fileSize: 'Size',
  revisions: 'Revisions',
  repaired: 'The file is damaged and was repaired to be read',
  notes: 'Notes',

  packageDetails: 'Filing package',
  packageContract: 'Contract',
  packageParts: 'Parts',
  packageIntact: (intact, all) => `${intact} of ${all} intact`,
  packageManifest: 'Signature of the manifest',
  packageAudit: 'Audit entries',
  packageEntries: (count, state) => `${count}, proof ${state}`,
  statementStates: {
    valid: 'valid',
    invalid: 'not valid',
    'unknown-key': 'by a key that is not trusted here',
    missing: 'missing',
  },

  advice: {
    'TOTAL-PASSED': '',
    'TOTAL-FAILED':
      'Do not act on this file. Ask the signing unit for the file as it was signed and verify that; if it still fails, have it signed anew.',
    INDETERMINATE: 'Do not act on this file until what is missing has been supplied.',
    'NO-SIGNATURE':
      'If this should be a signed file, ask for the original PDF as it was signed. Files that were printed and scanned, captured or saved anew carry no signature.',
  },
  adviceByMessage: {
    'chain-not-found':
      'Missing: a trusted root for the authority that issued the certificate. Check that it is a recognised authority; if so, have the administrator add its root to the trust folder.',
    'revocation-unknown':
      'Missing: the revocation status of the certificate. Verify again later, with a network connection.',
    'certificate-on-hold':
      'The certificate is suspended. Verify again later, or ask the signing unit.',
    'certificate-expired-no-proof':
      'Missing: a time-stamp that proves the signature older than the end of the certificate. Ask the signing unit for a time-stamped file, or have it signed anew.',
    'certificate-revoked-no-proof':
      'Missing: a time-stamp that proves the signature older than the revocation. Ask the signing unit; have it signed anew if need be.',
    'evidence-missing':
      'Missing: evidence of the status of the certificate then. Ask the signing unit for a file with long-term validation material.',
    'seal-revoked-no-proof':
      'Missing: a time-stamp that proves the sealing older than the revocation of the seal. Ask the unit.',
    'file-repaired':
      'The file may have been damaged on its way. Get the original again and verify that.',
  },

  signature: (index) => `Signature ${index}`,
  signatures: (count) => (count === 1 ? '1 signature' : `${count} signatures`),
  indications: {
    'TOTAL-PASSED': 'Valid',
    'TOTAL-FAILED': 'Not valid',
    INDETERMINATE: 'Cannot be decided',
  },
  kinds: {
    signature: 'Signature',
    certification: 'Certification signature',
    'document-timestamp': 'Document time-stamp',
  },
  unknownSigner: 'Signer cannot be read',
  unit: 'Signed by',
  authority: 'Time-stamp authority',
  creditCode: 'Unified social credit code',
  time: 'Signed at',
  timeUnknown: 'No time is claimed',
  timeClaimed: "the signer's own claim; no time-stamp proves it",
  timeStamped: (time) => `A time-stamp proves that the signature existed at ${time}`,
  timeRecorded: (time) => `A record proves that the signature existed at ${time}`,
  why: 'Why',
  otherNotes: 'Notes',

  seal: 'Seal',
  sealCode: (code) => `Code ${code}`,
  sealAtSigning: 'Status at signing',
  sealNow: 'Status now',
  sealStatuses: {
    valid: 'valid',
    expired: 'expired',
    revoked: 'revoked',
    unknown: 'not registered, not checked',
  },
  registerStatuses: {
    active: 'valid',
    suspended: 'suspended',
    revoked: 'revoked',
    expired: 'expired',
    'not-yet-valid': 'not valid yet',
  },
  registerAsking: 'Asking…',
  registerNotFound: 'this register does not know the seal',
  registerUnavailable: 'cannot be asked at the moment',
  pictureMatches: 'the picture is that of the seal',
  pictureDiffers: 'the picture is not that of the seal',
  pictureNotCompared: 'the picture was not compared',
  pictureOf: (name) => `${name} as it looks on the page`,
  onPage: (page) => `Page ${page}`,

  changes: 'Changes since the signature',
  changesNone: 'None. The file is as it was signed.',
  changesPermitted: 'There are, all of them allowed; they do not affect the signature.',
  changesForbidden: 'There are changes that are not allowed.',
  changePlace: (left, bottom) => `${left} mm from the left, ${bottom} mm from the bottom`,
  changeRevision: (revision) => `Revision ${revision}`,
  notPermitted: 'Not allowed',
  permitted: 'Allowed',
  showPages: 'Show pages before and after',
  comparing: 'Comparing pages…',
  noPageDiffers: (pages) =>
    `${pages} pages were compared and look the same; the change is in data that is not seen.`,
  pagesIncomplete: 'Many pages changed; only the first are shown.',
  pageChanged: (page) => `Page ${page} changed`,
  pageResized: (page) => `Page ${page} has another size`,
  pageAdded: (page) => `Page ${page} was added`,
  pageRemoved: (page) => `Page ${page} was removed`,
  before: 'When signed',
  after: 'Now',
  closeUp: (index) => `Change ${index}`,
  wholePage: 'Whole page',
  marked: 'Changes are framed',

  details: 'Certificate and technical details',
  chain: 'Certificate chain',
  issuer: 'Issuer',
  serial: 'Serial number',
  certificateStatus: 'Certificate',
  revocation: { good: 'not revoked', revoked: 'revoked', unknown: 'revocation status unknown' },
  revocationSource: { embedded: 'from the file', ocsp: 'by OCSP', crl: 'by CRL' },
  trustProfile: 'Trust profile',
  level: 'Level',
  algorithms: 'Algorithms',
  format: 'Format',
  covers: 'Covers',
  coverage: {
    'whole-file': 'the whole file',
    'whole-revision': 'the whole revision that was signed',
    partial: 'a part',
  },
  kind: 'Kind',
  field: 'Field',
  conclusion: 'Indication',
  rawChanges: 'Changes in detail',

  sealsTitle: 'Look up a seal',
  sealsLead: 'The status of a seal now or at some time, by its code of 13 digits.',
  codeLabel: 'Code of the seal',
  codeHint: '13 digits',
  codeInvalid: 'The code has 13 digits',
  atLabel: 'Time (now unless given)',
  ask: 'Look up',
  asking: 'Asking…',
  sealName: 'Name',
  sealKind: 'Kind',
  sealKinds: {
    official: 'Official seal',
    contract: 'Contract seal',
    finance: 'Finance seal',
    'legal-person': 'Seal of the legal representative',
    other: 'Other seal',
  },
  statusAt: 'As of',
  validFrom: 'Valid from',
  validUntil: 'Valid until',

  problems: {
    connection: ['The service cannot be reached', 'Check the network and try again.'],
    'request-too-large': (limit) => [
      'The file is too large',
      limit === undefined
        ? 'Make it smaller and try again.'
        : `The limit is ${megabytes(limit)}. Make it smaller, or ask the administrator to raise the limit.`,
    ],
    'rate-limited': (seconds) => [
      'Too many requests',
      `Try again ${seconds === undefined ? 'in a moment' : `in ${seconds} seconds`}.`,
    ],
    'not-a-pdf': [
      'Not a PDF file',
      'Choose the PDF as it was signed, or a filing package; Word, image and OFD files cannot be verified here.',
    ],
    'package-malformed': [
      'The archive cannot be read',
      'It is no filing package, incomplete or too large; get the original again.',
    ],
    'empty-file': ['The file is empty', 'Get it again and try once more.'],
    'pdf-malformed': ['The file is damaged and cannot be read', 'Get the original again and try.'],
    'pdf-encrypted': [
      'The file needs a password to open',
      'Get one that opens without a password, or verify it on the command line.',
    ],
    'pdf-limit-exceeded': ['The file exceeds what can be processed', 'Ask the administrator.'],
    unavailable: ['Many files are being verified', 'Try again in a moment.'],
    'renderer-missing': [
      'The server has no program to draw pages',
      'Have the administrator install poppler-utils.',
    ],
    told: ({ titleEn, detail }) => [titleEn, detailParts(detail, titleEn)[1]],
    other: ['Something went wrong', 'Try again later; ask the administrator if it stays.'],
  },
};
