/** The text of each page, line by line, as it is painted: to tell two versions of a document apart. */
import { MemorySource } from '../../kernel/index.js';
import { openPdf, pageText } from '../../pdf/index.js';

/** Base lines nearer than this, in points, are one line. */
const SAME_LINE_PT = 2;

/** @throws AppError `pdf-*`, as the reader does */
export function pageLines(pdf: Uint8Array): readonly (readonly string[])[] {
  const document = openPdf(new MemorySource(pdf), { mode: 'lenient' });
  return Array.from({ length: document.pages.count }, (_, index) => {
    const lines: { readonly y: number; text: string }[] = [];
    for (const { text, rect, isHidden } of pageText(document, document.pages.get(index))) {
      if (isHidden) continue;
      const last = lines.at(-1);
      if (last !== undefined && Math.abs(last.y - rect.y1) < SAME_LINE_PT) last.text += text;
      else lines.push({ y: rect.y1, text });
    }
    return lines.map(({ text }) => text.trim()).filter((text) => text !== '');
  });
}
