/**
 * What a signature says of the seal it shows, against what the register says: is it registered, was
 * it in force when the document was signed, is the certificate one of its own, is the picture its own.
 */
import { digestBytes, equalBytes, toHex, toRfc3339 } from '../kernel/index.js';
import { readPictureWidget, readSealReference, type SealReference } from '../pades/index.js';
import { PdfStream, readRectangle, type PdfDocument, type Rectangle } from '../pdf/index.js';
import type { LocatedSignature } from './locate.js';
import { message } from './messages.js';
import type { Indication, ReportMessage, SealVerdict, SubIndication } from './report.js';

/** What the register says of one version of a seal. */
export interface SealFacts {
  readonly name: string;
  /** Oldest first; before the first change the seal was not there. */
  readonly statusHistory: readonly {
    readonly at: Date;
    readonly status: 'active' | 'suspended' | 'revoked';
  }[];
  readonly validFrom: Date;
  readonly validUntil: Date;
  readonly certificateSha256: readonly string[];
  /** SHA-256 (hex) of the appearance's content as this version draws it; undefined where it is not kept. */
  readonly appearanceSha256: string | undefined;
}

/** The register as a verifier asks it. */
export interface SealRegister {
  find(code: string, version: number): Promise<SealFacts | undefined>;
}

export interface SealCheck {
  readonly verdict: SealVerdict;
  readonly indication: Indication;
  readonly subIndication: SubIndication | null;
  readonly messages: readonly ReportMessage[];
}

export interface SealCheckInput {
  readonly document: PdfDocument;
  readonly located: LocatedSignature;
  readonly certificateSha256: string;
  /** The claimed time, or a proved one. */
  readonly signedAt: Date | undefined;
  /** Whether something beside the signer's word proves `signedAt`. */
  readonly isTimeProved: boolean;
  readonly at: Date;
  readonly register: SealRegister | undefined;
}

/** @returns `undefined` where the signature names no seal */
export async function checkSeal(input: SealCheckInput): Promise<SealCheck | undefined> {
  const reference = readSealReference(input.document, input.located.dict);
  if (reference === undefined) return undefined;
  const isOwnPicture = showsPicture(input.document, input.located, reference.appearanceSha256);
  if (input.register === undefined) {
    return isOwnPicture
      ? result(reference, 'unknown', true, 'TOTAL-PASSED', [message('seal-unknown')])
      : result(reference, 'unknown', false, 'TOTAL-FAILED', [message('seal-picture-mismatch')]);
  }
  const facts = await input.register.find(reference.code, reference.version);
  if (facts === undefined) {
    return result(reference, 'unknown', isOwnPicture, 'TOTAL-FAILED', [
      message('seal-not-registered', reference.code),
    ]);
  }
  return judge(input, reference, facts, isOwnPicture);
}

function judge(
  input: SealCheckInput,
  reference: SealReference,
  facts: SealFacts,
  isOwnPicture: boolean,
): SealCheck {
  const pictureMatches =
    isOwnPicture &&
    (facts.appearanceSha256 === undefined ||
      facts.appearanceSha256 === toHex(reference.appearanceSha256));
  const fail = (status: SealVerdict['status'], ...messages: ReportMessage[]): SealCheck =>
    result(reference, status, pictureMatches, 'TOTAL-FAILED', messages);
  if (!pictureMatches || facts.name !== reference.name) {
    return fail('unknown', message('seal-picture-mismatch'));
  }
  if (!facts.certificateSha256.includes(input.certificateSha256)) {
    return fail('unknown', message('seal-certificate-mismatch'));
  }
  const at = input.signedAt ?? input.at;
  const change = facts.statusHistory.filter((each) => each.at <= at).at(-1);
  if (change === undefined || at < facts.validFrom) {
    return fail('unknown', message('seal-not-yet-valid'));
  }
  if (change.status === 'revoked') {
    return fail('revoked', message('seal-revoked', toRfc3339(change.at)));
  }
  if (change.status === 'suspended') return fail('unknown', message('seal-suspended'));
  if (at > facts.validUntil) return fail('expired', message('seal-expired'));
  const revokedSince = facts.statusHistory.find(
    (each) => each.status === 'revoked' && each.at <= input.at,
  );
  if (revokedSince === undefined) {
    return result(reference, 'valid', true, 'TOTAL-PASSED', []);
  }
  const when = toRfc3339(revokedSince.at);
  return input.isTimeProved
    ? result(reference, 'valid', true, 'TOTAL-PASSED', [message('seal-revoked-since', when)])
    : {
        ...result(reference, 'revoked', true, 'INDETERMINATE', [
          message('seal-revoked-no-proof', when),
        ]),
        subIndication: 'REVOKED_NO_POE',
      };
}

function result(
  reference: SealReference,
  status: SealVerdict['status'],
  pictureMatches: boolean,
  indication: Indication,
  messages: readonly ReportMessage[],
): SealCheck {
  return {
    verdict: { code: reference.code, name: reference.name, status, pictureMatches },
    indication,
    subIndication: indication === 'TOTAL-PASSED' ? null : 'SIG_CONSTRAINTS_FAILURE',
    messages,
  };
}

/**
 * Whether every widget of the field shows the picture of this digest now: all of it, or slices that make up the
 * whole, in the order of the widgets.
 */
function showsPicture(
  document: PdfDocument,
  located: LocatedSignature,
  sha256: Uint8Array,
): boolean {
  const isThePicture = (form: PdfStream): boolean =>
    equalBytes(digestBytes('sha256', form.data()), sha256);
  /** Where the next slice has to begin. */
  let seamPt = 0;
  for (const { dict } of located.field.widgets) {
    const normal = document.resolve(document.resolveDict(dict.get('AP'))?.get('N'));
    if (!(normal instanceof PdfStream)) return false;
    if (isThePicture(normal)) continue;
    const shown = readPictureWidget(document, normal);
    if (shown === undefined || !isThePicture(shown.picture)) return false;
    const whole = readRectangle(document, shown.picture.dict.get('BBox'));
    if (whole === undefined || !contains(shown.box, whole, 'height')) return false;
    if (seamPt === 0 && contains(shown.box, whole, 'width')) continue;
    if (!isSame(shown.box.x1, whole.x1 + seamPt) || shown.box.x2 <= shown.box.x1) return false;
    seamPt = isSame(shown.box.x2, whole.x2) ? 0 : shown.box.x2 - whole.x1;
  }
  return located.field.widgets.length > 0 && seamPt === 0;
}

const TOLERANCE_PT = 0.001;

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE_PT;
}

function contains(box: Rectangle, whole: Rectangle, side: 'width' | 'height'): boolean {
  return side === 'width'
    ? box.x1 <= whole.x1 + TOLERANCE_PT && box.x2 >= whole.x2 - TOLERANCE_PT
    : box.y1 <= whole.y1 + TOLERANCE_PT && box.y2 >= whole.y2 - TOLERANCE_PT;
}
