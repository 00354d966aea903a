/** Verify before store, for files: what was just made is looked at as a stranger would. */
import { AppError, type ByteSource, type Secret } from '../../kernel/index.js';
import { parseSeal } from '../../eseal/index.js';
import { readSealReference } from '../../pades/index.js';
import { openPdf, type PdfDocument } from '../../pdf/index.js';
import { isAtLeast, type RaisedFile } from '../../signing/index.js';
import type { TrustProfile, TrustStore } from '../../trust/index.js';
import { verifyPdf, type SignatureReport, type VerifyOptions } from '../../verification/index.js';

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

/** The maker's certificate of the seal structure that the signature carries, if it carries one. */
function sealMakerIn(file: ByteSource, signature: OwnSignature): Uint8Array | undefined {
  const { password, fieldName } = signature;
  const opening = password === undefined ? {} : { password };
  const document = openPdf(file, { mode: 'lenient', ...opening });
  const field = document.fields.find(({ name }) => name === fieldName);
  const dict = document.resolveDict(field?.value);
  const reference = dict === undefined ? undefined : readSealReference(document, dict);
  const der = reference?.structureDer;
  return der === undefined ? undefined : parseSeal(der).cert;
}

function isIrregularOnly({ messages }: SignatureReport): boolean {
  return messages.every(({ code }) => code === 'file-irregular');
}

/**
 * Everything but trust in the signer and in the maker of the seal, which are not the signer's to decide.
 *
 * @param file - The whole file, base and what was appended.
 * @throws AppError `signature-not-verified`, params `reason`, `subIndication`
 */
export async function assertSound(file: ByteSource, signature: OwnSignature): Promise<void> {
  const found = await lookedAt(file, signature);
  if (found?.isSound === true) return;
  // Opened again only for what is rare: a seal structure, whose maker is believed here as the signer is.
  const maker = sealMakerIn(file, signature);
  if (maker === undefined) throw notVerified(found?.report);
  const seal = profileOf('seal', maker, ['seal-making']);
  const again = await lookedAt(file, signature, seal);
  if (again?.isSound !== true) throw notVerified(again?.report);
}

async function lookedAt(
  file: ByteSource,
  signature: OwnSignature,
  ...more: readonly TrustProfile[]
): Promise<{ readonly report: SignatureReport; readonly isSound: boolean } | undefined> {
  const own = [profileOf('self', signature.certificateDer), ...more];
  const report = await verifyPdf(file, {
    fileName: 'signed',
    trust: { profiles: async () => [...own, ...((await signature.trust?.profiles()) ?? [])] },
    at: signature.at,
    ...(signature.password === undefined ? {} : { password: signature.password }),
    ...(signature.base === undefined ? {} : { base: signature.base }),
  });
  const found = report.signatures.find((each) => each.field === signature.fieldName);
  if (found === undefined) return undefined;
  // A file that was irregular or needed repair can be signed, and stays so; it is no fault of the signature.
  const isSound =
    isUntouched(found) &&
    (found.indication === 'TOTAL-PASSED' ||
      (found.indication === 'INDETERMINATE' && (report.repaired || isIrregularOnly(found))));
  return { report: found, isSound };
}

function profileOf(
  name: string,
  anchorDer: Uint8Array,
  usages?: TrustProfile['usages'],
): TrustProfile {
  return {
    name,
    anchorsDer: [anchorDer],
    intermediatesDer: [],
    crlsDer: [],
    ocspDer: [],
    ...(usages === undefined ? {} : { usages }),
  };
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
