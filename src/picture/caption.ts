/** Lines of text under a picture, or alone: who signed, when, why. */
import { FontSubset, type FontFace } from '../font/index.js';
import { AppError, latin1ToBytes } from '../kernel/index.js';
import { formXObject, formatNumber, resourceDict, type PdfRef } from '../pdf/index.js';
import { addFont } from './embedded-font.js';
import { colourSpaces } from './ink.js';
import type { Picture } from './picture.js';

const SIZE_PT = 10.5;
const LEADING_PT = 15;
/** From the top of a line to its base line. */
const DROP_PT = 11.5;
const GAP_PT = 3;

/**
 * `lines` centred under `picture`, whose middle stays the point that is placed.
 *
 * @param picture - Absent: the lines alone, placed by their own middle.
 * @param scale - Size of the picture on paper by its true size; text keeps its own.
 * @throws AppError `glyph-missing` (params `characters`) before anything is written
 */
export function captioned(
  picture: Picture | undefined,
  lines: readonly string[],
  face: FontFace,
  scale = 1,
): Picture {
  assertDrawable(lines, face);
  const measure = new FontSubset(face);
  const widths = lines.map((line) => measure.widthPt(line, SIZE_PT));
  const pictureWidth = (picture?.widthPt ?? 0) * scale;
  const pictureHeight = (picture?.heightPt ?? 0) * scale;
  const widthPt = Math.max(pictureWidth, ...widths);
  const textHeight = lines.length * LEADING_PT + (picture === undefined ? 0 : GAP_PT);
  const heightPt = textHeight + pictureHeight;
  return {
    widthPt,
    heightPt,
    ...(picture === undefined
      ? {}
      : { anchor: { xPt: widthPt / 2, yPt: textHeight + pictureHeight / 2 } }),
    addTo(writer, rules) {
      const subset = new FontSubset(face);
      const form = picture?.addTo(writer, rules);
      const left = number((widthPt - pictureWidth) / 2);
      const operators = [
        ...(form === undefined
          ? []
          : [
              `q ${number(scale)} 0 0 ${number(scale)} ${left} ${number(textHeight)} cm /Picture Do Q`,
            ]),
        '0 g',
        ...lines.map((line, i) => {
          const x = number((widthPt - (widths[i] ?? 0)) / 2);
          const y = number(lines.length * LEADING_PT - i * LEADING_PT - DROP_PT);
          return `BT /F1 ${SIZE_PT} Tf ${x} ${y} Td <${subset.encode(line)}> Tj ET`;
        }),
        '',
      ];
      return writer.add(
        formXObject({
          bbox: [0, 0, widthPt, heightPt],
          content: latin1ToBytes(operators.join('\n')),
          resources: resourceDict({
            Font: { F1: addFont(writer, subset) },
            XObject: form === undefined ? {} : ({ Picture: form } satisfies Record<string, PdfRef>),
            ColorSpace: colourSpaces(rules),
          }),
        }),
      );
    },
  };
}

/** A missing glyph is seen by nobody but the reader of the page. */
function assertDrawable(lines: readonly string[], face: FontFace): void {
  const missing = [...new Set(lines.join(''))].filter(
    (character) => !face.has(character.codePointAt(0) ?? 0),
  );
  if (missing.length === 0) return;
  throw new AppError('glyph-missing', 'the font lacks characters of the caption', {
    params: { characters: missing },
  });
}

function number(value: number): string {
  return formatNumber(Math.round(value * 1e4) / 1e4 + 0);
}
