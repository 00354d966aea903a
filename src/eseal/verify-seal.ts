/** The mathematics of an e-seal: values and digests. Whom to trust, and when, is decided elsewhere. */
import { digestBytes, equalBytes, isAppError, type DigestAlgorithm } from '../kernel/index.js';
import {
  DIGEST_LENGTH,
  checkSignature,
  derNull,
  derOid,
  derSequence,
  parseCertificate,
  parseTimestampToken,
  readAlgorithmIdentifier,
  readElement,
  signatureMethod,
  sm2SignatureToDer,
  type Certificate,
  type SignatureOutcome,
} from '../pki/index.js';
import type { SES_CertList, SES_Signature, SESeal } from './types.js';

export interface SignerVerification {
  readonly outcome: SignatureOutcome | 'certificate-unreadable';
  readonly certificate: Certificate | undefined;
}

/** Whether the maker's key signed the seal's content. */
export function verifySealSignature(seal: SESeal): SignerVerification {
  return verifyBy(seal.cert, seal.signAlgID, seal.signedOctets, seal.signedValue);
}

/** Whether the signer's key signed `toSign`; its seal and its digest are judged apart. */
export function verifySesSignature(signature: SES_Signature): SignerVerification {
  const { cert, signatureAlgID, signedOctets } = signature;
  return verifyBy(cert, signatureAlgID, signedOctets, signature.signature);
}

function verifyBy(
  certDer: Uint8Array,
  algorithmOid: string,
  message: Uint8Array,
  value: Uint8Array,
): SignerVerification {
  let certificate: Certificate;
  try {
    certificate = parseCertificate(certDer);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { outcome: 'certificate-unreadable', certificate: undefined };
  }
  const key = certificate.publicKey.key;
  const algorithm = readAlgorithmIdentifier(
    readElement(derSequence(derOid(algorithmOid), key?.kind === 'rsa' ? derNull() : undefined)),
  );
  const method = signatureMethod(algorithm, key?.kind === 'sm2' ? 'sm3' : undefined);
  // Some tokens hand out SM2 values as r and s one after the other.
  const der = key?.kind === 'sm2' && value.length === 64 ? sm2SignatureToDer(value) : value;
  return { outcome: checkSignature(certificate.publicKey, method, message, der), certificate };
}

/** Digests that lists of the second kind hold, by what makers call them and by length. */
const LIST_DIGESTS: readonly DigestAlgorithm[] = ['sm3', 'sha256', 'sha384', 'sha512'];

/**
 * Whether `certificateDer` is one of those that may sign with the seal: byte for byte, or by its digest.
 * A renewed certificate of the same subject and key is another certificate.
 */
export function isListedSigner(list: SES_CertList, certificateDer: Uint8Array): boolean {
  if (list.certListType === 1) return list.certs.some((cert) => equalBytes(cert, certificateDer));
  return list.certDigests.some(({ type, value }) => {
    const named = type.toLowerCase().replace(/[^a-z0-9]/g, '');
    const algorithms = LIST_DIGESTS.filter((digest) => DIGEST_LENGTH[digest] === value.length);
    const preferred = algorithms.filter((digest) => named.includes(digest));
    return (preferred.length > 0 ? preferred : algorithms).some((digest) =>
      equalBytes(digestBytes(digest, certificateDer), value),
    );
  });
}

/** The token of a version 5 seal, if it is over the maker's signature value; `undefined` where it is not. */
export function sealTimestamp(
  seal: SESeal,
): { readonly generatedAt: Date; readonly tokenDer: Uint8Array } | undefined {
  if (seal.timeStamp === undefined) return undefined;
  try {
    const { tstInfo } = parseTimestampToken(seal.timeStamp);
    const { digestAlgorithm, digest } = tstInfo.imprint;
    if (digestAlgorithm === undefined) return undefined;
    if (!equalBytes(digestBytes(digestAlgorithm, seal.signedValue), digest)) return undefined;
    return { generatedAt: tstInfo.generatedAt, tokenDer: seal.timeStamp };
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}
