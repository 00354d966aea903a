/** Signs a file for the command line, at any level, verified by ourselves before it is handed out. */
import { ConcatSource, MemorySource, concatBytes, type Clock } from '../kernel/index.js';
import type { LevelRequest, SignedFile, SignFileRequest } from '../cli/index.js';
import { beginSignature, finishSignature, type SignatureOptions } from '../pades/index.js';
import { openPdf, type PdfDocument } from '../pdf/index.js';
import { parseCertificate } from '../pki/index.js';
import {
  assertAdmitted,
  inspectDocument,
  raiseLevel,
  signWithTimestamp,
  type SignedRevisionBytes,
} from '../signing/index.js';
import type { SigningKey } from '../token/index.js';
import { assertRaised, assertSound } from './assert-sound.js';
import { createLevelServices, type LevelServices } from './level-services.js';
import { createOutgoing } from './outgoing.js';
import { assertMaySignAt, signatureOptions } from './signature-options.js';

/** Longest request to an authority, a responder or a list, for a person who waits. */
const TIMEOUT_MS = 15_000;

/**
 * @throws AppError `pdf-not-admitted`, `certificate-not-for-signing`, `certificate-expired`, `certificate-not-yet-valid`,
 *   `signature-not-verified`; above B-B `tsa-unavailable`, `tsa-response-invalid`,
 *   `revocation-unavailable`, `certificate-revoked`, `certificate-chain-incomplete`; and what
 *   reading, preparing and the key throw
 */
export async function signFile(request: SignFileRequest, clock: Clock): Promise<SignedFile> {
  const { source, key, level } = request;
  const claimedAt = new Date(Math.floor(clock.now().getTime() / 1000) * 1000);
  const certificate = parseCertificate(key.certificateDer);
  assertMaySignAt(certificate, claimedAt);
  const opening = request.password === undefined ? {} : { password: request.password };
  const document = openPdf(source, { mode: 'lenient', ...opening });
  const { findings } = inspectDocument(document, request.allow ?? []);
  assertAdmitted(findings);
  const options = {
    ...signatureOptions(document, request, claimedAt),
    addsRevocation: level?.level === 'B-LT' || level?.level === 'B-LTA',
  };
  const services = level === undefined ? undefined : fileLevelServices(level, clock);
  const signed =
    services === undefined
      ? await signPlain(document, key, options)
      : await signStamped(document, key, options, services);
  const { fieldName } = signed.pending.prepared;
  const file = new ConcatSource(source, new MemorySource(signed.appended));
  const own = {
    certificateDer: key.certificateDer,
    fieldName,
    trust: level?.trust,
    ...opening,
  };
  await assertSound(file, { ...own, at: clock.now() });
  let { appended } = signed;
  if (level !== undefined && services !== undefined && level.level !== 'B-T') {
    const raised = await raiseLevel(file, {
      target: level.level,
      fields: [fieldName],
      ...services,
      ...opening,
      clock,
    });
    if (raised.failure !== undefined) throw raised.failure;
    await assertRaised(new ConcatSource(file, new MemorySource(raised.appended)), raised, {
      trust: level.trust,
      at: clock.now(),
      ...opening,
    });
    appended = concatBytes([appended, raised.appended]);
  }
  return { appended, fieldName, signer: certificate.subject.text, findings };
}

/** A person at a terminal may ask any address that the certificates name. */
export function fileLevelServices(level: LevelRequest, clock: Clock): LevelServices {
  return createLevelServices({
    trust: level.trust,
    tsaUrls: level.tsaUrls,
    outgoing: createOutgoing({ allowsPrivate: true, timeoutMs: TIMEOUT_MS }),
    clock,
  });
}

async function signPlain(
  document: PdfDocument,
  key: SigningKey,
  options: SignatureOptions,
): Promise<SignedRevisionBytes> {
  const pending = beginSignature(document, key, options);
  const value = await key.sign(pending.signedAttributes, pending.scheme);
  return { pending, appended: finishSignature(pending, value) };
}

/** The CMS holds the path, so that the signature can be validated without asking for certificates. */
async function signStamped(
  document: PdfDocument,
  key: SigningKey,
  options: SignatureOptions,
  { timestamps, evidence }: LevelServices,
): Promise<SignedRevisionBytes> {
  const path = await evidence.pathOf(parseCertificate(key.certificateDer), {
    usage: 'contract-signing',
    embedded: key.chainDer.map(parseCertificate),
    at: options.claimedAt,
  });
  const chainDer = [...path.slice(1, -1).map(({ der }) => der), ...key.chainDer];
  const certificates = {
    certificateDer: key.certificateDer,
    chainDer,
    algorithm: key.algorithm,
  };
  return signWithTimestamp(
    key,
    (timestampBytes) => beginSignature(document, certificates, { ...options, timestampBytes }),
    timestamps,
  );
}
