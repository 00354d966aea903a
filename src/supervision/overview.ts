/**
 * A contract as supervision sees it: what is counted and listed, and nothing else. Made from the
 * contract as it is, so making it again changes nothing.
 */
import { regionKeys, unitKey } from '../access/index.js';
import {
  dateInShanghai,
  daysBetween,
  type CalendarDate,
  type ContractRecord,
} from '../contract/index.js';
import type { CollectionSpec, StoredDocument } from '../store/index.js';
import { isSecret, kindOf } from './classification.js';
import type { DueRecord, DueState } from './due-record.js';

export interface Overview extends StoredDocument {
  /** The contract's. */
  readonly id: string;
  readonly version: number;
  readonly regionCode: string;
  readonly buyerUnitId: string;
  readonly unitIds: readonly string[];
  /** As `kindOf`. */
  readonly kind: string;
  readonly amountFen: number;
  /** Day of the last signature; absent before. Everything below is of signed contracts. */
  readonly signedOn?: CalendarDate;
  /** From the award notice to the last signature. */
  readonly daysToSign?: number;
  /** How its terms stand. */
  readonly terms: Partial<Readonly<Record<DueRecord['kind'], DueState>>>;
  readonly hasEnded: boolean;
  readonly signatures: number;
  readonly sealedSignatures: number;
  /** State secrets are in no feed. */
  readonly isSecret: boolean;
  /** Place in the audit log of the last event that changes what is published. */
  readonly releaseSeq?: number;
}

export type OverviewIndex = 'regionDay' | 'unitMonth' | 'releaseSeq';

export const OVERVIEWS: CollectionSpec<Overview, OverviewIndex> = {
  name: 'supervisedContracts',
  indexes: {
    regionDay: {
      of: ({ regionCode, signedOn }) =>
        signedOn === undefined ? undefined : `${regionCode} ${signedOn}`,
      unscoped: true,
    },
    unitMonth: {
      of: ({ buyerUnitId, signedOn }) =>
        signedOn === undefined ? undefined : `${buyerUnitId} ${signedOn.slice(0, 7)}`,
      unscoped: true,
    },
    releaseSeq: { of: (overview) => (overview.isSecret ? undefined : overview.releaseSeq) },
  },
  scopeKeys: ({ unitIds, regionCode }) => [...unitIds.map(unitKey), ...regionKeys(regionCode)],
};

/** @param releaseSeq - Of the newest such event seen; 0 where there was none. */
export function overviewOf(
  contract: ContractRecord,
  dues: readonly Pick<DueRecord, 'kind' | 'state'>[],
  releaseSeq: number,
  before: Overview | undefined,
): Overview {
  const { times, data, signatures } = contract;
  const signedOn =
    times.signedAt === undefined ? undefined : dateInShanghai(new Date(times.signedAt));
  const awardedOn = contract.supplementTo === undefined ? data?.award.date : undefined;
  const released = Math.max(before?.releaseSeq ?? 0, releaseSeq);
  return {
    id: contract.id,
    version: (before?.version ?? 0) + 1,
    regionCode: contract.regionCode,
    buyerUnitId: contract.buyerUnitId,
    unitIds: contract.parties.map((party) => party.unitId),
    kind: kindOf(contract),
    amountFen: contract.amountFen ?? 0,
    ...(signedOn === undefined ? {} : { signedOn }),
    ...(signedOn === undefined || awardedOn === undefined
      ? {}
      : { daysToSign: daysBetween(awardedOn, signedOn) }),
    terms: Object.fromEntries(dues.map(({ kind, state }) => [kind, state])),
    hasEnded: contract.state === 'voided' || contract.state === 'terminated',
    signatures: signatures.length,
    sealedSignatures: signatures.filter((signature) => signature.sealId !== undefined).length,
    isSecret: isSecret(contract),
    ...(released === 0 || signedOn === undefined ? {} : { releaseSeq: released }),
  };
}
