/** The port to revocation evidence elsewhere: OCSP responders and CRL distribution points. */

export interface RevocationSource {
  /**
   * The CRL at a distribution point.
   * @throws AppError `revocation-unavailable`
   */
  fetchCrl(url: string): Promise<Uint8Array>;
  /**
   * The answer of an OCSP responder to a DER `OCSPRequest`.
   * @throws AppError `revocation-unavailable`
   */
  fetchOcsp(url: string, requestDer: Uint8Array): Promise<Uint8Array>;
}
