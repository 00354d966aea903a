/** Signs a file for the command line, at any level, verified by ourselves before it is handed out. */
import { ConcatSource, MemorySource, wholeSecond, type Clock } from '../../kernel/index.js';
import type { SignedFile, SignFileRequest } from '../../cli/index.js';
import { beginSignature, finishSignature, type SignatureOptions } from '../../pades/index.js';
import { openPdf, type PdfDocument } from '../../pdf/index.js';
import { cachedCertificate } from '../../pki/index.js';
import {
  assertAdmitted,
  inspectDocument,
  signWithTimestamp,
  type SignedRevisionBytes,
} from '../../signing/index.js';
import type { SigningKey } from '../../token/index.js';
import { assertSound } from './assert-sound.js';
import { addsRevocation, fileLevelServices, raiseSigned, withPath } from './file-levels.js';
import type { LevelServices } from '../bridges/level-services.js';
import { assertMaySignAt, signatureOptions } from './signature-options.js';

/**
 * @throws AppError `pdf-not-admitted`, `certificate-not-for-signing`, `certificate-expired`, `certificate-not-yet-valid`,
 *   `signature-not-verified`; above B-B `tsa-unavailable`, `tsa-response-invalid`,
 *   `revocation-unavailable`, `certificate-revoked`, `certificate-chain-incomplete`; and what
 *   reading, preparing and the key throw
 */
export async function signFile(request: SignFileRequest, clock: Clock): Promise<SignedFile> {
  const { source, key, level } = request;
  const claimedAt = wholeSecond(clock.now());
  const certificate = cachedCertificate(key.certificateDer);
  assertMaySignAt(certificate, claimedAt);
  const opening = request.password === undefined ? {} : { password: request.password };
  const document = openPdf(source, { mode: 'lenient', ...opening });
  const { findings } = inspectDocument(document, request.allow ?? []);
  assertAdmitted(findings);
  const options = {
    ...signatureOptions(document, request, key.certificateDer, claimedAt),
    addsRevocation: addsRevocation(level),
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
  await assertSound(file, { ...own, base: document, at: clock.now() });
  const appended =
    level === undefined || services === undefined
      ? signed.appended
      : await raiseSigned(source, signed.appended, {
          fieldName,
          level,
          services,
          clock,
          ...opening,
        });
  return { appended, fieldName, signer: certificate.subject.text, findings };
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

async function signStamped(
  document: PdfDocument,
  key: SigningKey,
  options: SignatureOptions,
  services: LevelServices,
): Promise<SignedRevisionBytes> {
  const certificates = await withPath(key, services, options.claimedAt);
  return signWithTimestamp(
    key,
    (timestampBytes) => beginSignature(document, certificates, { ...options, timestampBytes }),
    services.timestamps,
  );
}
