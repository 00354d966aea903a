/**
 * What a signature says of the seal it shows, against what the register says: is it registered, was
 * it in force when the document was signed, is the certificate one of its own, is the picture its own.
 */
import { certificateSha256Hex, type Certificate } from '../pki/index.js';
import { toHex, toRfc3339 } from '../kernel/index.js';
import { readSealReference, type SealReference } from '../pades/index.js';
import type { PdfDocument } from '../pdf/index.js';
import type { RevocationSource, TrustStore } from '../trust/index.js';
import { checkEmbeddedSeal } from './embedded-seal.js';
import type { LocatedSignature } from './locate.js';
import { message } from './messages.js';
import type { Indication, ReportMessage, SealVerdict, SubIndication } from './report.js';
import { showsPicture } from './shown-picture.js';
import { Verdict } from './verdict.js';

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
  /**
   * SHA-256 (hex) of the picture as this version shows it, of each way that documents have of showing it;
   * undefined where it is not kept.
   */
  readonly appearanceSha256: readonly string[] | undefined;
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
  if (register === undefined) return embedded ?? withoutRegister(reference, isOwnPicture);
  const registered = await inRegister(input, reference, isOwnPicture, register);
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
): Promise<SealCheck> {
  const facts = await register.find(reference.code, reference.version);
  if (facts === undefined) {
    return result(reference, 'unknown', isOwnPicture, 'TOTAL-FAILED', [
      message('seal-not-registered', reference.code),
    ]);
  }
  return judge(input, reference, facts, isOwnPicture);
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
  const fail = (status: SealVerdict['status'], ...messages: ReportMessage[]): SealCheck =>
    result(reference, status, pictureMatches, 'TOTAL-FAILED', messages);
  if (!pictureMatches || facts.name !== reference.name) {
    return fail('unknown', message('seal-picture-mismatch'));
  }
  if (!facts.certificateSha256.includes(certificateSha256Hex(input.certificate))) {
    return fail('unknown', message('seal-certificate-mismatch'));
  }
  const at = input.provedAt ?? input.claimedAt ?? input.at;
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
  return input.provedAt !== undefined
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
