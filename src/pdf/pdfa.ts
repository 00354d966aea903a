/** What PDF/A asks of what is added to a file that claims to follow it. */
import { bytesToUtf8, isAppError } from '../kernel/index.js';
import type { PdfDocument } from './document.js';
import { PdfStream, isName } from './objects.js';

export interface PdfAClaim {
  /** 1 to 4, by the metadata. */
  readonly part: number;
  /** Whether an output intent gives device RGB its meaning. */
  readonly hasRgbIntent: boolean;
}

const MOST_METADATA_BYTES = 4 * 1024 * 1024;

/** The claim in the document's metadata; undefined where it makes none. @see ISO 19005-1:2005, 6.7.11 */
export function pdfAClaim(document: PdfDocument): PdfAClaim | undefined {
  const metadata = document.resolve(document.catalog.get('Metadata'));
  if (!(metadata instanceof PdfStream)) return undefined;
  const part = /pdfaid:part\s*(?:=\s*["']|>)\s*([1-4])/.exec(textOf(metadata))?.[1];
  if (part === undefined) return undefined;
  return { part: Number(part), hasRgbIntent: hasRgbIntent(document) };
}

function textOf(stream: PdfStream): string {
  try {
    return bytesToUtf8(stream.data().subarray(0, MOST_METADATA_BYTES));
  } catch (error) {
    if (isAppError(error)) return '';
    throw error;
  }
}

function hasRgbIntent(document: PdfDocument): boolean {
  const intents = document.resolveArray(document.catalog.get('OutputIntents'))?.items ?? [];
  return intents.some((item) => {
    const intent = document.resolveDict(item);
    const profile = document.resolve(intent?.get('DestOutputProfile'));
    return (
      isName(document.resolve(intent?.get('S')), 'GTS_PDFA1') &&
      profile instanceof PdfStream &&
      document.resolve(profile.dict.get('N')) === 3
    );
  });
}
