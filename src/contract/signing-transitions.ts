/**
 * What signing and filing do to a contract's record. Pure: each function returns the next record,
 * one version on, for a single conditional write; the caller adds the events that go with it.
 */
import type { AuditEvent } from '../audit/index.js';
import { AppError, toRfc3339 } from '../kernel/index.js';
import { assertActionPossible } from './flow.js';
import type {
  ContractParty,
  ContractRecord,
  ContractState,
  LevelState,
  PartyRole,
  SignedRevision,
  SigningAttempt,
  SigningDuty,
} from './record.js';
import { assertStillOpen } from './timers.js';

/** Fields a transition sets; `undefined` removes the field, which the record type itself forbids. */
type Changes = { readonly [K in keyof ContractRecord]?: ContractRecord[K] | undefined };

/** `contract` with `changes`, one `version` and one `revision` on, and `events` waiting for the relay. */
export function nextContract(
  contract: ContractRecord,
  changes: Changes,
  events: readonly AuditEvent[],
): ContractRecord {
  const merged: Record<string, unknown> = { ...contract };
  for (const [key, value] of Object.entries(changes)) merged[key] = value;
  for (const [key, value] of Object.entries(merged)) {
    // A store adapter would keep the key with null; an absent field is absent.
    if (value === undefined) Reflect.deleteProperty(merged, key);
  }
  return {
    ...(merged as unknown as ContractRecord),
    version: contract.version + 1,
    revision: contract.revision + 1,
    pendingEvents: [...contract.pendingEvents, ...events],
  };
}

/** Whether somebody is signing at this instant: an attempt that has not run out. */
export function isSigningUnderWay(contract: ContractRecord, at: Date): boolean {
  return contract.attempt !== undefined && Date.parse(contract.attempt.until) > at.getTime();
}

/** @throws AppError `contract-signing-in-progress`, params `until` */
export function assertNotBeingSigned(contract: ContractRecord, at: Date): void {
  if (contract.attempt === undefined || !isSigningUnderWay(contract, at)) return;
  throw new AppError('contract-signing-in-progress', 'another signature is under way', {
    params: { until: contract.attempt.until },
  });
}

/** The parties who may sign next: of those who have not, the ones with the lowest order. */
export function partiesInTurn(contract: ContractRecord): readonly ContractParty[] {
  const waiting = contract.parties.filter((party) => party.signedAt === undefined);
  const first = Math.min(...waiting.map((party) => party.order));
  return waiting.filter((party) => party.order === first);
}

/** Who signs, as whom, and which of the signatures that the party owes. */
export interface Signatory {
  readonly party: ContractParty;
  readonly duty: SigningDuty;
  /** The party itself, or the agent that signs for it. */
  readonly unit: { readonly unitId: string; readonly name: string; readonly creditCode: string };
}

/** What the party has still to sign for, in the order of its duties. */
export function openDuties(contract: ContractRecord, party: ContractParty): readonly SigningDuty[] {
  const done = contract.signatures
    .filter((signature) => signature.role === party.role)
    .map((signature) => signature.duty ?? 'unit-seal');
  return (party.duties ?? ['unit-seal']).filter((duty) => !done.includes(duty));
}

/**
 * As which party `unitId` may sign now, and what for.
 *
 * @param duty - Which signature; the first that is open where absent.
 * @throws AppError `contract-party-mismatch` where the unit is no party of this contract,
 *   `contract-transition-refused` by state or where it has signed already,
 *   `contract-not-your-turn` (params `waitingFor`: names of the parties before),
 *   `contract-signing-closed` (params `signBy`) past the last day,
 *   `contract-signing-in-progress` (params `until`) while another attempt runs
 */
export function assertMaySign(
  contract: ContractRecord,
  unitId: string,
  at: Date,
  duty?: SigningDuty,
): Signatory {
  const own = contract.parties.filter((party) => actsFor(unitId, party));
  if (own.length === 0) {
    throw new AppError('contract-party-mismatch', 'the unit is not a party of this contract');
  }
  assertActionPossible(contract, 'sign');
  const unsigned = own.filter((party) => {
    const open = openDuties(contract, party);
    return duty === undefined ? open.length > 0 : open.includes(duty);
  });
  if (unsigned.length === 0) {
    throw new AppError('contract-transition-refused', 'the party has signed already', {
      params: { from: contract.state, to: contract.state, action: 'sign' },
    });
  }
  const inTurn = partiesInTurn(contract);
  const party = unsigned.find((candidate) => inTurn.includes(candidate));
  if (party === undefined) {
    throw new AppError('contract-not-your-turn', 'the parties before have not signed yet', {
      params: { waitingFor: inTurn.map((waiting) => waiting.name) },
    });
  }
  assertStillOpen(contract, at);
  assertNotBeingSigned(contract, at);
  return {
    party,
    duty: duty ?? openDuties(contract, party)[0] ?? 'unit-seal',
    unit: party.unitId === unitId ? party : (party.agent ?? party),
  };
}

function actsFor(unitId: string, { unitId: own, agent }: ContractParty): boolean {
  return unitId === own || unitId === agent?.unitId;
}

/** Whether this signature is the last that the contract waits for. */
export function isLastSignature(
  contract: ContractRecord,
  { party, duty }: Pick<Signatory, 'party' | 'duty'>,
): boolean {
  return contract.parties.every((each) =>
    openDuties(contract, each).every((open) => each.role === party.role && open === duty),
  );
}

/**
 * Records `attempt` before a key is used. An attempt that ran out before this one's `startedAt`
 * gives way.
 *
 * @throws AppError as {@link assertMaySign}
 */
export function withAttempt(
  contract: ContractRecord,
  attempt: SigningAttempt,
  events: readonly AuditEvent[] = [],
): ContractRecord {
  assertMaySign(contract, attempt.unitId, new Date(attempt.startedAt), attempt.duty);
  return nextContract(contract, { attempt }, events);
}

/**
 * The seal of the attempt under way was stopped: whoever is about to publish meets another record than it read.
 */
export function withSealStopped(contract: ContractRecord, at: Date): ContractRecord {
  const { attempt } = contract;
  if (attempt === undefined) return contract;
  return nextContract(contract, { attempt: { ...attempt, sealStoppedAt: toRfc3339(at) } }, []);
}

/** Gives up the attempt under way; the contract's state stays. */
export function withoutAttempt(
  contract: ContractRecord,
  events: readonly AuditEvent[] = [],
): ContractRecord {
  return nextContract(contract, { attempt: undefined }, events);
}

/**
 * Publishes a signature: the attempt is over, the party has signed, and where it was the last one
 * the contract is concluded at `at` (民法典 §490). A standing request to void lapses.
 *
 * @throws AppError `signing-session-expired` where the record holds another attempt or none,
 *   `contract-party-mismatch`, `contract-transition-refused`
 */
export function withSignature(
  contract: ContractRecord,
  revision: SignedRevision,
  at: Date,
  events: readonly AuditEvent[] = [],
  level: LevelState | undefined = contract.level,
): ContractRecord {
  assertActionPossible(contract, 'sign');
  if (contract.attempt?.id !== revision.attemptId) {
    throw new AppError('signing-session-expired', 'the attempt is no longer the current one');
  }
  const signedAt = toRfc3339(at);
  const duty = revision.duty ?? 'unit-seal';
  const signer = contract.parties.find(
    (party) =>
      party.role === revision.role &&
      actsFor(revision.unitId, party) &&
      openDuties(contract, party).includes(duty),
  );
  if (signer === undefined) {
    throw new AppError('contract-party-mismatch', 'no such party waits for a signature');
  }
  const isDone = openDuties(contract, signer).length === 1;
  const parties = contract.parties.map((party) =>
    party === signer && isDone ? { ...party, signedAt } : party,
  );
  const state = stateAfterSignature(contract.state, parties);
  return nextContract(
    contract,
    {
      state,
      parties,
      signatures: [...contract.signatures, revision],
      level,
      attempt: undefined,
      voidConsents: undefined,
      times: state === 'signed' ? { ...contract.times, signedAt } : contract.times,
    },
    events,
  );
}

/** A party that owes a second signature has not signed yet: the state stays. */
function stateAfterSignature(
  state: ContractState,
  parties: readonly ContractParty[],
): ContractState {
  const hasSigned = (role: PartyRole): boolean =>
    parties.every((party) => party.role !== role || party.signedAt !== undefined);
  const [buyer, supplier] = [hasSigned('buyer'), hasSigned('supplier')];
  if (buyer && supplier) return 'signed';
  return buyer ? 'buyer-signed' : supplier ? 'supplier-signed' : state;
}

/**
 * Hands the signed contract over to filing.
 * @throws AppError `contract-transition-refused`
 */
export function withFiling(
  contract: ContractRecord,
  filingId: string,
  events: readonly AuditEvent[] = [],
): ContractRecord {
  assertActionPossible(contract, 'file');
  return nextContract(contract, { state: 'filing', filing: { filingId } }, events);
}

/**
 * Records the budget system's receipt: filed under `filingNumber` at `at`.
 * @throws AppError `contract-transition-refused`
 */
export function withFiled(
  contract: ContractRecord,
  filingNumber: string,
  at: Date,
  events: readonly AuditEvent[] = [],
): ContractRecord {
  assertActionPossible(contract, 'finish-filing');
  return nextContract(
    contract,
    {
      state: 'filed',
      filing: { filingId: contract.filing?.filingId ?? '', filingNumber },
      times: { ...contract.times, filedAt: toRfc3339(at) },
    },
    events,
  );
}

/**
 * The budget system had lost the filing and took it again under another number.
 * @throws AppError `contract-transition-refused` where it was not filed
 */
export function withFilingRenumbered(
  contract: ContractRecord,
  filingNumber: string,
  events: readonly AuditEvent[] = [],
): ContractRecord {
  if (contract.filing?.filingNumber === undefined) {
    throw new AppError('contract-transition-refused', 'the contract is not filed', {
      params: { from: contract.state, to: contract.state, action: 'finish-filing' },
    });
  }
  return nextContract(contract, { filing: { ...contract.filing, filingNumber } }, events);
}
