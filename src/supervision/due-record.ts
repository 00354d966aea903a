/** One term of one contract: what is due when, and whether it was met. */
import { regionKeys, unitKey } from '../access/index.js';
import {
  dateInShanghai,
  deadlinesOf,
  type CalendarDate,
  type ContractRecord,
  type ContractState,
  type Deadline,
  type DeadlineKind,
  type WorkingDayCalendar,
} from '../contract/index.js';
import type { CollectionSpec, StoredDocument } from '../store/index.js';
import { isSecret, kindOf } from './classification.js';

/** `held`: the contract is frozen; `dropped`: nothing is due any more. */
export type DueState = 'open' | 'met' | 'late' | 'held' | 'dropped';

export interface DueRecord extends StoredDocument {
  /** `<contract id>.<kind>`. */
  readonly id: string;
  readonly version: number;
  readonly contractId: string;
  readonly contractNumber: string;
  readonly title: string;
  readonly contractKind: string;
  readonly kind: DeadlineKind;
  readonly buyerUnitId: string;
  readonly buyerName: string;
  readonly unitIds: readonly string[];
  readonly regionCode: string;
  readonly startsOn: CalendarDate;
  readonly lastDay: CalendarDate;
  readonly dueAt: string;
  readonly isProvisional: boolean;
  readonly state: DueState;
  /** When it was done, in time or late. */
  readonly doneAt?: string;
}

export type DueIndex = 'openDueAt' | 'kindDueAt' | 'unitDueAt' | 'contractId' | 'openProvisional';

const whenOpen =
  (value: (due: DueRecord) => string) =>
  (due: DueRecord): string | undefined =>
    due.state === 'open' ? value(due) : undefined;

export const DUES: CollectionSpec<DueRecord, DueIndex> = {
  name: 'deadlines',
  indexes: {
    openDueAt: { of: whenOpen(({ dueAt }) => dueAt) },
    kindDueAt: { of: whenOpen(({ kind, dueAt }) => `${kind} ${dueAt}`) },
    unitDueAt: { of: whenOpen(({ buyerUnitId, dueAt }) => `${buyerUnitId} ${dueAt}`) },
    contractId: { of: (due) => [due.contractId], many: true },
    openProvisional: {
      of: (due) => (due.state === 'open' && due.isProvisional ? due.startsOn : undefined),
      unscoped: true,
    },
  },
  scopeKeys: ({ unitIds, regionCode }) => [...unitIds.map(unitKey), ...regionKeys(regionCode)],
};

/** The terms of `contract`, without their versions. */
export function duesOf(
  contract: ContractRecord,
  calendar: WorkingDayCalendar,
): readonly Omit<DueRecord, 'version'>[] {
  const { times, data, supplementTo } = contract;
  const signedAt = times.signedAt === undefined ? undefined : new Date(times.signedAt);
  // A supplement repeats its contract's award; no term of its own runs from that.
  const awardedOn = supplementTo === undefined ? data?.award.date : undefined;
  const buyer = contract.parties.find((party) => party.role === 'buyer');
  return deadlinesOf({ awardedOn, signedAt }, calendar).map((deadline) => {
    const doneAt = doneAtOf(contract, deadline.kind);
    return {
      id: `${contract.id}.${deadline.kind}`,
      contractId: contract.id,
      contractNumber: contract.number,
      title: contract.title,
      contractKind: kindOf(contract),
      buyerUnitId: contract.buyerUnitId,
      buyerName: buyer?.name ?? '',
      unitIds: contract.parties.map((party) => party.unitId),
      regionCode: contract.regionCode,
      ...deadline,
      state: stateOf(contract, deadline, doneAt),
      ...(doneAt === undefined ? {} : { doneAt }),
    };
  });
}

/** `due` counted anew, after a plan was published. */
export function recounted(due: DueRecord, calendar: WorkingDayCalendar): DueRecord {
  const start =
    due.kind === 'sign'
      ? { awardedOn: due.startsOn }
      : { signedAt: new Date(`${due.startsOn}T12:00:00+08:00`) };
  const deadline = deadlinesOf(start, calendar).find(({ kind }) => kind === due.kind);
  return deadline === undefined ? due : { ...due, ...deadline };
}

function doneAtOf({ times }: ContractRecord, kind: DeadlineKind): string | undefined {
  switch (kind) {
    case 'sign':
      return times.signedAt;
    case 'announce':
      return times.announcedAt;
    case 'file':
      return times.filedAt;
  }
}

const NOTHING_DUE: readonly ContractState[] = ['withdrawn', 'voided', 'expired', 'terminated'];

function stateOf(
  contract: ContractRecord,
  { kind, lastDay }: Deadline,
  doneAt: string | undefined,
): DueState {
  if (doneAt !== undefined) {
    return dateInShanghai(new Date(doneAt)) <= lastDay ? 'met' : 'late';
  }
  if (kind === 'announce' && isSecret(contract)) return 'dropped';
  if (contract.state === 'frozen') return 'held';
  return NOTHING_DUE.includes(contract.state) ? 'dropped' : 'open';
}
