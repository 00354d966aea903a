/** New documents from blocks of text: where pages are composed. Never touches a document that exists. */
export type { Align, Block, Field, SignatureParty, SignaturePlace, Table } from './blocks.js';
export { composeDocument } from './compose-document.js';
export type { ComposedDocument, DocumentInput } from './compose-document.js';
export type { SealPlace, Setting } from './block-layout.js';
