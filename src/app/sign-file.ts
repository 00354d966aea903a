/** Signs a file for the command line: one revision, verified by ourselves before it is handed out. */
import { AppError, ConcatSource, MemorySource, type Clock } from '../kernel/index.js';
import type { SignedFile, SignFileRequest } from '../cli/index.js';
import { beginSignature, finishSignature, type SignatureOptions } from '../pades/index.js';
import { openPdf, type PdfDocument } from '../pdf/index.js';
import { isSigningCertificate, parseCertificate } from '../pki/index.js';
import { drawingToPdfOperators } from '../seal/index.js';
import { sealAppearance } from '../signing/index.js';
import { verifyPdf } from '../verification/index.js';

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
  const document = openPdf(source, { mode: 'lenient' });
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
  await assertSound(request, appended, pending.prepared.fieldName, claimedAt);
  return { appended, fieldName: pending.prepared.fieldName, signer: certificate.subject.text };
}

function appearanceOptions(
  document: PdfDocument,
  request: SignFileRequest,
): Pick<SignatureOptions, 'place' | 'appearance'> {
  const { appearance } = request;
  if (appearance === undefined) return {};
  const pageIndex = appearance.page === 'last' ? document.pages.count - 1 : appearance.page;
  const { rotate } = document.pages.get(pageIndex);
  const { operators, widthPt, heightPt } = drawingToPdfOperators(appearance.drawing);
  const scale = (appearance.widthMm ?? appearance.drawing.widthMm) / appearance.drawing.widthMm;
  const isTurned = rotate === 90 || rotate === 270;
  const halfWidth = ((isTurned ? heightPt : widthPt) * scale) / 2;
  const halfHeight = ((isTurned ? widthPt : heightPt) * scale) / 2;
  const { xPt, yPt } = appearance.centre;
  return {
    place: {
      pageIndex,
      rect: {
        x1: xPt - halfWidth,
        y1: yPt - halfHeight,
        x2: xPt + halfWidth,
        y2: yPt + halfHeight,
      },
    },
    // The reader fits the form into the rectangle, so the form keeps its own size.
    appearance: sealAppearance({ content: operators, widthPt, heightPt }, rotate),
  };
}

/** Everything but trust, which is not the signer's to decide. @throws AppError `signature-not-verified` */
async function assertSound(
  request: SignFileRequest,
  appended: Uint8Array,
  fieldName: string,
  at: Date,
): Promise<void> {
  const trusted = {
    name: 'self',
    anchorsDer: [request.key.certificateDer],
    intermediatesDer: [],
    crlsDer: [],
    ocspDer: [],
  };
  const report = await verifyPdf(new ConcatSource(request.source, new MemorySource(appended)), {
    fileName: 'signed',
    trust: { profiles: () => Promise.resolve([trusted]) },
    at,
  });
  const own = report.signatures.find((each) => each.field === fieldName);
  // A file that needed repair can be signed, and stays a file that needs repair.
  const isSound =
    own !== undefined &&
    (own.indication === 'TOTAL-PASSED' ||
      (report.repaired && own.indication === 'INDETERMINATE')) &&
    own.coverage === 'whole-file';
  if (isSound) return;
  throw new AppError('signature-not-verified', 'our own verification does not pass', {
    params: {
      reason: own?.messages.map((each) => each.code) ?? [],
      subIndication: own?.subIndication ?? null,
    },
  });
}
