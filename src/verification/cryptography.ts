/**
 * The cryptographic part of one signature: the CMS in the hole, its digest over the signed bytes,
 * its value by the signer's key. Trust in the certificate is decided elsewhere.
 *
 * @see RFC 5652, 5.4 to 5.6
 * @see ETSI EN 319 102-1, 5.2.7 (cryptographic verification)
 */
import {
  MemorySource,
  digestBytes,
  digestSpans,
  equalBytes,
  isAppError,
  readChunks,
  type ByteSource,
  type DigestAlgorithm,
} from '../kernel/index.js';
import {
  OID,
  cachedCertificate,
  findSignerCertificate,
  parseSignedData,
  verifySignerInfo,
  type Certificate,
  type SignedData,
  type SignerInfo,
} from '../pki/index.js';
import type { SES_Signature } from '../eseal/index.js';
import type { LocatedSignature } from './locate.js';
import { message, type MessageCode } from './messages.js';
import type { Indication, ReportMessage, SubIndication } from './report.js';
import { SEAL_SUB_FILTER, verifySealSignedBytes } from './seal-signature.js';

export interface CryptographicResult {
  readonly indication: Indication;
  readonly subIndication: SubIndication | null;
  readonly messages: readonly ReportMessage[];
  readonly signedData: SignedData | undefined;
  readonly signer: SignerInfo | undefined;
  readonly certificate: Certificate | undefined;
  /** Every certificate in the CMS, the signer's included. */
  readonly certificates: readonly Certificate[];
  readonly digest: string | null;
  readonly algorithm: string | null;
  /** In place of a CMS: what a seal signs with. */
  readonly sealSignature?: SES_Signature;
  /** Digests that the signature rests on; how long each was good enough is for policy. */
  readonly digests: readonly DigestAlgorithm[];
}

export const ALGORITHM_NAMES: Readonly<Record<string, string>> = {
  'pkcs1-v1_5': 'RSASSA-PKCS1-v1_5',
  pss: 'RSASSA-PSS',
  ecdsa: 'ECDSA',
  'plain-ecdsa': 'ECDSA',
  eddsa: 'EdDSA',
  sm2: 'SM2',
};

/** CMS oddities that PAdES forbids; a signature with one of them is not what the standard describes. */
const IRREGULAR: readonly string[] = [
  'several-signer-infos',
  'no-signer-info',
  'content-present',
  'signed-attribute-duplicate',
  'signed-attribute-several-values',
  'unexpected-content-type',
];

/**
 * Deviations that change nothing of what was signed, and that no unaltered signature of a known
 * producer shows: somebody may have touched the unsigned part of the CMS.
 */
const SUSPICIOUS: readonly string[] = [
  'version-unexpected',
  'certificate-unexpected-form',
  'revocation-unexpected-form',
  'signer-identifier-reencoded',
  'digest-not-announced',
];

/** What signs anything else is made for another protocol. @see ETSI EN 319 142-1, 6.3 (content-type) */
const CONTENT_TYPES: readonly string[] = [OID.data, OID.gmData];

/** Detached CMS over the ranges, by whatever name: PDF's own, PAdES's, ICP-Brasil's, domestic sealing products'. */
const SUPPORTED: readonly string[] = [
  'ETSI.CAdES.detached',
  'adbe.pkcs7.detached',
  'PBAD.PAdES',
  'GM.sm2cms.detached',
];

/** Where domestic products put the SM3 of the ranges into the CMS as its content, instead of nothing (GB/T 35275). */
const MAY_HOLD_DIGEST: readonly string[] = ['GM.sm2cms.detached', 'adbe.pkcs7.detached'];
const SM3_BYTES = 32;

type Known = Pick<
  CryptographicResult,
  'signedData' | 'signer' | 'certificate' | 'certificates' | 'digest' | 'algorithm' | 'digests'
>;

const NOTHING: Known = {
  signedData: undefined,
  signer: undefined,
  certificate: undefined,
  certificates: [],
  digest: null,
  algorithm: null,
  digests: [],
};

function failed(
  subIndication: SubIndication,
  code: MessageCode,
  known: Known = NOTHING,
  detail?: string,
  indication: Indication = 'TOTAL-FAILED',
): CryptographicResult {
  return { indication, subIndication, messages: [message(code, detail)], ...known };
}

/** Never throws on a bad signature: every defect is a result. */
export function verifyCryptography(
  source: ByteSource,
  located: LocatedSignature,
): CryptographicResult {
  if (located.subFilter === SEAL_SUB_FILTER) return verifySealSignedBytes(source, located);
  if (!SUPPORTED.includes(located.subFilter)) {
    return failed(
      'FORMAT_FAILURE',
      'sub-filter-unsupported',
      NOTHING,
      located.subFilter,
      'INDETERMINATE',
    );
  }
  const parsed = parse(located.contentsBytes);
  if (parsed === undefined) return failed('FORMAT_FAILURE', 'cms-malformed');
  const { signedData, certificates } = parsed;
  const [signer] = signedData.signerInfos;
  const certificate =
    signer === undefined ? undefined : findSignerCertificate(signer, certificates);
  const digest = signer?.digest;
  const known: Known = {
    signedData,
    signer,
    certificate,
    certificates,
    digest: digest ?? null,
    algorithm: null,
    digests: digest === undefined ? [] : [digest],
  };
  const held = heldDigest(located, signedData, digest);
  const irregular: string[] = signedData.findings.filter(
    (finding) =>
      IRREGULAR.includes(finding) && !(finding === 'content-present' && held !== undefined),
  );
  if (!CONTENT_TYPES.includes(signedData.contentType)) irregular.push(signedData.contentType);
  if (signer === undefined || irregular.length > 0) {
    return failed('FORMAT_FAILURE', 'signed-attributes-irregular', known, irregular.join(', '));
  }
  if (certificate === undefined) {
    return failed(
      'NO_SIGNING_CERTIFICATE_FOUND',
      'signing-certificate-absent',
      known,
      undefined,
      'INDETERMINATE',
    );
  }
  if (digest === undefined) {
    return failed(
      'CRYPTO_CONSTRAINTS_FAILURE',
      'algorithm-unsupported',
      known,
      signer.digestAlgorithm.oid,
      'INDETERMINATE',
    );
  }
  return judge(source, located, known, signedData, signer, certificate, digest, held);
}

/** The content of a CMS that can only be the SM3 of the signed ranges; `undefined` for any other. */
function heldDigest(
  located: LocatedSignature,
  { content }: SignedData,
  digest: DigestAlgorithm | undefined,
): Uint8Array | undefined {
  const mayHold = MAY_HOLD_DIGEST.includes(located.subFilter) && digest === 'sm3';
  return mayHold && content?.length === SM3_BYTES ? content : undefined;
}

function parse(
  hole: Uint8Array,
): { readonly signedData: SignedData; readonly certificates: readonly Certificate[] } | undefined {
  try {
    const signedData = parseSignedData(hole);
    // What follows the CMS is padding: zeros, or it is a place to hide.
    for (let at = signedData.consumedBytes; at < hole.length; at++) {
      if (hole[at] !== 0) return undefined;
    }
    return { signedData, certificates: signedData.certificatesDer.flatMap(readable) };
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

/** A certificate that does not parse cannot sign, but does not spoil those beside it. */
function readable(der: Uint8Array): Certificate[] {
  try {
    return [cachedCertificate(der)];
  } catch (error) {
    if (isAppError(error)) return [];
    throw error;
  }
}

function judge(
  source: ByteSource,
  located: LocatedSignature,
  base: Known,
  signedData: SignedData,
  signer: SignerInfo,
  certificate: Certificate,
  digest: DigestAlgorithm,
  held: Uint8Array | undefined,
): CryptographicResult {
  const spans = [
    [0, located.contents.start],
    [located.contents.end, located.signedEnd],
  ] as const;
  const rangeDigest = digestSpans(digest, source, spans);
  if (held !== undefined && !equalBytes(held, rangeDigest)) {
    return failed('HASH_FAILURE', 'digest-mismatch', base);
  }
  const outcome = verifySignerInfo(signedData, signer, certificate, {
    digest: held === undefined ? rangeDigest : digestBytes(digest, held),
    ...(signer.signedAttributesDer === undefined
      ? { chunks: held === undefined ? chunksOf(source, spans) : [held] }
      : {}),
  });
  const padding = outcome.method?.padding;
  const known: Known = {
    ...base,
    algorithm: padding === undefined ? null : (ALGORITHM_NAMES[padding] ?? padding),
    digests: [...base.digests, ...(outcome.method === undefined ? [] : [outcome.method.digest])],
  };
  switch (outcome.status) {
    case 'digest-mismatch':
      return failed('HASH_FAILURE', 'digest-mismatch', known);
    case 'signature-invalid':
    case 'content-needed':
      return failed('SIG_CRYPTO_FAILURE', 'signature-value-invalid', known);
    case 'algorithm-unsupported':
      return failed(
        'CRYPTO_CONSTRAINTS_FAILURE',
        'algorithm-unsupported',
        known,
        signer.signatureAlgorithm.oid,
        'INDETERMINATE',
      );
    case 'valid':
      break;
  }
  if (outcome.signingCertificate === 'mismatch') {
    return failed(
      'NO_SIGNING_CERTIFICATE_FOUND',
      'signing-certificate-mismatch',
      known,
      undefined,
      'INDETERMINATE',
    );
  }
  const oddities: string[] = [...signedData.findings, ...outcome.disagreements];
  const disagreements = outcome.disagreements.filter((each) => !SUSPICIOUS.includes(each));
  if (disagreements.length > 0) {
    return failed('FORMAT_FAILURE', 'signed-attributes-irregular', known, disagreements.join(', '));
  }
  const isReadable = base.certificates.length === signedData.certificatesDer.length;
  const suspicious = oddities.filter((each) => SUSPICIOUS.includes(each));
  if (!isReadable) suspicious.push('certificate-unreadable');
  if (suspicious.length > 0) {
    return failed('FORMAT_FAILURE', 'cms-irregular', known, suspicious.join(', '), 'INDETERMINATE');
  }
  const isPades =
    located.subFilter === 'ETSI.CAdES.detached' && outcome.signingCertificate === 'match';
  return {
    indication: 'TOTAL-PASSED',
    subIndication: null,
    messages: isPades ? [] : [message('not-pades')],
    ...known,
  };
}

function* chunksOf(
  source: ByteSource,
  spans: readonly (readonly [start: number, end: number])[],
): Generator<Uint8Array> {
  for (const [start, end] of spans) yield* readChunks(source, start, end);
}

/** A source over bytes in memory, or the source itself. */
export function toSource(input: Uint8Array | ByteSource): ByteSource {
  return input instanceof Uint8Array ? new MemorySource(input) : input;
}
