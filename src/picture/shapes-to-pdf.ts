/** Shapes of an SVG as a PDF form of true vectors. */
import { latin1ToBytes } from '../kernel/index.js';
import {
  alphaState,
  formXObject,
  formatNumber,
  multiply,
  resourceDict,
  type Matrix,
  type PdfDict,
} from '../pdf/index.js';
import { INK, colourSpaces, inkState } from './ink.js';
import type { Picture } from './picture.js';
import type { Shape, Shapes } from './svg-shapes.js';

/** @returns `undefined` where a path cannot be read */
export function shapesPicture(
  drawing: Shapes,
  widthPt: number,
  heightPt: number,
): Picture | undefined {
  const [left = 0, top = 0, width = 1, height = 1] = drawing.viewBox;
  // SVG's default: the whole drawing, centred, its proportions kept; y down becomes y up.
  const scale = Math.min(widthPt / width, heightPt / height);
  const base: Matrix = [
    scale,
    0,
    0,
    -scale,
    (widthPt - width * scale) / 2 - left * scale,
    heightPt - (heightPt - height * scale) / 2 + top * scale,
  ];
  const opacities = new Map<string, readonly [fill: number, stroke: number]>();
  const lines: string[] = ['q', `/${INK} gs`, `0 0 ${number(widthPt)} ${number(heightPt)} re W n`];
  for (const shape of drawing.shapes) {
    const operators = shapeOperators(shape, base, opacities);
    if (operators === undefined) return undefined;
    lines.push(...operators);
  }
  lines.push('Q', '');
  const content = latin1ToBytes(lines.join('\n'));
  return {
    widthPt,
    heightPt,
    addTo(writer, rules) {
      const states: Record<string, PdfDict> = { [INK]: inkState(rules) };
      for (const [name, [fill, stroke]] of opacities) {
        states[name] = rules.allowsTransparency
          ? alphaState(fill).with({ CA: stroke })
          : alphaState(1);
      }
      return writer.add(
        formXObject({
          bbox: [0, 0, widthPt, heightPt],
          content,
          resources: resourceDict({ ExtGState: states, ColorSpace: colourSpaces(rules) }),
        }),
      );
    },
  };
}

function shapeOperators(
  shape: Shape,
  base: Matrix,
  opacities: Map<string, readonly [number, number]>,
): readonly string[] | undefined {
  const path = pathOperators(shape.path);
  const { fill, stroke } = shape;
  if (path === undefined) return undefined;
  if (fill === undefined && stroke === undefined) return [];
  const inner = shape.transforms.toReversed() as unknown as readonly Matrix[];
  const [first = [1, 0, 0, 1, 0, 0] as Matrix, ...outer] = inner;
  const matrix = multiply(outer.reduce(multiply, first), base);
  const lines = ['q', `${matrix.map(number).join(' ')} cm`];
  const opacity = [fill?.opacity ?? 1, stroke?.opacity ?? 1] as const;
  if (opacity[0] !== 1 || opacity[1] !== 1) {
    const name = `Gs${Math.round(opacity[0] * 1000)}x${Math.round(opacity[1] * 1000)}`;
    opacities.set(name, opacity);
    lines.push(`/${name} gs`);
  }
  if (fill !== undefined) lines.push(`${fill.rgb.map(number).join(' ')} rg`);
  if (stroke !== undefined) {
    lines.push(
      `${stroke.rgb.map(number).join(' ')} RG`,
      `${number(stroke.width)} w ${stroke.cap} J ${stroke.join} j ${number(stroke.miterLimit)} M`,
    );
    if (stroke.dashes.length > 0) {
      lines.push(`[${stroke.dashes.map(number).join(' ')}] ${number(stroke.dashOffset)} d`);
    }
  }
  lines.push(...path);
  const rule = fill?.isEvenOdd === true ? '*' : '';
  if (fill === undefined) lines.push('S');
  else lines.push(stroke === undefined ? `f${rule}` : `B${rule}`);
  lines.push('Q');
  return lines;
}

const ARGUMENTS: Readonly<Record<string, number>> = { M: 2, L: 2, Q: 4, C: 6, Z: 0 };

function pathOperators(path: string): readonly string[] | undefined {
  const lines: string[] = [];
  let [fromX, fromY] = [0, 0];
  for (const [, command = '', text = ''] of path.matchAll(/([A-Za-z])([^A-Za-z]*)/g)) {
    const values =
      text.trim() === ''
        ? []
        : text
            .trim()
            .split(/[\s,]+/)
            .map(Number);
    if (values.length !== ARGUMENTS[command] || !values.every(Number.isFinite)) return undefined;
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = values;
    switch (command) {
      case 'M':
        lines.push(`${number(a)} ${number(b)} m`);
        [fromX, fromY] = [a, b];
        break;
      case 'L':
        lines.push(`${number(a)} ${number(b)} l`);
        [fromX, fromY] = [a, b];
        break;
      case 'Q': {
        const cubic = [
          fromX + (2 / 3) * (a - fromX),
          fromY + (2 / 3) * (b - fromY),
          c + (2 / 3) * (a - c),
          d + (2 / 3) * (b - d),
          c,
          d,
        ];
        lines.push(`${cubic.map(number).join(' ')} c`);
        [fromX, fromY] = [c, d];
        break;
      }
      case 'C':
        lines.push(`${values.map(number).join(' ')} c`);
        [fromX, fromY] = [e, f];
        break;
      default:
        lines.push('h');
    }
  }
  return lines;
}

/** To a millionth: a picture's own unit may be large. */
function number(value: number): string {
  return formatNumber(Math.round(value * 1e6) / 1e6 + 0);
}
