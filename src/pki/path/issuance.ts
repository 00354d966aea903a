/** Whether one certificate's key signed another; remembered, since the same few come back with every signature. */
import { isAppError } from '../../kernel/index.js';
import {
  checkSignature,
  signatureMethod,
  type Certificate,
  type SignatureMethod,
  type SignatureOutcome,
} from '../x509/index.js';

export interface Issuance {
  readonly outcome: SignatureOutcome;
  readonly method: SignatureMethod | undefined;
}

/** By issuer, then by certificate: objects that are gone are forgotten with them. */
const known = new WeakMap<Certificate, WeakMap<Certificate, Issuance>>();

/**
 * Checks the signature on `certificate` with the key of `issuer`. Names, times and rights are not
 * looked at. A certificate object never changes, so neither does the answer.
 */
export function checkIssuance(certificate: Certificate, issuer: Certificate): Issuance {
  let ofIssuer = known.get(issuer);
  if (ofIssuer === undefined) {
    ofIssuer = new WeakMap();
    known.set(issuer, ofIssuer);
  }
  const before = ofIssuer.get(certificate);
  if (before !== undefined) return before;
  const method = methodOf(certificate);
  const { publicKey } = issuer;
  const { tbsDer, signature } = certificate;
  const issuance = { outcome: checkSignature(publicKey, method, tbsDer, signature), method };
  ofIssuer.set(certificate, issuance);
  return issuance;
}

/** Whether the key of `issuer` signed `certificate`, byte for byte. */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  return (
    certificate.hasConsistentAlgorithm && checkIssuance(certificate, issuer).outcome === 'valid'
  );
}

function methodOf(certificate: Certificate): SignatureMethod | undefined {
  try {
    return signatureMethod(certificate.signatureAlgorithm);
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}
