/** The port to a timestamp authority (RFC 3161 over HTTP). */

export interface TimestampAuthority {
  readonly url: string;
  /**
   * Sends a DER `TimeStampReq`, returns the DER `TimeStampResp` as received; checking it is `pki/tsp`'s work.
   * @throws AppError `tsa-unavailable`
   */
  request(requestDer: Uint8Array): Promise<Uint8Array>;
}
