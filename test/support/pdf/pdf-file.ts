/** Builds small PDF files by hand, byte by byte, so that tests do not lean on the writer they test. */
import { latin1ToBytes } from '../../../src/kernel/index.js';

/** Bodies of objects by number: what stands between `obj` and `endobj`, one byte a character. */
export type Bodies = Readonly<Record<number, string>>;

/** Two pages, an indirect resource, an empty form. */
export const TWO_PAGES: Bodies = {
  1: '<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]>>>>',
  2: '<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 595 842]/Resources 5 0 R>>',
  3: '<</Type/Page/Parent 2 0 R/Contents 6 0 R>>',
  4: '<</Type/Page/Parent 2 0 R/Rotate 90/CropBox[10 10 500 800]>>',
  5: '<</Font<<>>>>',
  6: '<</Length 7>>\nstream\n0 0 m S\nendstream',
};

export const HEADER = '%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n';

export interface TextFile {
  readonly text: string;
  /** Where each object begins. */
  readonly offsets: ReadonlyMap<number, number>;
  readonly startxref: number;
}

export function bytesOf(file: TextFile | string): Uint8Array {
  return latin1ToBytes(typeof file === 'string' ? file : file.text);
}

/** Objects one after the other on top of `base`. */
function addBodies(base: string, bodies: Bodies): { text: string; offsets: Map<number, number> } {
  let text = base;
  const offsets = new Map<number, number>();
  for (const [num, body] of Object.entries(bodies)) {
    offsets.set(Number(num), text.length);
    text += `${num} 0 obj\n${body}\nendobj\n`;
  }
  return { text, offsets };
}

function tableOf(entries: ReadonlyMap<number, string>): string {
  let text = 'xref\n';
  const numbers = [...entries.keys()].sort((a, b) => a - b);
  for (let i = 0; i < numbers.length;) {
    let end = i + 1;
    while (numbers[end] === numbers[i]! + (end - i)) end++;
    text += `${numbers[i]} ${end - i}\n`;
    for (; i < end; i++) text += `${entries.get(numbers[i]!)}\n`;
  }
  return text;
}

export function tableLine(offset: number, mark: 'n' | 'f' = 'n', gen = 0): string {
  return `${String(offset).padStart(10, '0')} ${String(gen).padStart(5, '0')} ${mark} `;
}

/** A file, or an update of `base`, with a classic table. */
export function classicFile(bodies: Bodies, base?: TextFile, trailer = '/Root 1 0 R'): TextFile {
  const { text, offsets } = addBodies(base?.text ?? HEADER, bodies);
  const lines = new Map<number, string>();
  if (base === undefined) lines.set(0, tableLine(0, 'f', 65535));
  for (const [num, offset] of offsets) lines.set(num, tableLine(offset));
  const all = new Map([...(base?.offsets ?? []), ...offsets]);
  const size = Math.max(...all.keys()) + 1;
  const prev = base === undefined ? '' : `/Prev ${base.startxref}`;
  const end = `trailer\n<</Size ${size}${trailer}${prev}>>\nstartxref\n${text.length}\n%%EOF\n`;
  return { text: text + tableOf(lines) + end, offsets: all, startxref: text.length };
}

/** A `/Type /ObjStm` body with the given objects. */
export function objectStreamBody(objects: Bodies): string {
  let header = '';
  let content = '';
  for (const [num, body] of Object.entries(objects)) {
    header += `${num} ${content.length} `;
    content += `${body} `;
  }
  const data = header + content;
  const count = Object.keys(objects).length;
  return `<</Type/ObjStm/N ${count}/First ${header.length}/Length ${data.length}>>\nstream\n${data}\nendstream`;
}

/** Rows of a cross-reference stream with `W [1 4 2]`. */
export function streamRow(type: number, second: number, third: number): string {
  const byte = (value: number, shift: number): string =>
    String.fromCharCode((value >>> shift) & 0xff);
  return (
    byte(type, 0) +
    [24, 16, 8, 0].map((shift) => byte(second, shift)).join('') +
    byte(third, 8) +
    byte(third, 0)
  );
}

/** A file, or an update of `base`, with a cross-reference stream; `compressed` go into object stream `container`. */
export function streamFile(
  bodies: Bodies,
  compressed: Bodies,
  container: number,
  base?: TextFile,
): TextFile {
  const withStream =
    Object.keys(compressed).length === 0
      ? bodies
      : { ...bodies, [container]: objectStreamBody(compressed) };
  const { text, offsets } = addBodies(base?.text ?? HEADER, withStream);
  const xrefNum = container + 1;
  const rows = new Map<number, string>();
  if (base === undefined) rows.set(0, streamRow(0, 0, 65535));
  for (const [num, offset] of offsets) rows.set(num, streamRow(1, offset, 0));
  Object.keys(compressed).forEach((num, index) =>
    rows.set(Number(num), streamRow(2, container, index)),
  );
  rows.set(xrefNum, streamRow(1, text.length, 0));
  const numbers = [...rows.keys()].sort((a, b) => a - b);
  const index = numbers.map((num) => `${num} 1`).join(' ');
  const data = numbers.map((num) => rows.get(num)).join('');
  const prev = base === undefined ? '' : `/Prev ${base.startxref}`;
  const dict = `<</Type/XRef/Size ${xrefNum + 1}/W[1 4 2]/Index[${index}]/Root 1 0 R${prev}/Length ${data.length}>>`;
  const end = `${xrefNum} 0 obj\n${dict}\nstream\n${data}\nendstream\nendobj\nstartxref\n${text.length}\n%%EOF\n`;
  return {
    text: text + end,
    offsets: new Map([...(base?.offsets ?? []), ...offsets]),
    startxref: text.length,
  };
}

/** A hybrid file: page 4 and resource 5 are hidden from old readers in object stream 7; stream 8 lists them. */
export function hybridFile(): TextFile {
  const { 4: page, 5: resources, ...visible } = TWO_PAGES;
  const { text, offsets } = addBodies(HEADER, {
    ...visible,
    7: objectStreamBody({ 4: page!, 5: resources! }),
  });
  const data = streamRow(2, 7, 0) + streamRow(2, 7, 1) + streamRow(1, offsets.get(7)!, 0);
  const xrefStm = text.length;
  const dict = `<</Type/XRef/Size 9/W[1 4 2]/Index[4 2 7 1]/Length ${data.length}>>`;
  const body = `${text}8 0 obj\n${dict}\nstream\n${data}\nendstream\nendobj\n`;
  const lines = new Map<number, string>();
  lines.set(0, tableLine(4, 'f', 65535));
  for (const [num, offset] of offsets) if (num !== 7) lines.set(num, tableLine(offset));
  lines.set(4, tableLine(5, 'f', 0));
  lines.set(5, tableLine(7, 'f', 0));
  lines.set(7, tableLine(8, 'f', 0));
  lines.set(8, tableLine(0, 'f', 0));
  const end = `trailer\n<</Size 9/Root 1 0 R/XRefStm ${xrefStm}>>\nstartxref\n${body.length}\n%%EOF\n`;
  return { text: body + tableOf(lines) + end, offsets, startxref: body.length };
}
