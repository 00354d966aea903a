/** The port to what a verifier believes: trust anchors, further certificates, revocation lists at hand. */

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
}

export interface TrustStore {
  /** All profiles, read afresh so that a CRL just published counts. */
  profiles(): Promise<readonly TrustProfile[]>;
}
