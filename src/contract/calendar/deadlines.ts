/** The terms that the law sets a procurement contract: to be signed, announced and filed. */
import { toRfc3339 } from '../../kernel/index.js';
import { addDays, dateInShanghai, endOfDayInShanghai, type CalendarDate } from './shanghai-date.js';
import type { CountedDay, WorkingDayCalendar } from './working-days.js';

export const DEADLINE_KINDS = ['sign', 'announce', 'file'] as const;
export type DeadlineKind = (typeof DEADLINE_KINDS)[number];

export interface Deadline {
  readonly kind: DeadlineKind;
  /** The day of the award notice, or of the last signature; not counted. */
  readonly startsOn: CalendarDate;
  readonly lastDay: CalendarDate;
  /** RFC 3339: the first instant at which it is missed. */
  readonly dueAt: string;
  /** Counted over days whose holiday plan is not published yet. */
  readonly isProvisional: boolean;
}

/** 政府采购法 §46: 30 days from the award notice; a last day on a rest day moves on. */
const DAYS_TO_SIGN = 30;
/** 政府采购法实施条例 §50. */
const WORKING_DAYS_TO_ANNOUNCE = 2;
/** 政府采购法 §47. */
const WORKING_DAYS_TO_FILE = 7;

/**
 * @param start.awardedOn - Day of issue of the award notice.
 * @param start.signedAt - The last party's signature, once there is one.
 * @returns `sign` where there was an award; `announce` and `file` once it is signed.
 */
export function deadlinesOf(
  start: { readonly awardedOn?: CalendarDate | undefined; readonly signedAt?: Date | undefined },
  calendar: WorkingDayCalendar,
): readonly Deadline[] {
  const deadlines: Deadline[] = [];
  if (start.awardedOn !== undefined) {
    const last = calendar.onOrAfter(addDays(start.awardedOn, DAYS_TO_SIGN));
    deadlines.push(deadline('sign', start.awardedOn, last));
  }
  if (start.signedAt !== undefined) {
    const signedOn = dateInShanghai(start.signedAt);
    deadlines.push(
      deadline('announce', signedOn, calendar.after(signedOn, WORKING_DAYS_TO_ANNOUNCE)),
      deadline('file', signedOn, calendar.after(signedOn, WORKING_DAYS_TO_FILE)),
    );
  }
  return deadlines;
}

function deadline(kind: DeadlineKind, startsOn: CalendarDate, last: CountedDay): Deadline {
  return {
    kind,
    startsOn,
    lastDay: last.date,
    dueAt: toRfc3339(endOfDayInShanghai(last.date)),
    isProvisional: last.isProvisional,
  };
}
