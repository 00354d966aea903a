/** The port to issuers' certificates elsewhere: where an authority information access extension points. */

export interface CertificateSource {
  /**
   * A DER certificate, or a certs-only CMS with several.
   * @throws AppError `revocation-unavailable`
   */
  fetchCertificates(url: string): Promise<Uint8Array>;
}
