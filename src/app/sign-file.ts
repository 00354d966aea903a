/** Signs a file for the command line: one revision, verified by ourselves before it is handed out. */
import { ConcatSource, MemorySource, type Clock } from '../kernel/index.js';
import type { SignedFile, SignFileRequest } from '../cli/index.js';
import { beginSignature, finishSignature } from '../pades/index.js';
import { openPdf } from '../pdf/index.js';
import { parseCertificate } from '../pki/index.js';
import { assertSound } from './assert-sound.js';
import { assertMaySignAt, signatureOptions } from './signature-options.js';

/**
 * @throws AppError `certificate-not-for-signing`, `certificate-expired`, `certificate-not-yet-valid`,
 *   `signature-not-verified`, and what reading, preparing and the key throw
 */
export async function signFile(request: SignFileRequest, clock: Clock): Promise<SignedFile> {
  const { source, key } = request;
  const claimedAt = new Date(Math.floor(clock.now().getTime() / 1000) * 1000);
  const certificate = parseCertificate(key.certificateDer);
  assertMaySignAt(certificate, claimedAt);
  const opening = request.password === undefined ? {} : { password: request.password };
  const document = openPdf(source, { mode: 'lenient', ...opening });
  const pending = beginSignature(document, key, signatureOptions(document, request, claimedAt));
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
