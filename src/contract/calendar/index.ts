export { parseCalendarYear } from './calendar-year.js';
export type { CalendarYear } from './calendar-year.js';
export { DEADLINE_KINDS, deadlinesOf } from './deadlines.js';
export type { Deadline, DeadlineKind } from './deadlines.js';
export { addDays, dateInShanghai, daysBetween, endOfDayInShanghai } from './shanghai-date.js';
export type { CalendarDate } from './shanghai-date.js';
export { WorkingDayCalendar } from './working-days.js';
export type { CountedDay } from './working-days.js';
