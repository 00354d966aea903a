/** The wall clock that the law and people in China go by: UTC+8, without summer time since 1991. */
const OFFSET_MS = 8 * 3_600_000;

/** `2026-11-25T08:00:00.000`: date and time of day as clocks in Shanghai show them at `instant`. */
export function shanghaiClock(instant: Date): string {
  return new Date(instant.getTime() + OFFSET_MS).toISOString().slice(0, -1);
}

/** `2026-11-25 08:00:00`, for people to read. */
export function shanghaiText(instant: Date): string {
  return shanghaiClock(instant).slice(0, 19).replace('T', ' ');
}

/** The first instant of a day, `YYYY-MM-DD`, in Shanghai. */
export function startOfShanghaiDay(day: string): Date {
  return new Date(Date.parse(`${day}T00:00:00Z`) - OFFSET_MS);
}
