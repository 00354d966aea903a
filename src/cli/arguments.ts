/** Arguments as text to the values they stand for. */
import { AppError } from '../kernel/index.js';

const wrong = (option: string, expected: string): AppError =>
  new AppError('usage', `${option} takes ${expected}`, { params: { option, expected } });

/** `value` as one of `allowed`. @throws AppError `usage` */
export function oneOf<T extends string>(value: string, allowed: readonly T[], option: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new AppError('usage', `${option} takes one of ${allowed.join(', ')}`, {
      params: { option, allowed },
    });
  }
  return found;
}

/** `3` → 2, `last` → `last`: pages are counted from 1 by people, from 0 inside. */
export function parsePage(text: string): number | 'last' {
  if (text === 'last') return 'last';
  const page = Number(text);
  if (!Number.isInteger(page) || page < 1) throw wrong('--page', 'a page number from 1, or last');
  return page - 1;
}

/** `X,Y` in points. */
export function parsePoint(
  text: string,
  option: string,
): { readonly xPt: number; readonly yPt: number } {
  const [x, y, ...rest] = text.split(',').map(Number);
  if (
    x === undefined ||
    y === undefined ||
    rest.length > 0 ||
    !Number.isFinite(x) ||
    !Number.isFinite(y)
  ) {
    throw wrong(option, 'X,Y in points');
  }
  return { xPt: x, yPt: y };
}

export function parsePositive(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw wrong(option, 'a positive number');
  return value;
}

export function parsePort(text: string, option: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw wrong(option, 'a port number');
  return port;
}

export function parseTime(text: string, option: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw wrong(option, 'a time as in 2026-01-31T08:00:00Z');
  return time;
}
