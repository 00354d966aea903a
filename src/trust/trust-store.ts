/** The port to what a verifier believes: trust anchors, further certificates, revocation lists at hand. */

/** What the certificates under a profile's anchors may be relied on for. */
export const TRUST_USAGES = [
  'contract-signing',
  'time-stamping',
  'seal-making',
  'ocsp-signing',
] as const;
export type TrustUsage = (typeof TRUST_USAGES)[number];

/** From when until when something is trusted; an absent end is open. */
export interface TrustPeriod {
  readonly from?: Date;
  readonly until?: Date;
}

export interface AnchorPeriod extends TrustPeriod {
  readonly anchorDer: Uint8Array;
}

/** One set of anchors with a name, so that a report can say by which profile a chain was accepted. */
export interface TrustProfile {
  readonly name: string;
  /** DER of self-signed or otherwise trusted certificates. */
  readonly anchorsDer: readonly Uint8Array[];
  /** DER of intermediates that may help path building; not trusted by themselves. */
  readonly intermediatesDer: readonly Uint8Array[];
  /** DER of CertificateLists at hand. */
  readonly crlsDer: readonly Uint8Array[];
  /** DER of OCSPResponses at hand. */
  readonly ocspDer: readonly Uint8Array[];
  /** Every usage unless given. */
  readonly usages?: readonly TrustUsage[];
  /** Anchors trusted for a time only: what they vouch for has to be proved older than its end. */
  readonly anchorPeriods?: readonly AnchorPeriod[];
}

export interface TrustStore {
  /** All profiles, read afresh so that a CRL just published counts. */
  profiles(): Promise<readonly TrustProfile[]>;
}
