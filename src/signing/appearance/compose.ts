/** From pictures and the places they were asked for to the appearance of one signature. */
import { AppError } from '../../kernel/index.js';
import { pictureWidget, type Appearance } from '../../pades/index.js';
import { pdfAClaim, type FormField, type PdfDocument } from '../../pdf/index.js';
import type { Picture, PictureRules } from '../../picture/index.js';
import { placesInField, resolvePlacements, type Placed, type Placement } from './places.js';

const PT_PER_MM = 72 / 25.4;

/** A picture and everywhere it goes. */
export interface ShownPicture {
  readonly picture: Picture;
  /** Width on paper; the picture's own where absent. */
  readonly widthMm?: number;
  readonly placements: readonly Placement[];
}

interface PlacedPicture extends Placed {
  readonly picture: Picture;
}

/**
 * What is seen of a signature, found and measured before anything is written.
 *
 * @param fieldName - Field to be signed; where it is there already, it is the place, and the only one.
 * @throws AppError `pdf-text-not-found`, `pdf-text-ambiguous`, `appearance-outside-page`, `pdf-page-out-of-range`,
 *   `input-invalid` (params `field`) where the field is there and other places are named, or where there is none
 */
export function composeAppearance(
  document: PdfDocument,
  shown: readonly ShownPicture[],
  fieldName?: string,
): Appearance {
  const field =
    fieldName === undefined
      ? undefined
      : document.fields.find((each) => each.name === fieldName && each.type === 'Sig');
  const placed = field === undefined ? inPlaces(document, shown) : inField(document, shown, field);
  if (placed.length === 0) {
    throw new AppError('input-invalid', 'a picture without a place', {
      params: { field: 'place' },
    });
  }
  const rules = pictureRules(document);
  return (writer) => {
    const forms = new Map(placed.map(({ picture }) => [picture, picture.addTo(writer, rules)]));
    return placed.map(({ picture, pageIndex, rect, rotate, box }) => {
      const form = forms.get(picture) ?? picture.addTo(writer, rules);
      const isWhole =
        box.x1 === 0 && box.y1 === 0 && box.x2 === picture.widthPt && box.y2 === picture.heightPt;
      // The picture's own form will do where nothing is turned or cut.
      const appearance =
        isWhole && rotate === 0 ? form : writer.add(pictureWidget({ picture: form, box, rotate }));
      return { pageIndex, rect, appearance };
    });
  };
}

/** What a picture may use in this document: a file that claims PDF/A goes on following it. */
export function pictureRules(document: PdfDocument): PictureRules {
  const claim = pdfAClaim(document);
  return {
    allowsTransparency: claim?.part !== 1,
    needsCalibratedColour: claim?.hasRgbIntent === false,
  };
}

function inPlaces(document: PdfDocument, shown: readonly ShownPicture[]): readonly PlacedPicture[] {
  return shown.flatMap(({ picture, widthMm, placements }) => {
    const { widthPt, heightPt, anchor } = picture;
    const scale = widthMm === undefined ? 1 : (widthMm * PT_PER_MM) / widthPt;
    const scaled = { widthPt, heightPt, scale, ...(anchor === undefined ? {} : { anchor }) };
    return resolvePlacements(document, placements, scaled).map((each) => ({ ...each, picture }));
  });
}

/** A field has its place from whoever made it; a further one would have to change the field. */
function inField(
  document: PdfDocument,
  shown: readonly ShownPicture[],
  field: FormField,
): readonly PlacedPicture[] {
  const [first, ...more] = shown;
  if (first === undefined || more.length > 0 || first.placements.length > 0) {
    throw new AppError('input-invalid', 'an existing field is the only place', {
      params: { field: field.name },
    });
  }
  const { picture, widthMm } = first;
  const scale = widthMm === undefined ? undefined : (widthMm * PT_PER_MM) / picture.widthPt;
  return placesInField(document, field, picture, scale).map((each) => ({ ...each, picture }));
}
