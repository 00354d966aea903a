/** Writes cross-reference sections, as few and as long subsections as the numbers allow. */
import { PdfArray, pdfName, type PdfDict, type PdfRef } from './objects.js';
import { ByteWriter, writeValue } from './serialize.js';
import type { XrefEntry } from './xref-section.js';

/** A table and its trailer dictionary. `entries` hold no compressed objects. */
export function writeXrefTable(
  out: ByteWriter,
  entries: ReadonlyMap<number, XrefEntry>,
  trailer: PdfDict,
): void {
  out.text('xref\n');
  for (const run of runsOf(entries)) {
    out.text(`${run.first} ${run.entries.length}\n`);
    for (const entry of run.entries) {
      const offset = entry.kind === 'in-file' ? entry.offset : 0;
      const gen = entry.kind === 'in-stream' ? 0 : entry.gen;
      const mark = entry.kind === 'in-file' ? 'n' : 'f';
      out.text(`${String(offset).padStart(10, '0')} ${String(gen).padStart(5, '0')} ${mark} \n`);
    }
  }
  out.text('trailer\n');
  writeValue(out, trailer);
  out.text('\n');
}

/** A cross-reference stream, object `ref`, whose own entry is among `entries`. Stored without a filter. */
export function writeXrefStream(
  out: ByteWriter,
  ref: PdfRef,
  entries: ReadonlyMap<number, XrefEntry>,
  trailer: PdfDict,
): void {
  const runs = runsOf(entries);
  let largest = 0;
  for (const entry of entries.values()) largest = Math.max(largest, secondField(entry));
  const width = bytesFor(largest);
  const table = new ByteWriter(entries.size * (width + 3));
  for (const run of runs) {
    for (const entry of run.entries) {
      table.byte(entry.kind === 'free' ? 0 : entry.kind === 'in-file' ? 1 : 2);
      writeBigEndian(table, secondField(entry), width);
      writeBigEndian(table, entry.kind === 'in-stream' ? entry.index : entry.gen, 2);
    }
  }
  const bytes = table.result();
  const dict = trailer.with({
    Type: pdfName('XRef'),
    W: new PdfArray([1, width, 2]),
    Index: new PdfArray(runs.flatMap((run) => [run.first, run.entries.length])),
    Length: bytes.length,
  });
  out.text(`${ref.num} ${ref.gen} obj\n`);
  writeValue(out, dict);
  out.text('\nstream\n');
  out.append(bytes);
  out.text('\nendstream\nendobj\n');
}

interface Run {
  readonly first: number;
  readonly entries: XrefEntry[];
}

function runsOf(entries: ReadonlyMap<number, XrefEntry>): Run[] {
  const runs: Run[] = [];
  for (const [num, entry] of [...entries].sort((a, b) => a[0] - b[0])) {
    const last = runs[runs.length - 1];
    if (last !== undefined && last.first + last.entries.length === num) last.entries.push(entry);
    else runs.push({ first: num, entries: [entry] });
  }
  return runs;
}

function secondField(entry: XrefEntry): number {
  if (entry.kind === 'in-file') return entry.offset;
  return entry.kind === 'in-stream' ? entry.container : 0;
}

function bytesFor(value: number): number {
  let width = 1;
  while (256 ** width <= value) width++;
  return width;
}

function writeBigEndian(out: ByteWriter, value: number, width: number): void {
  for (let i = width - 1; i >= 0; i--) out.byte(Math.floor(value / 256 ** i) & 0xff);
}
