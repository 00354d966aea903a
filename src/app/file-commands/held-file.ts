/** Signing in two steps for a key that is elsewhere: a file that waits for a value, and the file with it. */
import {
  AppError,
  ConcatSource,
  MemorySource,
  PrefixSource,
  bytesToLatin1,
  digestBytes,
  digestSpans,
  fromBase64,
  fromHex,
  isAppError,
  sha256Hex,
  systemRandom,
  toBase64,
  toHex,
  toRfc3339,
  wholeSecond,
  type Clock,
} from '../../kernel/index.js';
import type {
  CompleteFileRequest,
  CompletedFile,
  LevelRequest,
  PrepareFileRequest,
  PreparedFile,
} from '../../cli/index.js';
import {
  acceptSignatureValue,
  beginSignature,
  finishSignature,
  holdSignature,
  resumeHeldSignature,
  type PendingSignature,
  type SignatureOptions,
  type SignerCertificates,
} from '../../pades/index.js';
import { openPdf, type PdfDocument } from '../../pdf/index.js';
import { DIGEST_LENGTH, cachedCertificate } from '../../pki/index.js';
import {
  assertAdmitted,
  assertStampable,
  inspectDocument,
  stampOver,
} from '../../signing/index.js';
import { assertSound } from './assert-sound.js';
import { claimOnce } from './claim-once.js';
import { addsRevocation, fileLevelServices, raiseSigned, withPath } from './file-levels.js';
import type { LevelServices } from '../bridges/level-services.js';
import { readCertificates } from './read-certificates.js';
import { assertMaySignAt, signatureOptions } from './signature-options.js';

/** How long a prepared file waits. */
const WAIT_MS = 5 * 60 * 1000;
/** Clocks of one machine do not differ; whole seconds do. */
const TOLERANCE_MS = 2000;

const ALGORITHM_NAMES = {
  'pkcs1-v1_5': 'RSASSA-PKCS1-v1_5',
  pss: 'RSASSA-PSS',
  ecdsa: 'ECDSA',
  eddsa: 'Ed25519',
  sm2: 'SM2',
} as const;

/**
 * Above B-B the hole has room for a time-stamp, of the size that the authority is found to make.
 *
 * @throws AppError `certificate-malformed`, `certificate-not-for-signing`, `certificate-expired`,
 *   `certificate-not-yet-valid`, `algorithm-unsupported`; above B-B `tsa-unavailable`,
 *   `tsa-response-invalid`, `certificate-chain-incomplete`; and what reading and preparing throw
 */
export async function prepareFile(
  request: PrepareFileRequest,
  clock: Clock,
): Promise<PreparedFile> {
  const { source, password, level } = request;
  const claimedAt = wholeSecond(clock.now());
  const [certificateDer, ...chainDer] = readCertificates(request.certificates);
  if (certificateDer === undefined) {
    throw new AppError('certificate-malformed', 'no certificate in the file');
  }
  const certificate = cachedCertificate(certificateDer);
  assertMaySignAt(certificate, claimedAt);
  const algorithm = certificate.publicKey.key;
  if (algorithm === undefined) {
    throw new AppError('algorithm-unsupported', 'the key is of a kind we cannot use', {
      params: { algorithm: certificate.publicKey.algorithm.oid },
    });
  }
  const document = openPdf(source, {
    mode: 'lenient',
    ...(password === undefined ? {} : { password }),
  });
  const { findings } = inspectDocument(document, request.allow ?? []);
  assertAdmitted(findings);
  const given = { certificateDer, chainDer, algorithm };
  const options = {
    ...signatureOptions(document, request, certificateDer, claimedAt),
    // Two files prepared alike in one second are two waits, each to be completed once.
    changingId: systemRandom(16),
  };
  const pending =
    level === undefined
      ? beginSignature(document, given, options)
      : await beginStamped(document, given, options, level, clock);
  const appended = holdSignature(pending);
  const whole = new ConcatSource(source, new MemorySource(appended));
  const { scheme, signedAttributes } = pending;
  return {
    appended,
    fieldName: pending.prepared.fieldName,
    signer: certificate.subject.text,
    findings,
    digest: toHex(digestBytes(scheme.digest, signedAttributes)),
    digestAlgorithm: scheme.digest,
    signedAttributes: toBase64(signedAttributes),
    algorithm: ALGORITHM_NAMES[scheme.padding],
    saltBytes: scheme.padding === 'pss' ? DIGEST_LENGTH[scheme.digest] : undefined,
    preparedSha256: toHex(digestSpans('sha256', whole, [[0, whole.size]])),
    expiresAt: toRfc3339(new Date(claimedAt.getTime() + WAIT_MS)),
  };
}

async function beginStamped(
  document: PdfDocument,
  given: SignerCertificates,
  options: SignatureOptions,
  level: LevelRequest,
  clock: Clock,
): Promise<PendingSignature> {
  const services = fileLevelServices(level, clock);
  const certificates = await withPath(given, services, options.claimedAt);
  const pending = beginSignature(document, certificates, {
    ...options,
    timestampBytes: await services.timestamps.expectedBytes(),
    addsRevocation: addsRevocation(level),
  });
  assertStampable(pending);
  return pending;
}

/**
 * Nothing is kept, and the wait is not over, unless the level is reached: the same value may be
 * handed in again while the file waits.
 *
 * @throws AppError `signature-session-mismatch`, `signing-session-expired`, `signing-session-used`,
 *   `signature-not-verified`, `pdf-encrypted`, and what reading throws; above B-B
 *   `signature-hole-too-small` for a file prepared for a lower level, `tsa-unavailable`,
 *   `tsa-response-invalid`, `revocation-unavailable`, `certificate-revoked`,
 *   `certificate-chain-incomplete`, `algorithm-unsupported`
 */
export async function completeFile(
  request: CompleteFileRequest,
  clock: Clock,
): Promise<CompletedFile> {
  const { source, password, level } = request;
  const opening = password === undefined ? {} : { password };
  const { pending, certificate, claimedAt } = resumeHeldSignature(
    openPdf(source, { mode: 'lenient', ...opening }),
  );
  assertStillWaiting(claimedAt, clock.now());
  const value = acceptSignatureValue(
    pending,
    certificate.publicKey,
    ...readings(request.signature),
  );
  const { prepared, signedAttributes } = pending;
  const { fieldName } = prepared;
  const base = new PrefixSource(source, prepared.baseSize);
  const services = level === undefined ? undefined : fileLevelServices(level, clock);
  const signed =
    services === undefined
      ? finishSignature(pending, value)
      : await finishStamped(pending, value, services);
  await assertSound(new ConcatSource(base, new MemorySource(signed)), {
    certificateDer: certificate.der,
    fieldName,
    at: level === undefined ? claimedAt : clock.now(),
    trust: level?.trust,
    ...opening,
  });
  const appended =
    level === undefined || services === undefined
      ? signed
      : await raiseSigned(base, signed, { fieldName, level, services, clock, ...opening });
  const claim = claimOnce(sha256Hex(signedAttributes), clock.now());
  try {
    request.keep(base, appended);
  } catch (error) {
    claim.release();
    throw error;
  }
  return { fieldName, signer: certificate.subject.text };
}

async function finishStamped(
  pending: PendingSignature,
  value: Uint8Array,
  { timestamps }: LevelServices,
): Promise<Uint8Array> {
  const token = await stampOver(pending, value, timestamps);
  try {
    return finishSignature(pending, value, token);
  } catch (cause) {
    if (!isAppError(cause, 'signature-too-large')) throw cause;
    throw new AppError('signature-hole-too-small', 'the hole has no room for the time-stamp', {
      params: cause.params,
      cause,
    });
  }
}

/** The time is one that the digest covers; a clock set back before it does not make the wait longer. */
function assertStillWaiting(claimedAt: Date, now: Date): void {
  const until = claimedAt.getTime() + WAIT_MS;
  if (now.getTime() <= until && now.getTime() >= claimedAt.getTime() - TOLERANCE_MS) return;
  throw new AppError('signing-session-expired', 'the prepared file has waited too long', {
    params: { until: toRfc3339(new Date(until)) },
  });
}

/** What the bytes of a signature file may mean: the value itself, or its hex or base64 as text. */
function readings(file: Uint8Array): readonly Uint8Array[] {
  const text = bytesToLatin1(file).replace(/\s+/g, '');
  const base64 = text.replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, '');
  const padded = base64.padEnd(Math.ceil(base64.length / 4) * 4, '=');
  return [file, fromHex(text.replace(/:/g, '')), fromBase64(padded)].filter(
    (each) => each !== undefined,
  );
}
