/**
 * The appearance of a widget that shows a picture, or an upright slice of it: a form that does nothing but
 * paint the one form of the picture, its box cutting the slice out. So a picture is in the file once,
 * however many places show it, and what a widget shows can be proved by looking at it.
 */
import { bytesToLatin1, latin1ToBytes } from '../kernel/index.js';
import {
  PdfArray,
  PdfDict,
  PdfStream,
  isName,
  pdfName,
  readRectangle,
  uprightMatrix,
  type Page,
  type PdfDocument,
  type PdfRef,
  type Rectangle,
} from '../pdf/index.js';

const CONTENT = 'q\n/Picture Do\nQ\n';

export interface PictureWidget {
  /** The form XObject of the whole picture. */
  readonly picture: PdfRef;
  /** What of the picture's own space is shown: all of it, a slice, or more than it where there is room. */
  readonly box: Rectangle;
  /** How the page is turned when shown; the picture stands upright on it. */
  readonly rotate: Page['rotate'];
}

/** The form XObject to be a widget's normal appearance. */
export function pictureWidget(widget: PictureWidget): PdfStream {
  const { box, rotate, picture } = widget;
  return PdfStream.of(
    PdfDict.of({
      Type: pdfName('XObject'),
      Subtype: pdfName('Form'),
      BBox: new PdfArray([box.x1, box.y1, box.x2, box.y2]),
      Matrix:
        rotate === 0
          ? undefined
          : new PdfArray(uprightMatrix(rotate, box.x2 - box.x1, box.y2 - box.y1)),
      Resources: PdfDict.of({ XObject: PdfDict.of({ Picture: picture }) }),
    }),
    latin1ToBytes(CONTENT),
  );
}

/** What an appearance shows, where it was made by {@link pictureWidget}; undefined where not, to the letter. */
export function readPictureWidget(
  document: PdfDocument,
  appearance: PdfStream,
): { readonly picture: PdfStream; readonly box: Rectangle } | undefined {
  const { dict } = appearance;
  if (!isName(document.resolve(dict.get('Subtype')), 'Form')) return undefined;
  if (bytesToLatin1(appearance.data()) !== CONTENT) return undefined;
  const box = readRectangle(document, dict.get('BBox'));
  if (box === undefined || !isUpright(document, dict)) return undefined;
  const resources = document.resolveDict(dict.get('Resources'));
  const forms = document.resolveDict(resources?.get('XObject'));
  const picture = document.resolve(forms?.get('Picture'));
  return picture instanceof PdfStream ? { picture, box } : undefined;
}

/** Turned by quarters, neither scaled nor mirrored. */
function isUpright(document: PdfDocument, dict: PdfDict): boolean {
  if (!dict.has('Matrix')) return true;
  const [a, b, c, d] = numbers(document, dict, 'Matrix');
  return ([0, 90, 180, 270] as const).some((rotate) => {
    const upright = uprightMatrix(rotate, 0, 0);
    return upright[0] === a && upright[1] === b && upright[2] === c && upright[3] === d;
  });
}

function numbers(document: PdfDocument, dict: PdfDict, key: string): readonly number[] {
  const items = document.resolveArray(dict.get(key))?.items ?? [];
  return items.flatMap((item) => {
    const value = document.resolve(item);
    return typeof value === 'number' ? [value] : [];
  });
}
