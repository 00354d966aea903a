/** Revocation evidence that a signer put into the CMS itself, under one of two attributes of one shape. */
import { isAppError } from '../../kernel/index.js';
import { OID, readElement, TAG, type Asn1Element } from '../asn1/index.js';
import type { SignerInfo } from './signed-data.js';

export interface RevocationValues {
  /** DER of CertificateLists. */
  readonly crlsDer: readonly Uint8Array[];
  /** DER of OCSPResponses, or of BasicOCSPResponses. */
  readonly ocspDer: readonly Uint8Array[];
}

/**
 * `adbe-revocationInfoArchival` among the signed attributes and `revocation-values` among the
 * unsigned ones; what does not parse is left out.
 *
 * @see ISO 32000-2:2020, 12.8.3.3.2; ETSI EN 319 122-1, 5.1.2 (RevocationValues)
 */
export function readRevocationValues(signer: SignerInfo): RevocationValues {
  const archival = signer.signedAttributes.filter(
    ({ oid }) => oid === OID.adobeRevocationInfoArchival,
  );
  const values = signer.unsignedAttributes.filter(({ oid }) => oid === OID.revocationValues);
  const lists = [...archival, ...values].flatMap((attribute) => attribute.values.map(readLists));
  return {
    crlsDer: lists.flatMap(({ crlsDer }) => crlsDer),
    ocspDer: lists.flatMap(({ ocspDer }) => ocspDer),
  };
}

function readLists(value: Uint8Array): RevocationValues {
  try {
    const reader = readElement(value, TAG.sequence, 'ber').enter();
    const members = (list: Asn1Element | undefined): readonly Uint8Array[] =>
      (list?.enter().read(TAG.sequence).children() ?? []).map((element) => element.raw);
    return {
      crlsDer: members(reader.readOptional(0xa0)),
      ocspDer: members(reader.readOptional(0xa1)),
    };
  } catch (error) {
    if (isAppError(error, 'asn1-malformed')) return { crlsDer: [], ocspDer: [] };
    throw error;
  }
}
