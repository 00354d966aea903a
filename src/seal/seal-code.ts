/** 印章编码: six digits of the region and a sequence of seven within it. */
import { AppError } from '../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../store/index.js';
import type { SealApplicationIndex, SealApplicationRecord } from './application/record.js';
import type { SealIndex, SealRecord } from './record.js';

const SEQUENCE_DIGITS = 7;

export interface CodeTakers {
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'find'>;
  /** Their seals have a code before they are made. */
  readonly applications: Pick<Collection<SealApplicationRecord, SealApplicationIndex>, 'find'>;
}

/**
 * The code after the highest one of the region. Two who ask at once get the same: a unique index lets one of
 * them have it, the other asks again.
 *
 * @param regionCode - 6 digits (GB/T 2260)
 * @param count - how many codes in a row
 * @throws AppError `conflict` where the region has no code left
 */
export async function nextSealCodes(
  { seals, applications }: CodeTakers,
  regionCode: string,
  count: number,
): Promise<readonly string[]> {
  const range = {
    gte: regionCode + '0'.repeat(SEQUENCE_DIGITS),
    lte: regionCode + '9'.repeat(SEQUENCE_DIGITS),
  };
  const newest = { direction: 'desc', limit: 1 } as const;
  const [made, applied] = await Promise.all([
    seals.find({ where: { code: range }, orderBy: 'code', ...newest }, SCOPE_ALL),
    applications.find({ where: { lastCode: range }, orderBy: 'lastCode', ...newest }, SCOPE_ALL),
  ]);
  const taken = [made.items[0]?.code, applied.items[0]?.preparation?.seals.at(-1)?.code];
  const highest = Math.max(0, ...taken.map((code) => Number(code?.slice(regionCode.length) ?? 0)));
  if (String(highest + count).length > SEQUENCE_DIGITS) {
    throw new AppError('conflict', 'the region has no seal code left', { params: { regionCode } });
  }
  return Array.from(
    { length: count },
    (_, index) => regionCode + String(highest + 1 + index).padStart(SEQUENCE_DIGITS, '0'),
  );
}
