/**
 * The cryptographic part of a time-stamp token: is it over the right bytes, did the authority that
 * it names sign it. Trust in the authority is decided elsewhere.
 *
 * @see RFC 3161, 2.4.2; RFC 5816; ETSI EN 319 102-1, 5.4 (time-stamp validation building block)
 */
import { isAppError, type DigestAlgorithm } from '../kernel/index.js';
import {
  cachedCertificate,
  checkTimestamp,
  parseTimestampToken,
  type Certificate,
  type TimestampFinding,
  type TimestampToken,
} from '../pki/index.js';
import { ALGORITHM_NAMES, type CryptographicResult } from './cryptography.js';
import { message, type MessageCode } from './messages.js';
import type { Indication, SubIndication } from './report.js';
import { parseEach } from './trust-material.js';

export interface TimestampResult extends CryptographicResult {
  /** What the token says; not proved unless the authority is trusted. */
  readonly generatedAt: Date | undefined;
  /** It cannot be read, is over something else, or its value is not of the key it names. */
  readonly isFalse: boolean;
}

type Judgement = readonly [Indication, SubIndication, MessageCode];

const IRREGULAR: Judgement = ['TOTAL-FAILED', 'FORMAT_FAILURE', 'timestamp-irregular'];
const UNNAMED: Judgement = [
  'INDETERMINATE',
  'NO_SIGNING_CERTIFICATE_FOUND',
  'timestamp-signer-unknown',
];
const UNSUITABLE: Judgement = [
  'INDETERMINATE',
  'CHAIN_CONSTRAINTS_FAILURE',
  'timestamp-certificate-unsuitable',
];
const UNSUPPORTED: Judgement = [
  'INDETERMINATE',
  'CRYPTO_CONSTRAINTS_FAILURE',
  'algorithm-unsupported',
];

const JUDGEMENTS: Readonly<Record<TimestampFinding, Judgement>> = {
  'imprint-mismatch': ['TOTAL-FAILED', 'HASH_FAILURE', 'timestamp-foreign'],
  'signature-invalid': ['TOTAL-FAILED', 'SIG_CRYPTO_FAILURE', 'timestamp-signature-invalid'],
  'imprint-algorithm-unsupported': UNSUPPORTED,
  'algorithm-unsupported': UNSUPPORTED,
  'signer-count': IRREGULAR,
  'signed-attributes-irregular': IRREGULAR,
  'algorithms-disagree': IRREGULAR,
  'unknown-critical-extension': ['INDETERMINATE', 'SIG_CONSTRAINTS_FAILURE', 'timestamp-irregular'],
  'certificate-missing': UNNAMED,
  'signing-certificate-missing': UNNAMED,
  'signing-certificate-mismatch': UNNAMED,
  'extended-key-usage': UNSUITABLE,
  'certificate-not-valid-then': UNSUITABLE,
  'nonce-mismatch': IRREGULAR,
  'policy-mismatch': IRREGULAR,
};

const FALSE: readonly TimestampFinding[] = ['imprint-mismatch', 'signature-invalid'];

const UNREADABLE: TimestampResult = {
  indication: 'TOTAL-FAILED',
  subIndication: 'FORMAT_FAILURE',
  messages: [message('timestamp-malformed')],
  signedData: undefined,
  signer: undefined,
  certificate: undefined,
  certificates: [],
  digest: null,
  algorithm: null,
  digests: [],
  generatedAt: undefined,
  isFalse: true,
};

/**
 * Never throws on a bad token: every defect is a result.
 *
 * @param bytes - The token; zeros may follow, as they do in a `/Contents`.
 * @param imprint - Digest of what the token has to be over.
 * @param certificates - Where the authority's certificate may be, beside the token.
 */
export function verifyTimestamp(
  bytes: Uint8Array,
  imprint: (algorithm: DigestAlgorithm) => Uint8Array,
  certificates: readonly Certificate[],
): TimestampResult {
  const token = parse(bytes);
  if (token === undefined) return UNREADABLE;
  const check = checkTimestamp(token, { imprint, certificates });
  const { signedData, tstInfo } = token;
  const [signer] = signedData.signerInfos;
  const method = check.verification?.method;
  const judgements = check.findings.map((finding) => ({ finding, judged: JUDGEMENTS[finding] }));
  const worst =
    judgements.find(({ judged: [indication] }) => indication === 'TOTAL-FAILED') ?? judgements[0];
  const { digestAlgorithm } = tstInfo.imprint;
  const digests = [digestAlgorithm, signer?.digest, method?.digest];
  return {
    indication: worst?.judged[0] ?? 'TOTAL-PASSED',
    subIndication: worst?.judged[1] ?? null,
    messages: judgements.map(({ finding, judged }) => message(judged[2], finding)),
    signedData,
    signer,
    certificate: check.certificate,
    certificates: parseEach(signedData.certificatesDer, cachedCertificate),
    digest: digestAlgorithm ?? null,
    algorithm: method === undefined ? null : (ALGORITHM_NAMES[method.padding] ?? method.padding),
    digests: digests.filter((digest) => digest !== undefined),
    generatedAt: tstInfo.generatedAt,
    isFalse: check.findings.some((finding) => FALSE.includes(finding)),
  };
}

/** What follows the token is padding: zeros, or it is a place to hide. */
function parse(bytes: Uint8Array): TimestampToken | undefined {
  try {
    const token = parseTimestampToken(bytes);
    const padding = bytes.subarray(token.signedData.consumedBytes);
    return padding.every((octet) => octet === 0) ? token : undefined;
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}
