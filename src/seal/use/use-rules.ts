/** A unit's rules for one of its seals, and whether they allow a use. Pure; counts are handed in. */
import type { Role } from '../../access/index.js';
import { formatYuan } from '../../contract/index.js';
import { AppError, canonicalJson, sha256Hex, utf8ToBytes } from '../../kernel/index.js';
import { shanghaiTime } from './book-entry.js';

/** What is not set is not limited. */
export interface SealUseRules {
  /** Who may use the seal: one of these accounts, or an account with one of these roles. */
  readonly accountIds?: readonly string[];
  readonly roles?: readonly Role[];
  /** Templates by id; `upload` for a document that came without one. */
  readonly contractKinds?: readonly string[];
  /** Integer fen; a contract of exactly that amount is allowed. */
  readonly maxAmountFen?: number;
  /** Days and months of Asia/Shanghai. */
  readonly perDay?: number;
  readonly perMonth?: number;
  /** RFC 3339; the seal is used from the one up to, not including, the other. */
  readonly validFrom?: string;
  readonly validUntil?: string;
  /** Asia/Shanghai, HH:MM, from the one up to, not including, the other. */
  readonly hours?: {
    readonly from: string;
    readonly to: string;
    /** 1 is Monday. */
    readonly weekdays: readonly number[];
  };
  /** 用印审批: which uses need a request that somebody else has approved. */
  readonly approval: 'none' | 'each' | 'above-amount';
  /** With `above-amount`: integer fen; above it, and where the amount is not known. */
  readonly approvalAboveFen?: number;
}

/** One use, as rules look at it. */
export interface RuledUse {
  readonly accountId: string;
  readonly roles: readonly Role[];
  readonly contractKind: string;
  /** Integer fen. */
  readonly amountFen: number | undefined;
  readonly at: Date;
}

/** SHA-256 (hex) of the rules' RFC 8785 JSON: what a second person agrees to. */
export function rulesDigest(rules: SealUseRules): string {
  return sha256Hex(utf8ToBytes(canonicalJson(rules)));
}

export const USE_REFUSALS = {
  account: { text: '该账号不在允许用印的人员之列', textEn: 'the account may not use the seal' },
  'contract-kind': {
    text: '该类合同不能使用此印章',
    textEn: 'the seal is not for contracts of this kind',
  },
  amount: { text: '合同金额超过限额', textEn: 'the amount is above the limit' },
  'amount-unknown': {
    text: '合同没有结构化金额，无法判断是否超过限额',
    textEn: 'the contract has no amount in its data to compare with the limit',
  },
  'not-yet': { text: '还没有到允许用印的日期', textEn: 'the period of use has not begun' },
  over: { text: '允许用印的期限已过', textEn: 'the period of use is over' },
  hours: { text: '不在允许用印的时间内', textEn: 'outside the hours of use' },
  'quota-day': { text: '今天的用印次数已满', textEn: 'the uses of this day are exhausted' },
  'quota-month': { text: '本月的用印次数已满', textEn: 'the uses of this month are exhausted' },
} as const;
export type UseRefusal = keyof typeof USE_REFUSALS;

/** @throws AppError `seal-use-refused`, params `reason` ({@link USE_REFUSALS}), its texts and the limit */
export function assertAllowed(rules: SealUseRules, use: RuledUse): void {
  const { accountIds, roles, contractKinds, maxAmountFen, hours } = rules;
  if (accountIds !== undefined || roles !== undefined) {
    const isNamed = accountIds?.includes(use.accountId) ?? false;
    if (!isNamed && !use.roles.some((role) => roles?.includes(role))) throw useRefused('account');
  }
  if (contractKinds !== undefined && !contractKinds.includes(use.contractKind)) {
    throw useRefused('contract-kind', contractKinds.join(' '));
  }
  if (maxAmountFen !== undefined) {
    if (use.amountFen === undefined) throw useRefused('amount-unknown');
    if (use.amountFen > maxAmountFen) throw useRefused('amount', formatYuan(maxAmountFen));
  }
  const { validFrom, validUntil } = rules;
  if (validFrom !== undefined && use.at < new Date(validFrom))
    throw useRefused('not-yet', validFrom);
  if (validUntil !== undefined && use.at >= new Date(validUntil)) {
    throw useRefused('over', validUntil);
  }
  if (hours !== undefined) {
    const { time, weekday } = shanghaiTime(use.at);
    const isOpen = hours.weekdays.includes(weekday) && time >= hours.from && time < hours.to;
    if (!isOpen) throw useRefused('hours', `${hours.from}-${hours.to}`);
  }
}

export interface UseCounts {
  readonly today: number;
  readonly thisMonth: number;
}

/** @param counts - Uses before this one. @throws AppError `seal-use-refused` as {@link assertAllowed} */
export function assertWithinQuota(
  { perDay, perMonth }: Pick<SealUseRules, 'perDay' | 'perMonth'>,
  counts: UseCounts,
): void {
  if (perDay !== undefined && counts.today >= perDay) throw useRefused('quota-day', String(perDay));
  if (perMonth !== undefined && counts.thisMonth >= perMonth) {
    throw useRefused('quota-month', String(perMonth));
  }
}

export function needsApproval(
  { approval, approvalAboveFen = 0 }: SealUseRules,
  { amountFen }: Pick<RuledUse, 'amountFen'>,
): boolean {
  if (approval !== 'above-amount') return approval === 'each';
  return amountFen === undefined || amountFen > approvalAboveFen;
}

function useRefused(reason: UseRefusal, limit?: string): AppError {
  const { text, textEn } = USE_REFUSALS[reason];
  return new AppError('seal-use-refused', `the unit's rules do not allow it: ${reason}`, {
    params: {
      reason,
      reasonText: text,
      reasonTextEn: textEn,
      ...(limit === undefined ? {} : { limit }),
    },
  });
}
