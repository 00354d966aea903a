/** The signatures of a file with their proofs of existence: signature time-stamps, and document time-stamps over them. */
import { digestBytes, digestSpans, isAppError, type ByteSource } from '../../kernel/index.js';
import { embeddedSignatures, type EmbeddedSignature } from '../../pades/index.js';
import type { PdfDocument } from '../../pdf/index.js';
import {
  checkTimestamp,
  findSignerCertificate,
  parseSignedData,
  parseTimestampToken,
  type Certificate,
  type SignedData,
  type TimestampCheck,
} from '../../pki/index.js';
import { readableCertificates } from './evidence-collector.js';

/** A time-stamp whose imprint, signature and purpose were found right; its path is not judged here. */
export interface ProvedTime {
  readonly generatedAt: Date;
  readonly certificate: Certificate;
  readonly certificates: readonly Certificate[];
}

export interface FileSignature extends EmbeddedSignature {
  readonly signedData: SignedData;
  readonly certificate: Certificate;
  readonly certificates: readonly Certificate[];
  /** Sound time-stamps in the CMS. */
  readonly timestamps: readonly ProvedTime[];
}

export interface FileTimestamp extends EmbeddedSignature, ProvedTime {}

export interface FileSignatures {
  readonly signatures: readonly FileSignature[];
  /** Sound document time-stamps, oldest first. */
  readonly timestamps: readonly FileTimestamp[];
}

/** What is not well formed is left out: it has no level to be raised. @throws AppError as reading the PDF does */
export function fileSignatures(file: ByteSource, document: PdfDocument): FileSignatures {
  const signatures: FileSignature[] = [];
  const timestamps: FileTimestamp[] = [];
  for (const embedded of embeddedSignatures(document)) {
    if (embedded.kind === 'signature') {
      const signature = readable(() => readSignature(embedded));
      if (signature !== undefined) signatures.push(signature);
    } else {
      const proved = readable(() => readTimestamp(file, embedded));
      if (proved !== undefined) timestamps.push({ ...embedded, ...proved });
    }
  }
  return { signatures, timestamps };
}

/** The earliest time at which `signature` is proved to have existed. */
export function provedTime(
  signature: FileSignature,
  timestamps: readonly FileTimestamp[],
): Date | undefined {
  const times = [...signature.timestamps, ...timestamps.filter((each) => covers(each, signature))];
  const [earliest] = times.map(({ generatedAt }) => generatedAt).sort((a, b) => +a - +b);
  return earliest;
}

/** Whether `timestamp` was made over a file that held `signature`. */
export function covers(timestamp: FileTimestamp, signature: EmbeddedSignature): boolean {
  return timestamp.coveredEnd > signature.coveredEnd;
}

function readSignature(embedded: EmbeddedSignature): FileSignature | undefined {
  const signedData = parseSignedData(embedded.contents);
  const certificates = readableCertificates(signedData.certificatesDer);
  const [signer] = signedData.signerInfos;
  const certificate =
    signer === undefined ? undefined : findSignerCertificate(signer, certificates);
  if (signer === undefined || certificate === undefined) return undefined;
  const timestamps = signer.signatureTimeStamps.flatMap((token) => {
    const proved = readable(() =>
      soundToken(token, (algorithm) => digestBytes(algorithm, signer.signature)),
    );
    return proved === undefined ? [] : [proved];
  });
  return { ...embedded, signedData, certificate, certificates, timestamps };
}

function readTimestamp(file: ByteSource, embedded: EmbeddedSignature): ProvedTime | undefined {
  return soundToken(embedded.contents, (algorithm) => digestSpans(algorithm, file, embedded.spans));
}

function soundToken(
  bytes: Uint8Array,
  imprint: Exclude<Parameters<typeof checkTimestamp>[1]['imprint'], Uint8Array>,
): ProvedTime | undefined {
  const check: TimestampCheck = checkTimestamp(parseTimestampToken(bytes), { imprint });
  const { isSound, certificate, certificates, generatedAt } = check;
  return isSound && certificate !== undefined
    ? { certificate, certificates, generatedAt }
    : undefined;
}

function readable<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}
