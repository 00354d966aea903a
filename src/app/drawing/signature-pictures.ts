/** What is seen of each signature, cut out of its page as it was signed. */
import { MemorySource } from '../../kernel/index.js';
import {
  inFrame,
  openPdf,
  pageFrame,
  readRectangle,
  widgetPageIndex,
  type PdfDocument,
  type Rectangle,
} from '../../pdf/index.js';
import type { DrawnSignature } from '../../http/index.js';
import { encodePng } from '../../picture/index.js';
import { drawPages, type Picture } from './draw-pages.js';

/** Two parties sign a contract; a few more do sometimes. */
const MOST_PICTURES = 12;
/** An A4 page at some 180 dpi: a seal is about 300 pixels wide. */
const LONG_SIDE_PX = 2100;
/** Less is no picture: fields are made invisible by a line of this width. */
const SMALLEST_PT = 3;

/**
 * A picture for every signature with a visible widget, from the first of its widgets.
 *
 * @throws AppError as `openPdf` and `drawPages`
 */
export async function drawSignatures(pdf: Uint8Array): Promise<readonly DrawnSignature[]> {
  const signatures = signedFields(openPdf(new MemorySource(pdf), { mode: 'lenient' }));
  const pictures: DrawnSignature[] = [];
  for (const { name, endOffset } of signatures.slice(0, MOST_PICTURES)) {
    const signed = pdf.subarray(0, endOffset);
    const place = placeOf(openPdf(new MemorySource(signed), { mode: 'lenient' }), name);
    const picture = place === undefined ? undefined : await drawPlace(signed, place);
    if (place === undefined || picture === undefined) continue;
    pictures.push({
      field: name,
      page: place.pageIndex + 1,
      widthPx: picture.width,
      heightPx: picture.height,
      png: encodePng(picture.width, picture.height, picture.data),
    });
  }
  return pictures;
}

interface SignedField {
  readonly name: string;
  /** Of the revision in which it was signed. */
  readonly endOffset: number;
}

function signedFields(document: PdfDocument): readonly SignedField[] {
  return document.fields.flatMap(({ name, type, value }): readonly SignedField[] => {
    const origin = type === 'Sig' ? document.resolveDict(value)?.origin : undefined;
    if (origin === undefined) return [];
    const { endOffset = document.source.size } =
      document.revisions.find((each) => origin.span.start < each.endOffset) ?? {};
    return [{ name, endOffset }];
  });
}

interface Place {
  readonly pageIndex: number;
  /** In the page's frame, points from the bottom left as shown. */
  readonly rect: Rectangle;
  readonly widthPt: number;
  readonly heightPt: number;
}

function placeOf(document: PdfDocument, name: string): Place | undefined {
  for (const widget of document.fields.find((each) => each.name === name)?.widgets ?? []) {
    const pageIndex = widgetPageIndex(document, widget);
    const rect = readRectangle(document, widget.dict.get('Rect'));
    if (pageIndex === undefined || rect === undefined) continue;
    const frame = pageFrame(document, document.pages.get(pageIndex));
    const shown = inFrame(frame, rect);
    const isVisible = shown.x2 - shown.x1 > SMALLEST_PT && shown.y2 - shown.y1 > SMALLEST_PT;
    if (isVisible) return { pageIndex, rect: shown, ...frame };
  }
  return undefined;
}

async function drawPlace(pdf: Uint8Array, place: Place): Promise<Picture | undefined> {
  const drawing = drawPages(pdf, {
    longSidePx: LONG_SIDE_PX,
    onlyPage: place.pageIndex,
    isCropped: true,
  });
  for await (const page of drawing) return cut(page, place);
  return undefined;
}

function cut(page: Picture, { rect, widthPt, heightPt }: Place): Picture | undefined {
  const [perX, perY] = [page.width / widthPt, page.height / heightPt];
  const left = Math.max(0, Math.floor(rect.x1 * perX));
  const right = Math.min(page.width, Math.ceil(rect.x2 * perX));
  const top = Math.max(0, Math.floor((heightPt - rect.y2) * perY));
  const bottom = Math.min(page.height, Math.ceil((heightPt - rect.y1) * perY));
  const [width, height] = [right - left, bottom - top];
  if (width <= 0 || height <= 0) return undefined;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * page.width + left) * 3;
    data.set(page.data.subarray(start, start + width * 3), y * width * 3);
  }
  return { width, height, data };
}
