/** What the command line asks of a signature, as `pades` takes it. */
import { AppError } from '../../kernel/index.js';
import type { AppearanceRequest, SignatureRequest } from '../../cli/index.js';
import type { SignatureOptions } from '../../pades/index.js';
import type { PdfDocument } from '../../pdf/index.js';
import { isSigningCertificate, type Certificate } from '../../pki/index.js';
import { appearanceOptions } from './appearance-options.js';
import { assertSealFits } from './assert-seal.js';

const LEVELS = { 'no-changes': 1, 'form-filling': 2, annotations: 3 } as const;

/** @throws AppError as `assertSealFits`, and as drawing and placing an appearance do */
export function signatureOptions(
  document: PdfDocument,
  request: SignatureRequest & { readonly appearance?: AppearanceRequest },
  certificateDer: Uint8Array,
  claimedAt: Date,
): SignatureOptions {
  const picture = request.appearance?.picture;
  if (picture !== undefined && 'seal' in picture) {
    assertSealFits(picture.seal, certificateDer, claimedAt);
  }
  return {
    claimedAt,
    isPss: request.isPss,
    ...(request.digest === undefined ? {} : { digest: request.digest }),
    ...appearanceOptions(document, request, claimedAt),
    ...(request.field === undefined ? {} : { fieldName: request.field }),
    ...(request.certify === undefined ? {} : { certify: LEVELS[request.certify] }),
    ...(request.lock === undefined ? {} : { lock: request.lock }),
    ...(request.reason === undefined ? {} : { reason: request.reason }),
    ...(request.location === undefined ? {} : { location: request.location }),
    ...(request.name === undefined ? {} : { name: request.name }),
  };
}

/**
 * @throws AppError `certificate-not-for-signing`, `certificate-expired`, `certificate-not-yet-valid`
 */
export function assertMaySignAt(certificate: Certificate, at: Date): void {
  if (!isSigningCertificate(certificate)) {
    throw new AppError('certificate-not-for-signing', 'key usage does not allow signing');
  }
  if (at > certificate.notAfter) {
    throw new AppError('certificate-expired', 'the certificate has expired');
  }
  if (at < certificate.notBefore) {
    throw new AppError('certificate-not-yet-valid', 'the certificate is not valid yet');
  }
}
