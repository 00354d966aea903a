/** Verify before store, for files: what was just made is looked at as a stranger would. */
import { AppError, type ByteSource, type Secret } from '../kernel/index.js';
import type { PdfDocument } from '../pdf/index.js';
import { isAtLeast, type RaisedFile } from '../signing/index.js';
import type { TrustStore } from '../trust/index.js';
import { verifyPdf, type SignatureReport, type VerifyOptions } from '../verification/index.js';

export interface OwnSignature {
  readonly certificateDer: Uint8Array;
  readonly fieldName: string;
  readonly at: Date;
  /** Believed beside the signer's own certificate, for the authorities of time-stamps. */
  readonly trust?: TrustStore | undefined;
  /** Of an encrypted file. */
  readonly password?: Secret;
  /** The document that was signed, open over the same bytes. */
  readonly base?: PdfDocument;
}

function isIrregularOnly({ messages }: SignatureReport): boolean {
  return messages.every(({ code }) => code === 'file-irregular');
}

/**
 * Everything but trust in the signer, which is not the signer's to decide.
 *
 * @param file - The whole file, base and what was appended.
 * @throws AppError `signature-not-verified`, params `reason`, `subIndication`
 */
export async function assertSound(file: ByteSource, signature: OwnSignature): Promise<void> {
  const own = {
    name: 'self',
    anchorsDer: [signature.certificateDer],
    intermediatesDer: [],
    crlsDer: [],
    ocspDer: [],
  };
  const report = await verifyPdf(file, {
    fileName: 'signed',
    trust: { profiles: async () => [own, ...((await signature.trust?.profiles()) ?? [])] },
    at: signature.at,
    ...(signature.password === undefined ? {} : { password: signature.password }),
    ...(signature.base === undefined ? {} : { base: signature.base }),
  });
  const found = report.signatures.find((each) => each.field === signature.fieldName);
  // A file that was irregular or needed repair can be signed, and stays so; it is no fault of the signature.
  const isSound =
    found !== undefined &&
    isUntouched(found) &&
    (found.indication === 'TOTAL-PASSED' ||
      (found.indication === 'INDETERMINATE' && (report.repaired || isIrregularOnly(found))));
  if (!isSound) throw notVerified(found);
}

/**
 * That raising spoiled no signature and reached what it says: each named field still is intact,
 * nothing forbidden came after, and our own verifier finds it at the level, from the file alone.
 *
 * @throws AppError `signature-not-verified`, params `reason`, `subIndication`
 */
export async function assertRaised(
  file: ByteSource,
  raised: Pick<RaisedFile, 'fields' | 'level'>,
  options: Pick<VerifyOptions, 'trust' | 'at' | 'password'>,
): Promise<void> {
  const { signatures } = await verifyPdf(file, { fileName: 'extended', ...options });
  const found = signatures.filter(({ field }) => raised.fields.includes(field));
  const isRaised = (each: SignatureReport): boolean =>
    each.indication !== 'TOTAL-FAILED' &&
    isUntouched(each) &&
    // Without a signing-certificate attribute a signature has no PAdES level, whatever is added.
    (each.level === null || isAtLeast(each.level, raised.level));
  const fault = found.find((each) => !isRaised(each));
  if (fault !== undefined || found.length < raised.fields.length) throw notVerified(fault);
}

/** Covered to the end of its revision, and after it only what a signature allows. */
function isUntouched(signature: SignatureReport): boolean {
  return signature.coverage !== 'partial' && signature.changesAfter.verdict !== 'forbidden';
}

function notVerified(found: SignatureReport | undefined): AppError {
  return new AppError('signature-not-verified', 'our own verification does not pass', {
    params: {
      reason: found?.messages.map((each) => each.code) ?? [],
      subIndication: found?.subIndication ?? null,
    },
  });
}
