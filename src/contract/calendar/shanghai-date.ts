/** Days as the law counts them: of Asia/Shanghai, eight hours ahead of UTC without summer time. */
import { AppError, shanghaiClock, startOfShanghaiDay } from '../../kernel/index.js';

const DAY_MS = 86_400_000;

/** `YYYY-MM-DD`. */
export type CalendarDate = string;

/** The day that `instant` falls on in Shanghai. */
export function dateInShanghai(instant: Date): CalendarDate {
  return shanghaiClock(instant).slice(0, 10);
}

/** The first instant after `date` in Shanghai: a term that ends with the day is over then. */
export function endOfDayInShanghai(date: CalendarDate): Date {
  return startOfShanghaiDay(addDays(date, 1));
}

export function addDays(date: CalendarDate, days: number): CalendarDate {
  return new Date((dayNumber(date) + days) * DAY_MS).toISOString().slice(0, 10);
}

/** Days from `from` to `to`; negative where `to` is before. */
export function daysBetween(from: CalendarDate, to: CalendarDate): number {
  return dayNumber(to) - dayNumber(from);
}

/** 0 is Sunday. */
export function dayOfWeek(date: CalendarDate): number {
  // 1970-01-01 was a Thursday.
  return (((dayNumber(date) + 4) % 7) + 7) % 7;
}

/** Days since 1970-01-01. @throws AppError `input-invalid` where `date` is none */
function dayNumber(date: CalendarDate): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : NaN;
  if (Number.isNaN(ms)) {
    throw new AppError('input-invalid', `${date} is no date`, { params: { field: 'date' } });
  }
  return ms / DAY_MS;
}
