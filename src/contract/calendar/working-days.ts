/**
 * Working days (工作日) by the yearly plans. A day whose plan is not there counts by its weekday, and
 * whatever was counted over it is provisional.
 */
import type { CalendarYear } from './calendar-year.js';
import { addDays, dayOfWeek, type CalendarDate } from './shanghai-date.js';

export interface CountedDay {
  readonly date: CalendarDate;
  /** A day that was counted over may change when its year's plan is published. */
  readonly isProvisional: boolean;
}

/** From this day on the plan of the next year may give days of December away, as that of 2019 did. */
const OPEN_DECEMBER = '12-25';

export class WorkingDayCalendar {
  readonly #years: ReadonlyMap<number, CalendarYear>;
  readonly #worked = new Set<CalendarDate>();
  readonly #free = new Set<CalendarDate>();

  /** Of two plans of one year the later in `years` counts. */
  constructor(years: readonly CalendarYear[]) {
    this.#years = new Map(years.map((each) => [each.year, each]));
    for (const { holidays, makeUpDays } of this.#years.values()) {
      for (const date of makeUpDays) this.#worked.add(date);
      for (const { from, to } of holidays) {
        for (let date = from; date <= to; date = addDays(date, 1)) this.#free.add(date);
      }
    }
  }

  /** The plans there are, by year. */
  get years(): readonly CalendarYear[] {
    return [...this.#years.values()].sort((a, b) => a.year - b.year);
  }

  isWorkingDay(date: CalendarDate): boolean {
    if (this.#worked.has(date)) return true;
    return !this.#free.has(date) && ![0, 6].includes(dayOfWeek(date));
  }

  /** Whether the plan that decides on `date` is there. */
  isPlanned(date: CalendarDate): boolean {
    const year = Number(date.slice(0, 4));
    if (!this.#years.has(year)) return false;
    return date.slice(5) < OPEN_DECEMBER || this.#years.has(year + 1);
  }

  /** The `count`th working day after `start`, which itself is not counted. @see 民法典 §201 */
  after(start: CalendarDate, count: number): CountedDay {
    let date = start;
    let isProvisional = false;
    for (let left = count; left > 0;) {
      date = addDays(date, 1);
      isProvisional ||= !this.isPlanned(date);
      if (this.isWorkingDay(date)) left--;
    }
    return { date, isProvisional };
  }

  /** `date`, or the first working day after it where it is a rest day. @see 民法典 §203 */
  onOrAfter(date: CalendarDate): CountedDay {
    let counted = date;
    let isProvisional = !this.isPlanned(counted);
    while (!this.isWorkingDay(counted)) {
      counted = addDays(counted, 1);
      isProvisional ||= !this.isPlanned(counted);
    }
    return { date: counted, isProvisional };
  }
}
