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
  sha256Hex,
  systemRandom,
  toBase64,
  toHex,
  toRfc3339,
  type Clock,
} from '../kernel/index.js';
import type {
  CompleteFileRequest,
  CompletedFile,
  PrepareFileRequest,
  PreparedFile,
} from '../cli/index.js';
import {
  acceptSignatureValue,
  beginSignature,
  finishSignature,
  holdSignature,
  resumeHeldSignature,
} from '../pades/index.js';
import { openPdf } from '../pdf/index.js';
import { DIGEST_LENGTH, parseCertificate } from '../pki/index.js';
import { assertAdmitted, inspectDocument } from '../signing/index.js';
import { assertSound } from './assert-sound.js';
import { claimOnce } from './claim-once.js';
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
 * @throws AppError `certificate-malformed`, `certificate-not-for-signing`, `certificate-expired`,
 *   `certificate-not-yet-valid`, `algorithm-unsupported`, and what reading and preparing throw
 */
export function prepareFile(request: PrepareFileRequest, clock: Clock): PreparedFile {
  const { source, password } = request;
  const claimedAt = new Date(Math.floor(clock.now().getTime() / 1000) * 1000);
  const [certificateDer, ...chainDer] = readCertificates(request.certificates);
  if (certificateDer === undefined) {
    throw new AppError('certificate-malformed', 'no certificate in the file');
  }
  const certificate = parseCertificate(certificateDer);
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
  const pending = beginSignature(
    document,
    { certificateDer, chainDer, algorithm },
    {
      ...signatureOptions(document, request, claimedAt),
      // Two files prepared alike in one second are two waits, each to be completed once.
      changingId: systemRandom(16),
    },
  );
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

/**
 * @throws AppError `signature-session-mismatch`, `signing-session-expired`, `signing-session-used`,
 *   `signature-not-verified`, `pdf-encrypted`, and what reading throws
 */
export async function completeFile(
  request: CompleteFileRequest,
  clock: Clock,
): Promise<CompletedFile> {
  const { source, password } = request;
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
  const base = new PrefixSource(source, prepared.baseSize);
  const appended = finishSignature(pending, value);
  await assertSound(new ConcatSource(base, new MemorySource(appended)), {
    certificateDer: certificate.der,
    fieldName: prepared.fieldName,
    at: claimedAt,
    ...opening,
  });
  const claim = claimOnce(sha256Hex(signedAttributes), clock.now());
  try {
    request.keep(base, appended);
  } catch (error) {
    claim.release();
    throw error;
  }
  return { fieldName: prepared.fieldName, signer: certificate.subject.text };
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
