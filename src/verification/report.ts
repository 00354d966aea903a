/** The verification report: terms of ETSI EN 319 102-1, format fixed by the interface. */

export const INDICATIONS = ['TOTAL-PASSED', 'TOTAL-FAILED', 'INDETERMINATE'] as const;
export type Indication = (typeof INDICATIONS)[number];

/** ETSI EN 319 102-1 V1.3.1, table 5 and 6: the names in use here. */
export const SUB_INDICATIONS = [
  'FORMAT_FAILURE',
  'HASH_FAILURE',
  'SIG_CRYPTO_FAILURE',
  'REVOKED',
  'EXPIRED',
  'NOT_YET_VALID',
  'SIG_CONSTRAINTS_FAILURE',
  'CHAIN_CONSTRAINTS_FAILURE',
  'CERTIFICATE_CHAIN_GENERAL_FAILURE',
  'CRYPTO_CONSTRAINTS_FAILURE',
  'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
  'TIMESTAMP_ORDER_FAILURE',
  'NO_SIGNING_CERTIFICATE_FOUND',
  'NO_CERTIFICATE_CHAIN_FOUND',
  'NO_POE',
  'REVOKED_NO_POE',
  'REVOKED_CA_NO_POE',
  'OUT_OF_BOUNDS_NO_POE',
  'TRY_LATER',
  'SIGNED_DATA_NOT_FOUND',
] as const;
export type SubIndication = (typeof SUB_INDICATIONS)[number];

export interface ReportMessage {
  /** Stable, kebab-case. */
  readonly code: string;
  readonly text: string;
  readonly textEn: string;
}

export interface ReportedSigner {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  /** The subject's organisation, or its common name: the unit that signed. */
  readonly unit: string;
  /** Unified social credit code, where the certificate names one. */
  readonly creditCode: string | null;
}

/** One change since a signature, for who looks at the page rather than at objects. */
export interface ReportedChange {
  /** Stable, kebab-case: `signature`, `page-content`, … */
  readonly code: string;
  readonly permitted: boolean;
  /** Revision that made it, counted from 1. */
  readonly revision: number;
  /** Counted from 1; `null` where it is on no page. */
  readonly page: number | null;
  /** Millimetres from the bottom left of the page. */
  readonly place: {
    readonly leftMm: number;
    readonly bottomMm: number;
    readonly widthMm: number;
    readonly heightMm: number;
  } | null;
  /** Fully qualified name of the form field. */
  readonly field: string | null;
  readonly text: string;
  readonly textEn: string;
}

export interface ChangesAfter {
  readonly verdict: 'none' | 'permitted' | 'forbidden';
  /** A line for each of `changes`, in both languages, with what an expert asks for. */
  readonly details: readonly string[];
  readonly changes: readonly ReportedChange[];
}

export interface CertificateVerdict {
  readonly indication: Indication;
  readonly subIndication: SubIndication | null;
  /** Subjects from the signer to the anchor. */
  readonly chain: readonly string[];
  readonly revocation: 'good' | 'revoked' | 'unknown';
  readonly source: 'embedded' | 'ocsp' | 'crl' | null;
  /** Name of the trust profile by which the chain was accepted or looked at. */
  readonly profile: string | null;
}

export interface SealVerdict {
  readonly code: string;
  readonly name: string;
  /** At the time of signing. */
  readonly status: 'valid' | 'expired' | 'revoked' | 'unknown';
  /** Whether the picture on the page is the one that the seal's record names; `null`: not known. */
  readonly pictureMatches: boolean | null;
}

export interface SignatureReport {
  readonly field: string;
  readonly kind: 'signature' | 'certification' | 'document-timestamp';
  readonly indication: Indication;
  readonly subIndication: SubIndication | null;
  readonly level: 'B-B' | 'B-T' | 'B-LT' | 'B-LTA' | null;
  readonly subFilter: string | null;
  readonly digest: string | null;
  readonly algorithm: string | null;
  readonly signer: ReportedSigner | null;
  /** RFC 3339; what the signer says. */
  readonly claimedTime: string | null;
  /** RFC 3339; the earliest time at which the signature is proved to have existed. */
  readonly bestSignatureTime: string | null;
  readonly coverage: 'whole-file' | 'whole-revision' | 'partial';
  /** Revision that the signature closes, counted from 1. */
  readonly revision: number;
  readonly changesAfter: ChangesAfter;
  readonly certificate: CertificateVerdict | null;
  readonly seal: SealVerdict | null;
  readonly messages: readonly ReportMessage[];
}

export interface VerificationReport {
  readonly file: string;
  readonly sha256: string;
  readonly indication: Indication | 'NO-SIGNATURE';
  readonly revisions: number;
  /** The file had to be repaired to be read: never better than INDETERMINATE. */
  readonly repaired: boolean;
  readonly signatures: readonly SignatureReport[];
  readonly messages: readonly ReportMessage[];
  /** What to tell who only asks whether the file is in order. */
  readonly answer: Answer;
}

/** Valid; not valid, and why; not decided, and what is missing. */
export interface Answer {
  readonly text: string;
  readonly textEn: string;
  /** Why, in a sentence or two; empty where all is well. */
  readonly reason: string;
  readonly reasonEn: string;
}

/** The worse of two indications. */
export function worseIndication(a: Indication, b: Indication): Indication {
  if (a === 'TOTAL-FAILED' || b === 'TOTAL-FAILED') return 'TOTAL-FAILED';
  if (a === 'INDETERMINATE' || b === 'INDETERMINATE') return 'INDETERMINATE';
  return 'TOTAL-PASSED';
}
