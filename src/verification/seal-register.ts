/** The register of seals as a verifier asks it, and what its word comes to: was the seal in force, for this signer. */
import { certificateSha256Hex, type Certificate } from '../pki/index.js';
import { toRfc3339 } from '../kernel/index.js';
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
  /** SHA-256 (hex) of the structure's DER; undefined where the version was made without one. */
  readonly structureSha256?: string | undefined;
  /**
   * SHA-256 (hex) of the picture as this version shows it, of each way that documents have of showing it;
   * undefined where it is not kept.
   */
  readonly appearanceSha256: readonly string[] | undefined;
}

/** The register as a verifier asks it. */
export interface SealRegister {
  /**
   * Where this is not the register, but what somebody states of some seals: the id of the key that
   * vouches for it. A seal that it does not name is unknown then, not forged.
   */
  readonly statedBy?: string;
  find(code: string, version: number): Promise<SealFacts | undefined>;
  /**
   * The version that was made with this structure.
   * @param sha256 - Of the structure's DER, hex
   * @returns `other-structure` where the code is on register and no version of it is this one
   */
  findStructure(code: string, sha256: string): Promise<SealFacts | 'other-structure' | undefined>;
}

export interface SealStanding {
  readonly status: SealVerdict['status'];
  readonly indication: Indication;
  readonly subIndication: SubIndication | null;
  readonly messages: readonly ReportMessage[];
}

/** What the register says of the seal at the time of signing, proved or else claimed. */
export function standingOf(
  facts: SealFacts,
  use: {
    readonly certificate: Certificate;
    readonly claimedAt: Date | undefined;
    readonly provedAt: Date | undefined;
    readonly at: Date;
  },
): SealStanding {
  if (!facts.certificateSha256.includes(certificateSha256Hex(use.certificate))) {
    return failed('unknown', message('seal-certificate-mismatch'));
  }
  const at = use.provedAt ?? use.claimedAt ?? use.at;
  const change = facts.statusHistory.filter((each) => each.at <= at).at(-1);
  if (change === undefined || at < facts.validFrom) {
    return failed('unknown', message('seal-not-yet-valid'));
  }
  if (change.status === 'revoked') {
    return failed('revoked', message('seal-revoked', toRfc3339(change.at)));
  }
  if (change.status === 'suspended') return failed('unknown', message('seal-suspended'));
  if (at > facts.validUntil) return failed('expired', message('seal-expired'));
  const revokedSince = facts.statusHistory.find(
    (each) => each.status === 'revoked' && each.at <= use.at,
  );
  if (revokedSince === undefined) return passed('valid');
  const when = toRfc3339(revokedSince.at);
  if (use.provedAt !== undefined) return passed('valid', message('seal-revoked-since', when));
  return {
    status: 'revoked',
    indication: 'INDETERMINATE',
    subIndication: 'REVOKED_NO_POE',
    messages: [message('seal-revoked-no-proof', when)],
  };
}

function passed(status: SealVerdict['status'], ...messages: ReportMessage[]): SealStanding {
  return { status, indication: 'TOTAL-PASSED', subIndication: null, messages };
}

function failed(status: SealVerdict['status'], said: ReportMessage): SealStanding {
  const subIndication = 'SIG_CONSTRAINTS_FAILURE';
  return { status, indication: 'TOTAL-FAILED', subIndication, messages: [said] };
}
