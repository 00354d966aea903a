/** 印章编码: six digits of the region and a sequence of seven within it. */
import { AppError } from '../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../store/index.js';
import type { SealIndex, SealRecord } from './record.js';

const SEQUENCE_DIGITS = 7;

/**
 * The code after the highest one of the region. Two who ask at once get the same: the unique index
 * lets one of them insert, the other asks again.
 *
 * @param regionCode - 6 digits (GB/T 2260)
 * @throws AppError `conflict` where the region has no code left
 */
export async function nextSealCode(
  seals: Collection<SealRecord, SealIndex>,
  regionCode: string,
): Promise<string> {
  const page = await seals.find(
    {
      where: {
        code: {
          gte: regionCode + '0'.repeat(SEQUENCE_DIGITS),
          lte: regionCode + '9'.repeat(SEQUENCE_DIGITS),
        },
      },
      orderBy: 'code',
      direction: 'desc',
      limit: 1,
    },
    SCOPE_ALL,
  );
  const highest = page.items[0]?.code.slice(regionCode.length) ?? '0';
  const sequence = String(Number(highest) + 1);
  if (sequence.length > SEQUENCE_DIGITS) {
    throw new AppError('conflict', 'the region has no seal code left', { params: { regionCode } });
  }
  return regionCode + sequence.padStart(SEQUENCE_DIGITS, '0');
}
