/** Verify before store, for files: what was just made is looked at as a stranger would, trust apart. */
import { AppError, type ByteSource, type Secret } from '../kernel/index.js';
import { verifyPdf, type SignatureReport } from '../verification/index.js';

export interface OwnSignature {
  readonly certificateDer: Uint8Array;
  readonly fieldName: string;
  readonly at: Date;
  /** Of an encrypted file. */
  readonly password?: Secret;
}

function isIrregularOnly({ messages }: SignatureReport): boolean {
  return messages.every(({ code }) => code === 'file-irregular');
}

/**
 * Everything but trust, which is not the signer's to decide.
 * @param file - The whole file, base and what was appended.
 * @throws AppError `signature-not-verified`, params `reason`, `subIndication`
 */
export async function assertSound(file: ByteSource, signature: OwnSignature): Promise<void> {
  const trusted = {
    name: 'self',
    anchorsDer: [signature.certificateDer],
    intermediatesDer: [],
    crlsDer: [],
    ocspDer: [],
  };
  const report = await verifyPdf(file, {
    fileName: 'signed',
    trust: { profiles: () => Promise.resolve([trusted]) },
    at: signature.at,
    ...(signature.password === undefined ? {} : { password: signature.password }),
  });
  const own = report.signatures.find((each) => each.field === signature.fieldName);
  // A file that was irregular or needed repair can be signed, and stays so; it is no fault of the signature.
  const isSound =
    own?.coverage === 'whole-file' &&
    (own.indication === 'TOTAL-PASSED' ||
      (own.indication === 'INDETERMINATE' && (report.repaired || isIrregularOnly(own))));
  if (isSound) return;
  throw new AppError('signature-not-verified', 'our own verification does not pass', {
    params: {
      reason: own?.messages.map((each) => each.code) ?? [],
      subIndication: own?.subIndication ?? null,
    },
  });
}
