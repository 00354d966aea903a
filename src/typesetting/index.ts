/** New documents from blocks of text: where pages are composed. Never touches a document that exists. */
import type { ComposedDocument, DocumentInput } from './compose-document.js';

export type {
  Align,
  Block,
  Field,
  Grid,
  GridCell,
  PictureBlock,
  SignatureParty,
  SignaturePlace,
  Table,
} from './blocks.js';
export type { ComposedDocument, DocumentInput } from './compose-document.js';
export type { SealPlace } from './block-layout.js';
export type { Setting } from './styles.js';

/**
 * Lays out blocks and writes the document. What writes it is loaded with the first one: that takes
 * longer than to verify a contract, which most callers of rooms that compose do without composing.
 *
 * @throws AppError `glyph-missing` (params `characters`) before anything is made, `input-invalid` for a font
 */
export async function composeDocument(input: DocumentInput): Promise<ComposedDocument> {
  return (await import('./compose-document.js')).composeDocument(input);
}
