/** One year's holiday plan as it is kept in a file, with the notice that it was taken from. */
import { z } from 'zod';
import { AppError } from '../../kernel/index.js';
import { dayOfWeek, daysBetween, type CalendarDate } from './shanghai-date.js';

export interface CalendarYear {
  readonly year: number;
  readonly source: {
    /** Of the State Council's notice. */
    readonly title: string;
    readonly issuedOn: CalendarDate;
    readonly url?: string;
  };
  /** Both days included; days of the weekend may be among them. */
  readonly holidays: readonly {
    readonly name: string;
    readonly from: CalendarDate;
    readonly to: CalendarDate;
  }[];
  /** 调休上班: days of a weekend that are worked. A plan may name some of the December before. */
  readonly makeUpDays: readonly CalendarDate[];
}

const calendarYearSchema = z.strictObject({
  year: z.int().min(2000).max(2200),
  source: z.strictObject({
    title: z.string().min(1),
    issuedOn: z.iso.date(),
    url: z.url().exactOptional(),
  }),
  holidays: z.array(
    z.strictObject({ name: z.string().min(1), from: z.iso.date(), to: z.iso.date() }),
  ),
  makeUpDays: z.array(z.iso.date()),
}) satisfies z.ZodType<CalendarYear>;

/** Longest holiday there has been is 9 days; a slip of the pen is longer. */
const LONGEST_HOLIDAY_DAYS = 15;

/**
 * Checks the shape, and what a plan is known to be: short holidays around its year, make-up days on
 * weekends that no holiday covers.
 *
 * @throws AppError `config-invalid`, params `faults`
 */
export function parseCalendarYear(value: unknown): CalendarYear {
  const parsed = calendarYearSchema.safeParse(value);
  if (!parsed.success) {
    throw invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const faults = faultsOf(parsed.data);
  if (faults.length > 0) throw invalid(faults);
  return parsed.data;
}

function faultsOf({ year, holidays, makeUpDays }: CalendarYear): readonly string[] {
  const isNear = (date: CalendarDate): boolean =>
    date.startsWith(String(year)) || date.startsWith(`${year - 1}-12`);
  return [
    ...holidays.flatMap(({ name, from, to }) => {
      const days = daysBetween(from, to) + 1;
      const isSound = days >= 1 && days <= LONGEST_HOLIDAY_DAYS && isNear(from) && isNear(to);
      return isSound ? [] : [`holidays: ${name} from ${from} to ${to}`];
    }),
    ...makeUpDays.flatMap((date) => {
      const isWeekend = [0, 6].includes(dayOfWeek(date));
      const isFree = holidays.some(({ from, to }) => from <= date && date <= to);
      return isWeekend && !isFree && isNear(date) ? [] : [`makeUpDays: ${date}`];
    }),
  ];
}

function invalid(faults: readonly string[]): AppError {
  return new AppError('config-invalid', 'a holiday plan is not sound', { params: { faults } });
}
