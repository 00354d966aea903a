/**
 * What a signature says of the seal it shows, against what the register says: is it registered, was
 * it in force when the document was signed, is the certificate one of its own, is the picture its own.
 */
import { digestBytes, equalBytes, toHex, toRfc3339 } from '../kernel/index.js';
import { readSealReference, type SealReference } from '../pades/index.js';
import { PdfStream, type PdfDict, type PdfDocument } from '../pdf/index.js';
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
  const shown = shownAppearance(input.document, input.located);
  const isOwnPicture = shown !== undefined && equalBytes(shown, reference.appearanceSha256);
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

/** SHA-256 of the content of the appearance that the field's first widget shows now. */
function shownAppearance(document: PdfDocument, located: LocatedSignature): Uint8Array | undefined {
  const widget: PdfDict | undefined = located.field.widgets[0]?.dict;
  const appearances = document.resolveDict(widget?.get('AP'));
  const normal = document.resolve(appearances?.get('N'));
  return normal instanceof PdfStream ? digestBytes('sha256', normal.data()) : undefined;
}
