/** From blocks to a new PDF/A-2u file on A4: embedded font subsets, page numbers, an outline, tags. The same input gives the same bytes. */
import { PDFDict, PDFDocument, PDFHexString, PDFName } from 'pdf-lib';
import { fontFace } from '../font/index.js';
import { AppError, sha256Hex } from '../kernel/index.js';
import { layOutBlock, type LayoutResult, type SealPlace } from './block-layout.js';
import { mapTexts, textsOf, type Block } from './blocks.js';
import { EmbeddedFont } from './embedded-font.js';
import { makeArchival } from './file/archival.js';
import { flateStream } from './file/flate-stream.js';
import { addOutline } from './file/outline.js';
import { addSignatureFields, type SignatureFieldPlace } from './file/signature-fields.js';
import { addStructureTree } from './file/structure-tree.js';
import { PAGE, PageFlow, baselineDropPt, measureIn } from './page-flow.js';
import { stylesOf, type Setting, type Styles } from './styles.js';

export interface DocumentInput {
  readonly blocks: readonly Block[];
  readonly setting: Setting;
  /** TrueType files; the arrays are kept as keys of parsed fonts and must not change. */
  readonly fonts: { readonly regular: Uint8Array; readonly bold: Uint8Array };
  /** At the head of every page but a cover, on the right. */
  readonly runningHead: string;
  readonly title: string;
  /** What made it, as the file's properties say. */
  readonly creator: string;
  /** Written as creation date. */
  readonly at: Date;
  /**
   * What becomes of a character that the fonts lack: `refuse`, since nobody may sign a text with a hole in it,
   * or `replace` by 〓, since a report on a stranger's file must come about.
   */
  readonly missingGlyphs: 'refuse' | 'replace';
  /** What the document was made from: its identifier follows, so that making it again gives the same file. */
  readonly source: string;
}

export interface ComposedDocument {
  readonly pdf: Uint8Array;
  readonly pageCount: number;
  readonly places: readonly SealPlace[];
}

/** Blocks that may belong together: two headings, a text that announces a table, the table. */
const LOOK_AHEAD = 3;

/** Characters that the layout itself sets. */
const LAYOUT_TEXT = '第页共0123456789 　：';

/**
 * @throws AppError `glyph-missing` (params `characters`) before anything is made, `input-invalid` for a font
 */
export async function composeDocument(input: DocumentInput): Promise<ComposedDocument> {
  const regularFace = fontFace(input.fonts.regular);
  const boldFace = fontFace(input.fonts.bold);
  const has = (character: string): boolean => {
    const codePoint = character.codePointAt(0) ?? 0;
    return regularFace.has(codePoint) && boldFace.has(codePoint);
  };
  if (input.missingGlyphs === 'refuse') assertGlyphs(input, has);
  const shown = (text: string): string =>
    Array.from(text, (character) => (has(character) ? character : GETA)).join('');
  const blocks =
    input.missingGlyphs === 'refuse'
      ? input.blocks
      : input.blocks.map((block) => mapTexts(block, shown));
  const runningHead =
    input.missingGlyphs === 'refuse' ? input.runningHead : shown(input.runningHead);

  const document = await PDFDocument.create({ updateMetadata: false });
  const { context } = document;
  const regular = new EmbeddedFont(context, regularFace);
  const bold = new EmbeddedFont(context, boldFace);
  const styles = stylesOf(
    { name: 'F1', embedded: regular },
    { name: 'F2', embedded: bold },
    input.setting,
  );
  const flow = new PageFlow();
  const result: LayoutResult = { bookmarks: [], places: [] };
  blocks.forEach((block, index) => {
    layOutBlock(flow, [block, ...blocks.slice(index + 1, index + 1 + LOOK_AHEAD)], styles, result);
  });
  const hasCover = blocks[0]?.kind === 'cover';
  for (let page = 0; page < flow.pageCount; page++) {
    drawMargins(flow, page, styles, hasCover && page === 0 ? '' : runningHead);
  }

  const pages = Array.from({ length: flow.pageCount }, (_, page) => {
    const { node, ref } = document.addPage([PAGE.widthPt, PAGE.heightPt]);
    node.set(PDFName.of('Contents'), context.register(flateStream(context, flow.contentOf(page))));
    node.set(PDFName.of('Resources'), context.obj({ Font: { F1: regular.ref, F2: bold.ref } }));
    return { node, ref };
  });
  for (const { name, png, pageIndex } of flow.pictures) {
    const image = await document.embedPng(png);
    await image.embed();
    const resources = pages[pageIndex]?.node.lookup(PDFName.of('Resources'), PDFDict);
    const named = resources?.lookupMaybe(PDFName.of('XObject'), PDFDict) ?? context.obj({});
    named.set(PDFName.of(name), image.ref);
    resources?.set(PDFName.of('XObject'), named);
  }
  regular.finish();
  bold.finish();
  addOutline(document, result.bookmarks, pages);
  addSignatureFields(document, result.places.flatMap(fieldPlace), pages);
  addStructureTree(document, flow.root, pages);
  describe(document, input);
  const pdf = await document.save({ useObjectStreams: false, addDefaultPage: false });
  return { pdf, pageCount: flow.pageCount, places: result.places };
}

/** 〓, what typesetters put in place of a character they lack. */
const GETA = '\u3013';

function assertGlyphs(input: DocumentInput, has: (character: string) => boolean): void {
  const characters = new Set<string>(`${LAYOUT_TEXT}${input.runningHead}${input.title}`);
  for (const block of input.blocks) {
    for (const text of textsOf(block)) for (const character of text) characters.add(character);
  }
  const missing = [...characters].filter((character) => !has(character));
  if (missing.length === 0) return;
  throw new AppError('glyph-missing', 'the fonts lack characters of the document', {
    params: { characters: missing },
  });
}

/** The running head, and page of pages at the foot. */
function drawMargins(flow: PageFlow, pageIndex: number, styles: Styles, head: string): void {
  const style = styles.margin;
  const measure = measureIn(style);
  const put = (text: string, xPt: number, baselinePt: number): void => {
    flow.text(
      { pieces: [text], widthPt: measure(text) },
      style,
      { xPt, baselinePt },
      undefined,
      pageIndex,
    );
  };
  const foot = `第 ${pageIndex + 1} 页　共 ${flow.pageCount} 页`;
  const draw = (): void => {
    put(foot, (PAGE.widthPt - measure(foot)) / 2, PAGE.bottomPt - 30);
    if (head === '') return;
    const headPt = PAGE.topPt + 20;
    const rightPt = PAGE.leftPt + PAGE.textWidthPt;
    put(head, rightPt - measure(head), headPt + style.leadingPt - baselineDropPt(style));
    flow.rule([PAGE.leftPt, headPt - 4], [rightPt, headPt - 4], 0.5, pageIndex);
  };
  flow.artifact(pageIndex, draw, 'Pagination');
}

/** The empty field over a place for a seal, where one is wanted. */
function fieldPlace(place: SealPlace): readonly SignatureFieldPlace[] {
  if (place.field === undefined) return [];
  const half = place.sizePt / 2;
  const { xPt, yPt, pageIndex, field } = place;
  const rect = [xPt - half, yPt - half, xPt + half, yPt + half] as const;
  return [{ fieldName: field.name, description: field.description, pageIndex, rect }];
}

const LANGUAGE = 'zh-CN';
const PRODUCER = 'qianyin';

/** The document information and the metadata say the same. */
function describe(document: PDFDocument, input: DocumentInput): void {
  const { title, creator, at } = input;
  document.setTitle(title, { showInWindowTitleBar: true });
  document.setLanguage(LANGUAGE);
  document.setProducer(PRODUCER);
  document.setCreator(creator);
  document.setCreationDate(at);
  document.setModificationDate(at);
  makeArchival(document, { title, creator, producer: PRODUCER, language: LANGUAGE, at });
  const id = sha256Hex(new TextEncoder().encode(input.source)).slice(0, 32);
  const { context } = document;
  context.trailerInfo.ID = context.obj([PDFHexString.of(id), PDFHexString.of(id)]);
}
