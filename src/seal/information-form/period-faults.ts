/** From when until when the seals are to be valid. */
import { formError, type FormFault } from './form-fault.js';
import { given } from './given.js';
import type { SealInformationForm } from './information-form.js';

const LONGEST_YEARS = 5;

export function periodFaults(
  { validFrom, validUntil }: SealInformationForm,
  now: Date | undefined,
): readonly FormFault[] {
  const from = given(validFrom, (text) => dateFaults(text, '#/validFrom', '启用日期'));
  const until = given(validUntil, (text) => dateFaults(text, '#/validUntil', '截止日期'));
  if (from.length > 0 || until.length > 0) return [...from, ...until];
  if (validUntil === undefined) return [];
  const end = new Date(validUntil);
  if (now !== undefined && end <= now) {
    return [
      formError(
        '#/validUntil',
        'period-past',
        '截止日期已过；请填将来的日期',
        'the validity has ended already',
      ),
    ];
  }
  if (validFrom === undefined) return [];
  const start = new Date(validFrom);
  if (end <= start) {
    return [
      formError(
        '#/validUntil',
        'period-reversed',
        '截止日期不晚于启用日期；请核对',
        'the validity ends before it begins',
      ),
    ];
  }
  const longest = new Date(start);
  longest.setUTCFullYear(longest.getUTCFullYear() + LONGEST_YEARS);
  return end <= longest
    ? []
    : [
        formError(
          '#/validUntil',
          'period-too-long',
          `有效期最长 ${LONGEST_YEARS} 年；到期前可以延期`,
          `a seal is valid for ${LONGEST_YEARS} years at most; it can be renewed`,
        ),
      ];
}

function dateFaults(text: string, pointer: string, label: string): readonly FormFault[] {
  const isInstant = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T/.test(text) && !Number.isNaN(Date.parse(text));
  if (isInstant) return [];
  return [
    formError(pointer, 'date', `${label}不是日期；请核对`, 'not an instant as RFC 3339 writes it'),
  ];
}
