/** What the API answers about a file. A test holds these types against those of the service. */

export type Indication = 'TOTAL-PASSED' | 'TOTAL-FAILED' | 'INDETERMINATE';

export interface ReportMessage {
  readonly code: string;
  readonly text: string;
  readonly textEn: string;
}

export interface ReportedChange {
  readonly code: string;
  readonly permitted: boolean;
  readonly revision: number;
  readonly page: number | null;
  readonly place: {
    readonly leftMm: number;
    readonly bottomMm: number;
    readonly widthMm: number;
    readonly heightMm: number;
  } | null;
  readonly field: string | null;
  readonly text: string;
  readonly textEn: string;
}

export interface SignatureReport {
  readonly field: string;
  readonly kind: 'signature' | 'certification' | 'document-timestamp';
  readonly indication: Indication;
  readonly subIndication: string | null;
  readonly level: 'B-B' | 'B-T' | 'B-LT' | 'B-LTA' | null;
  readonly subFilter: string | null;
  readonly digest: string | null;
  readonly algorithm: string | null;
  readonly signer: {
    readonly subject: string;
    readonly issuer: string;
    readonly serial: string;
    readonly unit: string;
    readonly creditCode: string | null;
  } | null;
  readonly claimedTime: string | null;
  readonly bestSignatureTime: string | null;
  readonly coverage: 'whole-file' | 'whole-revision' | 'partial';
  readonly revision: number;
  readonly changesAfter: {
    readonly verdict: 'none' | 'permitted' | 'forbidden';
    readonly details: readonly string[];
    readonly changes: readonly ReportedChange[];
  };
  readonly certificate: {
    readonly indication: Indication;
    readonly subIndication: string | null;
    readonly chain: readonly string[];
    readonly revocation: 'good' | 'revoked' | 'unknown';
    readonly source: 'embedded' | 'ocsp' | 'crl' | null;
    readonly profile: string | null;
  } | null;
  readonly seal: {
    readonly code: string;
    readonly name: string;
    readonly status: 'valid' | 'expired' | 'revoked' | 'unknown';
    readonly pictureMatches: boolean | null;
  } | null;
  readonly messages: readonly ReportMessage[];
}

/** `unknown-key`: by a key that the service does not believe. */
export type StatementState = 'valid' | 'invalid' | 'unknown-key' | 'missing';

/** What was found of a filing package around its contract. */
export interface PackageFinding {
  readonly contractNumber: string | null;
  readonly title: string | null;
  readonly manifest: { readonly state: StatementState };
  readonly parts: readonly { readonly name: string; readonly state: string }[];
  readonly audit: { readonly state: StatementState; readonly entries: number };
}

export interface VerificationReport {
  readonly file: string;
  readonly sha256: string;
  readonly indication: Indication | 'NO-SIGNATURE';
  readonly revisions: number;
  readonly repaired: boolean;
  readonly signatures: readonly SignatureReport[];
  readonly messages: readonly ReportMessage[];
  readonly answer: {
    readonly text: string;
    readonly textEn: string;
    readonly reason: string;
    readonly reasonEn: string;
  };
  /** Of a filing package. */
  readonly package?: PackageFinding | undefined;
}
