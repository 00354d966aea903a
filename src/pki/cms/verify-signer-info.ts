/** The mathematics of one SignerInfo: digest, signature, and whether its statements agree with each other. */
import { digestBytes, equalBytes } from '../../kernel/index.js';
import { OID } from '../asn1/index.js';
import {
  checkSignature,
  equalNames,
  hasUsualParameters,
  sameAlgorithm,
  signatureMethod,
  type Certificate,
  type MessageChunks,
  type SignatureMethod,
  type SignatureOutcome,
} from '../x509/index.js';
import type { EssCertificateId } from './attributes.js';
import { matchesSigner, type SignedData, type SignerInfo } from './signed-data.js';

/** What was signed: its digest by the signer's algorithm, and the bytes where there are no signed attributes. */
export interface SignedContent {
  readonly digest: Uint8Array;
  /**
   * The content itself. Needed only for a SignerInfo without signed attributes, whose signature is
   * over the content and not over a digest we could be given.
   */
  readonly chunks?: MessageChunks;
}

export interface SignerInfoVerification {
  /**
   * `valid`: digest and signature are right. `algorithm-unsupported`: cannot be decided.
   * `content-needed`: no signed attributes, and `chunks` was not given.
   */
  readonly status:
    'valid' | 'digest-mismatch' | 'signature-invalid' | 'algorithm-unsupported' | 'content-needed';
  /** `undefined` where there is no message-digest attribute. */
  readonly messageDigestMatches: boolean | undefined;
  readonly signatureMatches: boolean;
  /** The signature holds over the attributes in the order received, not over their DER. */
  readonly isSignedAsReceived: boolean;
  readonly method: SignatureMethod | undefined;
  /** Statements that contradict each other: digest algorithms, content type, signer identifier. */
  readonly disagreements: readonly Disagreement[];
  /** Whether signing-certificate (v1 or v2) names this certificate. */
  readonly signingCertificate: 'match' | 'mismatch' | 'absent' | 'unsupported';
}

export type Disagreement =
  | 'digest-not-announced'
  | 'signature-digest-differs'
  | 'content-type-missing'
  | 'content-type-differs'
  | 'message-digest-missing'
  /** The algorithms are not those of the algorithm-protection attribute (RFC 6211). */
  | 'algorithm-protection-differs'
  | 'signer-identifier-differs'
  /** The identifier names the certificate, but not in the octets of its issuer name. */
  | 'signer-identifier-reencoded';

/**
 * Checks one signer against a certificate. Bad signatures, keys and algorithms are outcomes, not errors.
 * Whether the certificate is to be believed is for `path/`; whether a disagreement matters is for policy.
 *
 * @see RFC 5652 5.4 to 5.6; RFC 8419 3 for Ed25519
 */
export function verifySignerInfo(
  signedData: SignedData,
  signer: SignerInfo,
  certificate: Certificate,
  content: SignedContent,
): SignerInfoVerification {
  const method = methodOf(signer);
  const { messageDigest } = signer.attributes;
  const messageDigestMatches =
    messageDigest === undefined ? undefined : equalBytes(messageDigest, content.digest);
  const { outcome, isSignedAsReceived } = checkValue(signer, certificate, method, content);
  const hasAttributes = signer.signedAttributesDer !== undefined;
  return {
    status: statusOf(outcome, hasAttributes, messageDigestMatches),
    messageDigestMatches,
    signatureMatches: outcome === 'valid',
    isSignedAsReceived,
    method,
    disagreements: disagreementsOf(signedData, signer, certificate, method),
    signingCertificate: matchSigningCertificate(signer, certificate),
  };
}

function methodOf(signer: SignerInfo): SignatureMethod | undefined {
  if (!hasUsualParameters(signer.signatureAlgorithm)) return undefined;
  try {
    return signatureMethod(signer.signatureAlgorithm, signer.digest);
  } catch {
    // Parameters that do not parse are an algorithm we cannot compute.
    return undefined;
  }
}

type Outcome = SignatureOutcome | 'content-needed';

function checkValue(
  signer: SignerInfo,
  certificate: Certificate,
  method: SignatureMethod | undefined,
  content: SignedContent,
): { outcome: Outcome; isSignedAsReceived: boolean } {
  const check = (message: Uint8Array | MessageChunks): SignatureOutcome =>
    checkSignature(certificate.publicKey, method, message, signer.signature);
  const { signedAttributesDer, signedAttributesAsReceived } = signer;
  if (signedAttributesDer === undefined || signedAttributesAsReceived === undefined) {
    const outcome = content.chunks === undefined ? 'content-needed' : check(content.chunks);
    return { outcome, isSignedAsReceived: false };
  }
  const outcome = check(signedAttributesDer);
  if (outcome !== 'invalid' || equalBytes(signedAttributesDer, signedAttributesAsReceived)) {
    return { outcome, isSignedAsReceived: false };
  }
  const second = check(signedAttributesAsReceived);
  return { outcome: second, isSignedAsReceived: second === 'valid' };
}

function statusOf(
  outcome: Outcome,
  hasAttributes: boolean,
  messageDigestMatches: boolean | undefined,
): SignerInfoVerification['status'] {
  // Without message-digest, signed attributes say nothing about the content.
  if (hasAttributes && messageDigestMatches !== true) return 'digest-mismatch';
  switch (outcome) {
    case 'valid':
      return 'valid';
    case 'invalid':
      return 'signature-invalid';
    case 'unsupported':
      return 'algorithm-unsupported';
    case 'content-needed':
      return 'content-needed';
  }
}

function disagreementsOf(
  signedData: SignedData,
  signer: SignerInfo,
  certificate: Certificate,
  method: SignatureMethod | undefined,
): Disagreement[] {
  const found: Disagreement[] = [];
  const isAnnounced = signedData.digestAlgorithms.some(
    ({ oid }) => oid === signer.digestAlgorithm.oid,
  );
  if (!isAnnounced) found.push('digest-not-announced');
  if (method !== undefined && method.padding !== 'eddsa' && method.digest !== signer.digest) {
    found.push('signature-digest-differs');
  }
  if (signer.signedAttributesDer !== undefined) {
    const { contentType, messageDigest } = signer.attributes;
    if (contentType === undefined) found.push('content-type-missing');
    else if (contentType !== signedData.contentType) found.push('content-type-differs');
    if (messageDigest === undefined) found.push('message-digest-missing');
    if (!isProtected(signer)) found.push('algorithm-protection-differs');
  } else if (signedData.contentType !== OID.data && signedData.contentType !== OID.gmData) {
    found.push('content-type-missing');
  }
  if (!matchesSigner(signer.sid, certificate)) found.push('signer-identifier-differs');
  else if (
    signer.sid.kind === 'issuer-and-serial' &&
    !equalBytes(signer.sid.issuer.der, certificate.issuer.der)
  ) {
    found.push('signer-identifier-reencoded');
  }
  return found;
}

/** Whether the algorithms are those that the signer named, where it named any. @see RFC 6211, 3 */
function isProtected({
  attributes: { algorithmProtection },
  digestAlgorithm,
  signatureAlgorithm,
}: SignerInfo): boolean {
  return (
    algorithmProtection === undefined ||
    (algorithmProtection.signatureAlgorithm !== undefined &&
      sameAlgorithm(algorithmProtection.digestAlgorithm, digestAlgorithm) &&
      sameAlgorithm(algorithmProtection.signatureAlgorithm, signatureAlgorithm))
  );
}

/** Each version of the attribute has to name the certificate. @see RFC 5035, 5 */
function matchSigningCertificate(
  { attributes: { signingCertificates } }: SignerInfo,
  certificate: Certificate,
): SignerInfoVerification['signingCertificate'] {
  if (signingCertificates.length === 0) return 'absent';
  const matches = signingCertificates.map(({ ids }) => matchEssId(ids[0], certificate));
  return (['mismatch', 'unsupported'] as const).find((each) => matches.includes(each)) ?? 'match';
}

function matchEssId(
  id: EssCertificateId | undefined,
  certificate: Certificate,
): 'match' | 'mismatch' | 'unsupported' {
  if (id === undefined || !namesCertificate(id, certificate)) return 'mismatch';
  if (id.digestAlgorithm === undefined) return 'unsupported';
  return equalBytes(digestBytes(id.digestAlgorithm, certificate.der), id.digest)
    ? 'match'
    : 'mismatch';
}

/** Issuer and serial are optional, but may not be another's. @see RFC 5035, 5.4.1 */
function namesCertificate(id: EssCertificateId, certificate: Certificate): boolean {
  const issuers = id.issuer.flatMap((name) => (name.kind === 'directory' ? [name.name] : []));
  return (
    (id.serialHex === undefined || id.serialHex === certificate.serialHex) &&
    issuers.every((issuer) => equalNames(issuer, certificate.issuer))
  );
}

/**
 * The certificate among `candidates` that signed: named by the signer identifier and, where there
 * is one, by the signing-certificate attribute, so that a certificate with the same issuer and
 * serial put beside it is not taken.
 */
export function findSignerCertificate(
  signer: SignerInfo,
  candidates: readonly Certificate[],
): Certificate | undefined {
  const named = candidates.filter((candidate) => matchesSigner(signer.sid, candidate));
  return (
    named.find((candidate) => matchSigningCertificate(signer, candidate) === 'match') ?? named[0]
  );
}
