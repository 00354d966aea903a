/**
 * The square name seal of a legal representative: characters in columns from right to left, each
 * read downwards, filled up with 印 or 之印 as such seals are.
 */
import type { DrawingPath } from '../drawing.js';
import { frame, placeGlyph } from './outline.js';
import type { FontFace } from '../../font/index.js';

/** Millimetres on a seal of 20 mm; other sizes are scaled. */
const NOMINAL_MM = 20;
const LINE_MM = 1;
const MARGIN_MM = 0.6;
const CELL_FILL = 0.97;
const SPECIMEN_STRIP_MM = 4.4;

/** What two and three characters are filled up with, so that the square is full. */
const ENDINGS: Readonly<Record<number, readonly string[]>> = { 2: ['之', '印'], 3: ['印'] };

/** The most characters that stay legible. */
export const SQUARE_MAX_CHARACTERS = 16;

export function squareSeal(
  name: readonly string[],
  specimen: readonly string[],
  sizeMm: number,
  font: FontFace,
): readonly DrawingPath[] {
  const scale = sizeMm / NOMINAL_MM;
  const lineMm = LINE_MM * scale;
  const edgeMm = lineMm + MARGIN_MM * scale;
  const stripMm = specimen.length === 0 ? 0 : SPECIMEN_STRIP_MM * scale;
  const widthMm = sizeMm - 2 * edgeMm;
  const columns = inColumns([...name, ...(ENDINGS[name.length] ?? [])]);
  const columnMm = widthMm / columns.length;
  return [
    frame(sizeMm, lineMm),
    ...columns.flatMap((column, columnIndex) => {
      const rowMm = (widthMm - stripMm) / column.length;
      return column.map((character, rowIndex) =>
        placeGlyph('name', font.outline(character), {
          centreX: sizeMm - edgeMm - (columnIndex + 0.5) * columnMm,
          centreY: sizeMm - edgeMm - (rowIndex + 0.5) * rowMm,
          emWidthMm: columnMm * CELL_FILL,
          emHeightMm: rowMm * CELL_FILL,
          turn: 0,
        }),
      );
    }),
    ...specimen.map((character, index) =>
      placeGlyph('specimen', font.outline(character), {
        centreX: sizeMm / 2 + (index - (specimen.length - 1) / 2) * stripMm * 1.2,
        centreY: edgeMm + stripMm / 2,
        emWidthMm: stripMm * 0.9,
        emHeightMm: stripMm * 0.9,
        turn: 0,
      }),
    ),
  ];
}

/** As square as it goes, the longer columns first: 4 → 2+2, 5 → 3+2, 10 → 3+3+2+2. */
function inColumns(characters: readonly string[]): readonly (readonly string[])[] {
  const count = Math.round(Math.sqrt(characters.length));
  const columns: (readonly string[])[] = [];
  let taken = 0;
  for (let column = 0; column < count; column++) {
    const length = Math.ceil((characters.length - taken) / (count - column));
    columns.push(characters.slice(taken, taken + length));
    taken += length;
  }
  return columns;
}
