/** From blocks to a new PDF on A4: embedded font subsets, page numbers, an outline. The same input gives the same bytes. */
import { PDFDocument, PDFHexString, PDFName, type PDFRef } from 'pdf-lib';
import { fontFace } from '../font/index.js';
import { AppError, sha256Hex } from '../kernel/index.js';
import {
  layOutBlock,
  stylesOf,
  type Bookmark,
  type LayoutResult,
  type SealPlace,
  type Setting,
  type Styles,
} from './block-layout.js';
import { mapTexts, textsOf, type Block } from './blocks.js';
import { EmbeddedFont, textString } from './embedded-font.js';
import { PAGE, PageFlow, baselineDropPt, measureIn } from './page-flow.js';

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
  for (const block of blocks) layOutBlock(flow, block, styles, result);
  const hasCover = blocks[0]?.kind === 'cover';
  for (let page = 0; page < flow.pageCount; page++) {
    drawMargins(flow, page, styles, hasCover && page === 0 ? '' : runningHead);
  }

  const pageRefs: PDFRef[] = [];
  for (let page = 0; page < flow.pageCount; page++) {
    const { node, ref } = document.addPage([PAGE.widthPt, PAGE.heightPt]);
    node.set(PDFName.of('Contents'), context.register(context.flateStream(flow.contentOf(page))));
    node.set(PDFName.of('Resources'), context.obj({ Font: { F1: regular.ref, F2: bold.ref } }));
    pageRefs.push(ref);
  }
  regular.finish();
  bold.finish();
  addOutline(document, result.bookmarks, pageRefs);
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
  put(foot, (PAGE.widthPt - measure(foot)) / 2, PAGE.bottomPt - 30);
  if (head === '') return;
  const headPt = PAGE.topPt + 20;
  const rightPt = PAGE.leftPt + PAGE.textWidthPt;
  put(head, rightPt - measure(head), headPt + style.leadingPt - baselineDropPt(style));
  flow.rule([PAGE.leftPt, headPt - 4], [rightPt, headPt - 4], 0.5, pageIndex);
}

/** One outline entry a heading. @see ISO 32000-2:2020, 12.3.3 */
function addOutline(
  document: PDFDocument,
  bookmarks: readonly Bookmark[],
  pageRefs: readonly PDFRef[],
): void {
  if (bookmarks.length === 0) return;
  const { context, catalog } = document;
  const root = context.nextRef();
  const refs = bookmarks.map(() => context.nextRef());
  bookmarks.forEach((bookmark, index) => {
    const ref = refs[index];
    const page = pageRefs[bookmark.pageIndex];
    if (ref === undefined || page === undefined) return;
    const entry = context.obj({
      Title: textString(bookmark.text),
      Parent: root,
      Dest: [page, 'XYZ', null, Math.round(bookmark.topPt + 4), null],
    });
    const previous = refs[index - 1];
    const next = refs[index + 1];
    if (previous !== undefined) entry.set(PDFName.of('Prev'), previous);
    if (next !== undefined) entry.set(PDFName.of('Next'), next);
    context.assign(ref, entry);
  });
  context.assign(
    root,
    context.obj({
      Type: 'Outlines',
      First: refs[0] ?? null,
      Last: refs.at(-1) ?? null,
      Count: refs.length,
    }),
  );
  catalog.set(PDFName.of('Outlines'), root);
  catalog.set(PDFName.of('PageMode'), PDFName.of('UseOutlines'));
}

function describe(document: PDFDocument, input: DocumentInput): void {
  document.setTitle(input.title, { showInWindowTitleBar: true });
  document.setLanguage('zh-CN');
  document.setProducer('qianyin');
  document.setCreator(input.creator);
  document.setCreationDate(input.at);
  document.setModificationDate(input.at);
  const id = sha256Hex(new TextEncoder().encode(input.source)).slice(0, 32);
  const { context } = document;
  context.trailerInfo.ID = context.obj([PDFHexString.of(id), PDFHexString.of(id)]);
}
