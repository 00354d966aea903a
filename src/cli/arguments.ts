/** Arguments as text to the values they stand for. */
import { AppError } from '../kernel/index.js';
import type { PageChoice, SeenPoint } from '../signing/index.js';

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

/** `3` → 2, `last` and `all` as they are: pages are counted from 1 by people, from 0 inside. */
export function parsePage(text: string, option = '--page'): PageChoice {
  if (text === 'last' || text === 'all') return text;
  const page = Number(text);
  if (!Number.isInteger(page) || page < 1) throw wrong(option, 'a page number from 1, last or all');
  return page - 1;
}

/** `PAGE:X,Y`. */
export function parsePlace(
  text: string,
  option: string,
): { readonly page: PageChoice; readonly centre: SeenPoint } {
  const [page = '', point = '', ...rest] = text.split(':');
  if (rest.length > 0) throw wrong(option, 'PAGE:X,Y');
  return { page: parsePage(page, option), centre: parsePoint(point, option) };
}

/** Which of several hits: `2` → 1, `last` and `all` as they are. */
export function parseHit(text: string): number | 'last' | 'all' {
  if (text === 'last' || text === 'all') return text;
  const hit = Number(text);
  if (!Number.isInteger(hit) || hit < 1) {
    throw wrong('--keyword-index', 'a number from 1, last or all');
  }
  return hit - 1;
}

/** `X,Y` in points. */
export function parsePoint(text: string, option: string): SeenPoint {
  const parts = text.split(',');
  const [x, y, ...rest] = parts.map((part) => (part.trim() === '' ? NaN : Number(part)));
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
