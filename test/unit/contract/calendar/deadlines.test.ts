/** Golden days, counted by hand on the plans of the State Council. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  WorkingDayCalendar,
  addDays,
  dateInShanghai,
  daysBetween,
  deadlinesOf,
  endOfDayInShanghai,
  parseCalendarYear,
} from '../../../../src/contract/calendar/index.js';

const plan = (year: number): unknown =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, `../../../../calendars/${year}.json`), 'utf8'),
  ) as unknown;
const years = [2024, 2025, 2026].map((year) => parseCalendarYear(plan(year)));
const calendar = new WorkingDayCalendar(years);

const signedAt = (shanghai: string): Date => new Date(`${shanghai}+08:00`);
const lastDays = (signed: string): Record<string, string> =>
  Object.fromEntries(
    deadlinesOf({ signedAt: signedAt(signed) }, calendar).map(({ kind, lastDay }) => [
      kind,
      lastDay,
    ]),
  );

describe('working days of 2026', () => {
  it.each(['01-04', '02-14', '02-28', '05-09', '09-20', '10-10'])('2026-%s is worked', (day) => {
    expect(calendar.isWorkingDay(`2026-${day}`)).toBe(true);
  });

  it.each([
    '01-01',
    '01-03',
    '02-15',
    '02-16',
    '02-23',
    '04-06',
    '05-05',
    '06-19',
    '09-25',
    '10-01',
    '10-07',
  ])('2026-%s is a holiday', (day) => {
    expect(calendar.isWorkingDay(`2026-${day}`)).toBe(false);
  });

  it('counts 248 of them', () => {
    let count = 0;
    for (let day = '2026-01-01'; day <= '2026-12-31'; day = addDays(day, 1)) {
      if (calendar.isWorkingDay(day)) count++;
    }
    // 365 days, 104 of weekends, 6 of them worked, 19 weekdays free.
    expect(count).toBe(365 - 104 + 6 - 19);
  });
});

describe('two working days to announce, seven to file', () => {
  it.each([
    // An ordinary week: Monday.
    ['2026-03-02T10:00:00', '2026-03-04', '2026-03-11'],
    // Friday before Spring Festival: Saturday 14th is worked, then nine days are free.
    ['2026-02-13T16:00:00', '2026-02-24', '2026-03-02'],
    // On the make-up Saturday itself; Saturday 28th is worked too.
    ['2026-02-14T09:00:00', '2026-02-25', '2026-03-03'],
    // In the middle of the holiday.
    ['2026-02-18T12:00:00', '2026-02-25', '2026-03-03'],
    // Last day before National Day; Saturday 10th is worked.
    ['2026-09-30T17:00:00', '2026-10-09', '2026-10-15'],
    // Sunday 20 September is worked, 25 to 27 are free.
    ['2026-09-18T09:00:00', '2026-09-21', '2026-09-29'],
    // Labour Day, Saturday 9 May is worked.
    ['2026-04-30T09:00:00', '2026-05-07', '2026-05-13'],
    // New Year, Sunday 4 January is worked; over the turn of two known years.
    ['2025-12-31T09:00:00', '2026-01-05', '2026-01-12'],
    // Late in the evening: in Shanghai it is the same day, in UTC too; a minute to midnight.
    ['2026-03-02T23:59:59', '2026-03-04', '2026-03-11'],
    // After midnight in Shanghai it is the next day, whatever UTC says.
    ['2026-03-03T00:00:00', '2026-03-05', '2026-03-12'],
  ])('signed %s: %s and %s', (signed, announce, file) => {
    expect(lastDays(signed)).toEqual({ announce, file });
  });

  it('is over at midnight in Shanghai', () => {
    const [announce] = deadlinesOf({ signedAt: signedAt('2026-03-02T10:00:00') }, calendar);
    expect(announce).toMatchObject({ dueAt: '2026-03-04T16:00:00Z', isProvisional: false });
  });
});

describe('thirty days to sign', () => {
  it.each([
    // 1 April + 30 days is Labour Day: moved to 6 May.
    ['2026-04-01', '2026-05-06'],
    // On a make-up Saturday nothing moves.
    ['2026-04-09', '2026-05-09'],
    // On an ordinary Sunday: Monday.
    ['2026-05-01', '2026-06-01'],
    // Into Spring Festival.
    ['2026-01-20', '2026-02-24'],
    // Into National Day.
    ['2026-09-02', '2026-10-08'],
    // A working day.
    ['2026-03-02', '2026-04-01'],
  ])('from %s: %s', (awardedOn, lastDay) => {
    const [sign] = deadlinesOf({ awardedOn }, calendar);
    expect(sign).toMatchObject({ kind: 'sign', lastDay, isProvisional: false });
  });
});

describe('years whose plan is not published', () => {
  it('are provisional, and so is the end of the December before', () => {
    const provisional = (signed: string): readonly boolean[] =>
      deadlinesOf({ signedAt: signedAt(signed) }, calendar).map((each) => each.isProvisional);
    expect(provisional('2026-12-10T09:00:00')).toEqual([false, false]);
    // The 7th working day, the 25th, may be given away by the plan of 2027.
    expect(provisional('2026-12-16T09:00:00')).toEqual([false, true]);
    expect(provisional('2026-12-30T09:00:00')).toEqual([true, true]);
    // By weekdays alone: 2027-01-01 is a Friday.
    expect(lastDays('2026-12-30T09:00:00')).toEqual({
      announce: '2027-01-01',
      file: '2027-01-08',
    });
  });

  it('are so no more when the plan comes', () => {
    const next = parseCalendarYear({
      year: 2027,
      source: { title: '示例：国务院办公厅关于2027年部分节假日安排的通知', issuedOn: '2026-11-30' },
      holidays: [{ name: '元旦', from: '2027-01-01', to: '2027-01-03' }],
      makeUpDays: ['2026-12-26'],
    });
    const later = new WorkingDayCalendar([...years, next]);
    const found = deadlinesOf({ signedAt: signedAt('2026-12-25T09:00:00') }, later);
    expect(found).toMatchObject([
      // The Saturday is worked now.
      { kind: 'announce', lastDay: '2026-12-28', isProvisional: false },
      { kind: 'file', lastDay: '2027-01-05', isProvisional: false },
    ]);
  });
});

describe('a plan', () => {
  const sound = plan(2026) as Record<string, unknown>;
  it.each<[string, Record<string, unknown>]>([
    ['a make-up day on a weekday', { makeUpDays: ['2026-03-03'] }],
    ['a make-up day in a holiday', { makeUpDays: ['2026-02-15'] }],
    [
      'a holiday that ends before it begins',
      { holidays: [{ name: 'x', from: '2026-05-05', to: '2026-05-01' }] },
    ],
    [
      'a holiday of another year',
      { holidays: [{ name: 'x', from: '2025-05-01', to: '2025-05-05' }] },
    ],
    ['a month of holidays', { holidays: [{ name: 'x', from: '2026-05-01', to: '2026-05-31' }] }],
    ['no source', { source: undefined }],
  ])('with %s is refused', (_name, changes) => {
    expect(() => parseCalendarYear({ ...sound, ...changes })).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
  });
});

it('counts so many working days after a day, whichever day it is', () => {
  const days = fc.integer({ min: 0, max: 700 }).map((n) => addDays('2024-01-02', n));
  fc.assert(
    fc.property(days, fc.integer({ min: 1, max: 15 }), (start, count) => {
      const { date } = calendar.after(start, count);
      let worked = 0;
      for (let day = addDays(start, 1); day <= date; day = addDays(day, 1)) {
        if (calendar.isWorkingDay(day)) worked++;
      }
      expect(worked).toBe(count);
      expect(calendar.isWorkingDay(date)).toBe(true);
      expect(calendar.onOrAfter(date).date).toBe(date);
    }),
  );
});

it('knows the days of Shanghai', () => {
  const instants = fc.date({
    min: new Date('2000-01-01T00:00:00Z'),
    max: new Date('2100-01-01T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(instants, (instant) => {
      const date = dateInShanghai(instant);
      const end = endOfDayInShanghai(date);
      expect(instant.getTime()).toBeLessThan(end.getTime());
      expect(end.getTime() - instant.getTime()).toBeLessThanOrEqual(86_400_000);
      expect(dateInShanghai(end)).toBe(addDays(date, 1));
      expect(daysBetween(date, addDays(date, 400))).toBe(400);
    }),
  );
});
