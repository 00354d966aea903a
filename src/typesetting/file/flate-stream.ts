/** Compressed streams of pdf-lib, by the platform's zlib: pdf-lib's own deflate took a third of a contract's time. */
import { deflateSync } from 'node:zlib';
import type { PDFContext, PDFRawStream } from 'pdf-lib';

/**
 * @param contents - Bytes, or text whose characters are bytes.
 * @param entries - Of the stream's dictionary, besides its filter and length.
 */
export function flateStream(
  context: PDFContext,
  contents: Uint8Array | string,
  entries: Readonly<Record<string, number>> = {},
): PDFRawStream {
  const bytes = typeof contents === 'string' ? Buffer.from(contents, 'latin1') : contents;
  return context.stream(deflateSync(bytes), { ...entries, Filter: 'FlateDecode' });
}
