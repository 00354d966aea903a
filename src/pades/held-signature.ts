/**
 * A signature whose key is elsewhere: the prepared file waits with a CMS in its hole that lacks only
 * the value. Nothing of the wait is kept beside the file, and nothing in the hole is believed: what
 * the key has to sign is computed from the bytes again, and a value counts by verifying over that.
 */
import { AppError, PrefixSource, equalBytes } from '../kernel/index.js';
import {
  PdfArray,
  PdfString,
  isInteger,
  type ByteSpan,
  type FormField,
  type PdfDict,
  type PdfDocument,
} from '../pdf/index.js';
import {
  findSignerCertificate,
  isIssuedBy,
  cachedCertificate,
  parseSignedData,
  signatureMethod,
  type Certificate,
  type SignatureScheme,
  type SignerInfo,
} from '../pki/index.js';
import { parsePreparedDate, type PreparedSignature } from './prepare.js';
import { attributesFor, finishSignature, type PendingSignature } from './signature.js';

/** A prepared file that waits, as its own bytes tell. */
export interface HeldSignature {
  readonly pending: PendingSignature;
  readonly certificate: Certificate;
  /** When it was prepared: `/M`, which the digest covers. */
  readonly claimedAt: Date;
}

/**
 * What to append so that the file waits for its value.
 *
 * @throws AppError `signature-too-large`
 */
export function holdSignature(pending: PendingSignature): Uint8Array {
  return finishSignature(pending, new Uint8Array(0));
}

/**
 * The wait that a prepared file is in.
 *
 * @throws AppError `signature-session-mismatch` where the file is not one that waits, or its bytes are
 *   not those that were prepared; `signing-session-used` where it has its value; `pdf-encrypted`
 */
export function resumeHeldSignature(document: PdfDocument): HeldSignature {
  document.assertReadable();
  const { field, dict, contents, cms } = heldField(document);
  const signedData = readCms(cms);
  const [signer] = signedData.signerInfos;
  if (signer === undefined || signedData.signerInfos.length !== 1) throw mismatch('signer');
  if (signer.signature.length > 0) {
    throw new AppError('signing-session-used', 'the prepared file has its signature');
  }
  const certificates = signedData.certificatesDer.map((der) => cachedCertificate(der));
  const certificate = findSignerCertificate(signer, certificates);
  const algorithm = certificate?.publicKey.key;
  if (certificate === undefined || algorithm === undefined) throw mismatch('certificate');
  const scheme = schemeOf(signer);
  const { source } = document;
  const prepared: PreparedSignature = {
    // The hole and what follows it: all that completing touches.
    baseSize: contents.start,
    appended: source.read(contents.start, source.size - contents.start),
    contents,
    fieldName: field.name,
  };
  const own = {
    certificateDer: certificate.der,
    chainDer: issuersOf(certificate, certificates),
    algorithm,
  };
  const signedAttributes = attributesFor(
    new PrefixSource(source, prepared.baseSize),
    prepared,
    own,
    scheme,
  );
  const stored = signer.signedAttributesDer;
  if (stored === undefined || !equalBytes(stored, signedAttributes)) throw mismatch('bytes');
  const time = document.resolve(dict.get('M'));
  const claimedAt = time instanceof PdfString ? parsePreparedDate(time) : undefined;
  if (claimedAt === undefined) throw mismatch('time');
  return {
    pending: { prepared, signedAttributes, scheme, certificates: own },
    certificate,
    claimedAt,
  };
}

function mismatch(what: string): AppError {
  return new AppError('signature-session-mismatch', `not a file that was prepared: ${what}`, {
    params: { what },
  });
}

interface HeldField {
  readonly field: FormField;
  readonly dict: PdfDict;
  readonly contents: ByteSpan;
  readonly cms: Uint8Array;
}

/** The one signature whose ranges are this whole file around its own `/Contents`. */
function heldField(document: PdfDocument): HeldField {
  for (const field of document.fields) {
    const dict = field.type === 'Sig' ? document.resolveDict(field.value) : undefined;
    if (dict?.origin === undefined || dict.origin.container !== undefined) continue;
    const spans = document.entrySpans(dict).filter(({ key }) => key === 'Contents');
    const contents = spans[0]?.valueSpan;
    const value = dict.get('Contents');
    if (contents === undefined || spans.length > 1 || !(value instanceof PdfString)) continue;
    if (coversAllAround(dict, contents, document.source.size)) {
      return { field, dict, contents, cms: value.bytes };
    }
  }
  throw mismatch('no signature over the whole file');
}

function coversAllAround(dict: PdfDict, contents: ByteSpan, size: number): boolean {
  const range = dict.get('ByteRange');
  const numbers = range instanceof PdfArray ? range.items : [];
  const expected = [0, contents.start, contents.end, size - contents.end];
  return (
    numbers.length === 4 && expected.every((n, i) => isInteger(numbers[i]) && numbers[i] === n)
  );
}

function readCms(bytes: Uint8Array): ReturnType<typeof parseSignedData> {
  try {
    return parseSignedData(bytes);
  } catch {
    throw mismatch('the hole holds no CMS');
  }
}

function schemeOf(signer: SignerInfo): SignatureScheme {
  const method = signatureMethod(signer.signatureAlgorithm, signer.digest);
  const { digest } = signer;
  if (method === undefined || digest === undefined || digest === 'sha1' || digest === 'md5')
    throw mismatch('algorithm');
  const { padding } = method;
  if (padding === 'plain-ecdsa') throw mismatch('algorithm');
  return { padding, digest };
}

/** Those that lead on from the signer's, one by one; whatever else lay in the hole is left behind. */
function issuersOf(certificate: Certificate, all: readonly Certificate[]): readonly Uint8Array[] {
  const chain: Certificate[] = [];
  let last = certificate;
  for (;;) {
    const issuer = all.find(
      (each) => each !== certificate && !chain.includes(each) && isIssuedBy(last, each),
    );
    if (issuer === undefined) return chain.map(({ der }) => der);
    chain.push(issuer);
    last = issuer;
  }
}
