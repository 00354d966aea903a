/** Time as a dependency. The only place, besides tests, that asks the machine for it. */

export interface Clock {
  now(): Date;
  /** Milliseconds that never go back, for deadlines and leases within one process. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

/** The instant without its fraction of a second, as signatures, certificates and records on the wire know it. */
export function wholeSecond(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / 1000) * 1000);
}

/** RFC 3339 in UTC without fractions of a second, the form of every instant on the wire. */
export function toRfc3339(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}

/** {@link toRfc3339} of when something falls due: up to the next second, so that rounding brings nothing forward. */
export function dueRfc3339(instant: Date): string {
  return toRfc3339(new Date(Math.ceil(instant.getTime() / 1000) * 1000));
}
