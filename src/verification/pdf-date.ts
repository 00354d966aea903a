/** Dates of PDF: `D:YYYYMMDDHHmmSSOHH'mm'`, later parts optional. @see ISO 32000-2:2020, 7.9.4 */
import { bytesToLatin1 } from '../kernel/index.js';

const DATE =
  /^D:(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:([Zz])(?:00'?00'?)?|([+-])(\d{2})'?(\d{2})?'?)?$/;

/** @returns `undefined` for text that is no date. A date without offset is taken as UTC. */
export function parsePdfDate(bytes: Uint8Array): Date | undefined {
  const match = DATE.exec(bytesToLatin1(bytes.subarray(0, 40)));
  if (match === null) return undefined;
  const part = (index: number, fallback: number): number =>
    match[index] === undefined ? fallback : Number(match[index]);
  const [month, day, hour] = [part(2, 1), part(3, 1), part(4, 0)];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23) return undefined;
  const local = Date.UTC(part(1, 1970), month - 1, day, hour, part(5, 0), part(6, 0));
  const offsetMinutes = part(9, 0) * 60 + part(10, 0);
  const sign = match[8] === '-' ? -1 : 1;
  return new Date(local - sign * offsetMinutes * 60_000);
}
