/**
 * The seal structure that a signature carries, against the signature: is it the seal that is named, may the
 * signer use it, is the picture its own, and is the seal itself to be believed.
 *
 * @see GB/T 38540-2020 (verification of a seal's signature): the signer's certificate in the seal's list
 */
import { equalBytes, isAppError } from '../kernel/index.js';
import { drawingDigestOf, isListedSigner, parseSeal, type SESeal } from '../eseal/index.js';
import type { SealReference } from '../pades/index.js';
import type { PdfDocument } from '../pdf/index.js';
import { message } from './messages.js';
import { pictureDigests } from './picture-digests.js';
import type { SealVerdict } from './report.js';
import type { SealCheck, SealCheckInput } from './seal-check.js';
import { checkSealStructure } from './seal-structure.js';
import { Verdict } from './verdict.js';

export interface EmbeddedSealInput extends SealCheckInput {
  readonly reference: SealReference;
  /** Whether the page shows the picture that the signature names. */
  readonly isOwnPicture: boolean;
}

const PT_PER_MM = 72 / 25.4;

/** @returns `undefined` where the signature carries no structure */
export async function checkEmbeddedSeal(input: EmbeddedSealInput): Promise<SealCheck | undefined> {
  const { reference, isOwnPicture, document } = input;
  if (reference.structureDer === undefined) return undefined;
  const { code, name } = reference;
  const verdict = new Verdict();
  const seal = readStructure(reference.structureDer);
  if (seal === undefined) {
    verdict.add('TOTAL-FAILED', 'FORMAT_FAILURE', message('seal-structure-malformed'));
    return conclude(verdict, { code, name, status: 'unknown', pictureMatches: null });
  }
  const { esID, property } = seal.info;
  if (esID !== code || property.name !== name) {
    const said = message('seal-structure-mismatch', `${property.name} ${esID}`);
    verdict.add('TOTAL-FAILED', 'SIG_CONSTRAINTS_FAILURE', said);
  }
  if (!isListedSigner(property.certList, input.certificate.der)) {
    const said = message('seal-certificate-mismatch');
    verdict.add('TOTAL-FAILED', 'SIG_CONSTRAINTS_FAILURE', said);
  }
  const isMade = await isPictureOf(document, seal, reference.appearanceSha256);
  const pictureMatches = isOwnPicture ? isMade : false;
  if (pictureMatches === false) {
    verdict.add('TOTAL-FAILED', 'SIG_CONSTRAINTS_FAILURE', message('seal-picture-mismatch'));
  } else if (pictureMatches === null) {
    verdict.add('TOTAL-PASSED', null, message('seal-picture-not-compared', seal.info.picture.type));
  }
  const structure = await checkSealStructure({
    seal,
    usedAt: input.claimedAt,
    provedAt: input.provedAt,
    at: input.at,
    trust: input.trust,
    revocation: input.revocation,
  });
  verdict.add(structure.indication, structure.subIndication, ...structure.messages);
  const status = structure.status === 'not-yet-valid' ? 'unknown' : structure.status;
  return conclude(verdict, { code: esID, name: property.name, status, pictureMatches });
}

function conclude(verdict: Verdict, seal: SealVerdict): SealCheck {
  return {
    verdict: seal,
    indication: verdict.indication,
    subIndication: verdict.subIndication,
    messages: verdict.messages,
  };
}

function readStructure(der: Uint8Array): SESeal | undefined {
  try {
    return parseSeal(der);
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

/**
 * Whether `sha256` is of the seal's picture: of the drawing that the maker vouches for, or of the picture in the
 * structure put on a page as we put it. `null` where the picture is of a kind that we do not put on pages.
 */
async function isPictureOf(
  document: PdfDocument,
  seal: SESeal,
  sha256: Uint8Array,
): Promise<boolean | null> {
  const drawing = drawingDigestOf(seal);
  if (drawing !== undefined && equalBytes(drawing, sha256)) return true;
  // What reads pictures is large, and most files need none of it.
  const { readPicture } = await import('../picture/index.js');
  try {
    const picture = readPicture(seal.info.picture.data, seal.info.picture.width * PT_PER_MM);
    return pictureDigests(document, picture).some((each) => equalBytes(each, sha256));
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}
