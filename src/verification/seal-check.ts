/**
 * What a signature says of the seal it shows, against what the register says: is it registered, was
 * it in force when the document was signed, is the certificate one of its own, is the picture its own.
 */
import type { Certificate } from '../pki/index.js';
import { sha256Hex, toHex } from '../kernel/index.js';
import { readSealReference, type SealReference } from '../pades/index.js';
import type { PdfDocument } from '../pdf/index.js';
import type { RevocationSource, TrustStore } from '../trust/index.js';
import { checkEmbeddedSeal } from './embedded-seal.js';
import type { LocatedSignature } from './locate.js';
import { message } from './messages.js';
import type { Indication, ReportMessage, SealVerdict, SubIndication } from './report.js';
import { standingOf, type SealFacts, type SealRegister } from './seal-register.js';
import { showsPicture } from './shown-picture.js';
import { Verdict } from './verdict.js';

export interface SealCheck {
  readonly verdict: SealVerdict;
  readonly indication: Indication;
  readonly subIndication: SubIndication | null;
  readonly messages: readonly ReportMessage[];
}

export interface SealCheckInput {
  readonly document: PdfDocument;
  readonly located: LocatedSignature;
  readonly certificate: Certificate;
  /** When the signature says it was made. */
  readonly claimedAt: Date | undefined;
  /** When the signature is proved to have existed. */
  readonly provedAt: Date | undefined;
  readonly at: Date;
  readonly register: SealRegister | undefined;
  readonly trust: TrustStore;
  readonly revocation: RevocationSource | undefined;
}

/**
 * The register's word, and the structure's where the signature carries one: each alone can fail the seal.
 *
 * @returns `undefined` where the signature names no seal
 */
export async function checkSeal(input: SealCheckInput): Promise<SealCheck | undefined> {
  const { document, located, register } = input;
  const reference = readSealReference(document, located.dict);
  if (reference === undefined) return undefined;
  const isOwnPicture = showsPicture(document, located.field, reference.appearanceSha256);
  const embedded = await checkEmbeddedSeal({ ...input, reference, isOwnPicture });
  const registered = register && (await inRegister(input, reference, isOwnPicture, register));
  if (registered === undefined) return embedded ?? withoutRegister(reference, isOwnPicture);
  return embedded === undefined ? registered : both(registered, embedded);
}

function withoutRegister(reference: SealReference, isOwnPicture: boolean): SealCheck {
  return isOwnPicture
    ? result(reference, 'unknown', true, 'TOTAL-PASSED', [message('seal-unknown')])
    : result(reference, 'unknown', false, 'TOTAL-FAILED', [message('seal-picture-mismatch')]);
}

async function inRegister(
  input: SealCheckInput,
  reference: SealReference,
  isOwnPicture: boolean,
  register: SealRegister,
): Promise<SealCheck | undefined> {
  const { statedBy } = register;
  const facts = await register.find(reference.code, reference.version);
  if (facts === undefined) {
    if (statedBy !== undefined) return undefined;
    return result(reference, 'unknown', isOwnPicture, 'TOTAL-FAILED', [
      message('seal-not-registered', reference.code),
    ]);
  }
  const judged = judge(input, reference, facts, isOwnPicture);
  if (statedBy === undefined) return judged;
  return { ...judged, messages: [...judged.messages, message('seal-stated-by', statedBy)] };
}

/** The register says what became of the seal, the structure what it is; the worse word stands. */
function both(registered: SealCheck, embedded: SealCheck): SealCheck {
  const verdict = new Verdict();
  for (const each of [registered, embedded]) {
    verdict.add(each.indication, each.subIndication, ...each.messages);
  }
  const { pictureMatches } = embedded.verdict;
  return {
    verdict: {
      ...registered.verdict,
      status:
        registered.verdict.status === 'valid' ? embedded.verdict.status : registered.verdict.status,
      pictureMatches: registered.verdict.pictureMatches === false ? false : pictureMatches,
    },
    indication: verdict.indication,
    subIndication: verdict.subIndication,
    messages: verdict.messages,
  };
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
      facts.appearanceSha256.includes(toHex(reference.appearanceSha256)));
  if (!pictureMatches || facts.name !== reference.name) {
    const said = [message('seal-picture-mismatch')];
    return result(reference, 'unknown', pictureMatches, 'TOTAL-FAILED', said);
  }
  const { structureDer } = reference;
  const isOther =
    structureDer !== undefined &&
    facts.structureSha256 !== undefined &&
    sha256Hex(structureDer) !== facts.structureSha256;
  if (isOther) {
    const said = [message('seal-structure-mismatch', reference.code)];
    return result(reference, 'unknown', true, 'TOTAL-FAILED', said);
  }
  const { status, indication, subIndication, messages } = standingOf(facts, input);
  return { ...result(reference, status, true, indication, messages), subIndication };
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
