/** Signs a file for the command line: one revision, verified by ourselves before it is handed out. */
import { AppError, ConcatSource, MemorySource, type Clock } from '../kernel/index.js';
import type { SignedFile, SignFileRequest } from '../cli/index.js';
import { beginSignature, finishSignature } from '../pades/index.js';
import { openPdf } from '../pdf/index.js';
import { isSigningCertificate, parseCertificate } from '../pki/index.js';
import { appearanceOptions } from './appearance-options.js';
import { assertSound } from './assert-sound.js';

const LEVELS = { 'no-changes': 1, 'form-filling': 2, annotations: 3 } as const;

/**
 * @throws AppError `certificate-not-for-signing`, `certificate-expired`, `certificate-not-yet-valid`,
 *   `signature-not-verified`, and what reading, preparing and the key throw
 */
export async function signFile(request: SignFileRequest, clock: Clock): Promise<SignedFile> {
  const { source, key } = request;
  const claimedAt = new Date(Math.floor(clock.now().getTime() / 1000) * 1000);
  const certificate = parseCertificate(key.certificateDer);
  if (!isSigningCertificate(certificate)) {
    throw new AppError('certificate-not-for-signing', 'key usage does not allow signing');
  }
  if (claimedAt > certificate.notAfter) {
    throw new AppError('certificate-expired', 'the certificate has expired');
  }
  if (claimedAt < certificate.notBefore) {
    throw new AppError('certificate-not-yet-valid', 'the certificate is not valid yet');
  }
  const opening = request.password === undefined ? {} : { password: request.password };
  const document = openPdf(source, { mode: 'lenient', ...opening });
  const pending = beginSignature(document, key, {
    claimedAt,
    isPss: request.isPss,
    ...(request.digest === undefined ? {} : { digest: request.digest }),
    ...appearanceOptions(document, request),
    ...(request.field === undefined ? {} : { fieldName: request.field }),
    ...(request.certify === undefined ? {} : { certify: LEVELS[request.certify] }),
    ...(request.reason === undefined ? {} : { reason: request.reason }),
    ...(request.location === undefined ? {} : { location: request.location }),
    ...(request.name === undefined ? {} : { name: request.name }),
  });
  const signature = await key.sign(pending.signedAttributes, pending.scheme);
  const appended = finishSignature(pending, signature);
  await assertSound(new ConcatSource(source, new MemorySource(appended)), {
    certificateDer: key.certificateDer,
    fieldName: pending.prepared.fieldName,
    at: claimedAt,
    ...opening,
  });
  return { appended, fieldName: pending.prepared.fieldName, signer: certificate.subject.text };
}
