/**
 * A signature whose hole holds a `SES_Signature` in place of a CMS: the seal, the digest of the signed bytes and
 * the signer's value in one structure. Read and
 * compared; its seal is judged elsewhere.
 *
 * @see GB/T 38540-2020 and GM/T 0031 (SES_Signature; verification of a seal's signature)
 */
import {
  digestSpans,
  equalBytes,
  isAppError,
  type ByteSource,
  type DigestAlgorithm,
} from '../kernel/index.js';
import { parseSesSignature, verifySesSignature, type SES_Signature } from '../eseal/index.js';
import { Asn1Reader } from '../pki/index.js';
import type { CryptographicResult } from './cryptography.js';
import type { LocatedSignature } from './locate.js';
import { message, type MessageCode } from './messages.js';
import type { Indication, SubIndication } from './report.js';

/** Contents are a `SES_Signature`; its `dataHash` is over the byte range. */
export const SEAL_SUB_FILTER = 'GM.sm2seal';

/** Which digests `dataHash` may be, by length: the structure does not name it. */
const DATA_DIGESTS: Readonly<Record<number, readonly DigestAlgorithm[]>> = {
  32: ['sm3', 'sha256'],
  48: ['sha384'],
  64: ['sha512'],
};

const ALGORITHMS: Readonly<Record<string, string>> = {
  sm2: 'SM2',
  rsa: 'RSASSA-PKCS1-v1_5',
  ec: 'ECDSA',
};

const OUTCOMES = {
  invalid: ['TOTAL-FAILED', 'SIG_CRYPTO_FAILURE', 'signature-value-invalid'],
  'certificate-unreadable': [
    'INDETERMINATE',
    'NO_SIGNING_CERTIFICATE_FOUND',
    'signing-certificate-absent',
  ],
  unsupported: ['INDETERMINATE', 'CRYPTO_CONSTRAINTS_FAILURE', 'algorithm-unsupported'],
} as const satisfies Record<string, readonly [Indication, SubIndication, MessageCode]>;

/** Never throws on a bad signature: every defect is a result. */
export function verifySealSignedBytes(
  source: ByteSource,
  located: LocatedSignature,
): CryptographicResult {
  const base = {
    signedData: undefined,
    signer: undefined,
    certificate: undefined,
    certificates: [],
    digest: null,
    algorithm: null,
    digests: [],
  };
  const signature = parse(located.contentsBytes);
  if (signature === undefined) {
    const messages = [message('cms-malformed')];
    return { ...base, indication: 'TOTAL-FAILED', subIndication: 'FORMAT_FAILURE', messages };
  }
  const { outcome, certificate } = verifySesSignature(signature);
  const digest = matchingDigest(source, located, signature.toSign.dataHash);
  const known = {
    ...base,
    sealSignature: signature,
    certificate,
    certificates: certificate === undefined ? [] : [certificate],
    digest: digest ?? null,
    algorithm: ALGORITHMS[certificate?.publicKey.key?.kind ?? ''] ?? null,
    digests: digest === undefined ? [] : [digest],
  };
  if (digest === undefined) {
    const messages = [message('digest-mismatch')];
    return { ...known, indication: 'TOTAL-FAILED', subIndication: 'HASH_FAILURE', messages };
  }
  if (outcome !== 'valid') {
    const [indication, subIndication, code] = OUTCOMES[outcome];
    return { ...known, indication, subIndication, messages: [message(code)] };
  }
  const notes = signature.notes.length === 0 ? [] : [signature.notes.join(', ')];
  return {
    ...known,
    indication: 'TOTAL-PASSED',
    subIndication: null,
    messages: [message('not-pades'), ...notes.map((text) => message('seal-structure-note', text))],
  };
}

/** What follows the structure is padding: zeros, or it is a place to hide. */
function parse(hole: Uint8Array): SES_Signature | undefined {
  try {
    const { end } = new Asn1Reader(hole, 0, hole.length, 'ber').read();
    return hole.subarray(end).every((byte) => byte === 0)
      ? parseSesSignature(hole.subarray(0, end))
      : undefined;
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

function matchingDigest(source: ByteSource, located: LocatedSignature, dataHash: Uint8Array) {
  const spans = [
    [0, located.contents.start],
    [located.contents.end, located.signedEnd],
  ] as const;
  const candidates = DATA_DIGESTS[dataHash.length] ?? [];
  return candidates.find((digest) => equalBytes(digestSpans(digest, source, spans), dataHash));
}
