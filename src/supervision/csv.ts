/** Tables as CSV that spreadsheets open as they are: UTF-8 with a byte order mark, CRLF, no formulas. */

/** A cell that a spreadsheet would take for a formula; a tab or return before one is skipped by some. */
const FORMULA = /^[\t\r\n ]*[=+\-@＝＋－＠]/u;
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * @param rows - Cells as text; numbers as they are to be read.
 * @see RFC 4180; OWASP, CSV Injection: a quote before what would be run
 */
export function csv(
  header: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): Uint8Array {
  const lines = [header, ...rows].map((row) => row.map(cell).join(','));
  return new TextEncoder().encode(`\u{feff}${lines.join('\r\n')}\r\n`);
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  if (PLAIN_NUMBER.test(text)) return text;
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n\t']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
