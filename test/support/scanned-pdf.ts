/** A PDF like a scanned contract: pages that show one grey picture each, as many as make up the size. */
import { randomFillSync } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

const SIDE = 1024;
const PICTURE_BYTES = SIDE * SIDE;

export interface ScannedPdfOptions {
  readonly path: string;
  /** Roughly; whole pages of a mebibyte each. */
  readonly sizeBytes: number;
  /** Black pictures that take no room on the disk, instead of noise. */
  readonly isSparse?: boolean;
}

/** Classic cross-reference table, PDF 1.7. @returns The number of pages. */
export function writeScannedPdf({ path, sizeBytes, isSparse = false }: ScannedPdfOptions): number {
  const pageCount = Math.max(1, Math.round(sizeBytes / PICTURE_BYTES));
  const descriptor = openSync(path, 'w');
  const offsets: number[] = [];
  const noise = new Uint8Array(PICTURE_BYTES);
  let at = 0;
  const text = (value: string): void => {
    at += writeSync(descriptor, value, at, 'latin1');
  };
  const object = (num: number, body: string): void => {
    offsets[num] = at;
    text(`${num} 0 obj\n${body}\nendobj\n`);
  };
  const picture = (num: number): void => {
    offsets[num] = at;
    text(
      `${num} 0 obj\n<</Type/XObject/Subtype/Image/Width ${SIDE}/Height ${SIDE}/ColorSpace/DeviceGray` +
        `/BitsPerComponent 8/Length ${PICTURE_BYTES}>>\nstream\n`,
    );
    if (!isSparse) writeSync(descriptor, randomFillSync(noise), 0, PICTURE_BYTES, at);
    at += PICTURE_BYTES;
    text('\nendstream\nendobj\n');
  };
  try {
    text('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n');
    object(1, '<</Type/Catalog/Pages 2 0 R>>');
    const numbers = Array.from({ length: pageCount }, (_, index) => 3 + index * 3);
    const kids = numbers.map((num) => `${num} 0 R`).join(' ');
    object(2, `<</Type/Pages/Count ${pageCount}/Kids[${kids}]>>`);
    for (const num of numbers) {
      object(
        num,
        `<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents ${num + 1} 0 R` +
          `/Resources<</XObject<</Im0 ${num + 2} 0 R>>>>>>`,
      );
      const content = 'q 595 0 0 842 0 0 cm /Im0 Do Q';
      object(num + 1, `<</Length ${content.length}>>\nstream\n${content}\nendstream`);
      picture(num + 2);
    }
    const size = 3 + pageCount * 3;
    const startxref = at;
    const line = (num: number): string => `${String(offsets[num]).padStart(10, '0')} 00000 n \n`;
    text(`xref\n0 ${size}\n0000000000 65535 f \n`);
    for (let num = 1; num < size; num++) text(line(num));
    text(`trailer\n<</Size ${size}/Root 1 0 R>>\nstartxref\n${startxref}\n%%EOF\n`);
    ftruncateSync(descriptor, at);
  } finally {
    closeSync(descriptor);
  }
  return pageCount;
}
