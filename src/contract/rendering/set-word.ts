/** The text of a Word document set as a contract is: PDF/A-2u with page numbers, an outline and tags. */
import { composeDocument } from '../../typesetting/index.js';
import type { WordReading } from '../../word/index.js';
import { sha256Hex } from '../../kernel/index.js';
import type { SetWordDocument } from '../service/draft-document.js';
import type { RenderContractInput } from './render-contract.js';

export interface SetWordInput {
  readonly reading: WordReading;
  /** The Word document; the file's identifier follows from it. */
  readonly bytes: Uint8Array;
  readonly title: string;
  /** Written as creation date, and nothing else depends on it. */
  readonly at: Date;
  readonly fonts: RenderContractInput['fonts'];
}

/** @throws AppError `glyph-missing` (params `characters`), `input-invalid` for a font */
export async function setWord({
  reading,
  bytes,
  title,
  at,
  fonts,
}: SetWordInput): Promise<SetWordDocument> {
  const { blocks, runningHead, notices } = reading;
  const { pdf, pageCount } = await composeDocument({
    blocks,
    setting: 'contract',
    fonts,
    runningHead,
    title,
    creator: 'qianyin word',
    at,
    missingGlyphs: 'refuse',
    source: JSON.stringify([sha256Hex(bytes), title, at.toISOString()]),
  });
  return { pdf, pageCount, notices };
}
