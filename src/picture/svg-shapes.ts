/**
 * The shapes of an SVG that is nothing but filled and stroked paths, read from the normal form that resvg
 * writes: groups and paths, absolute coordinates, plain colours. Anything more is not read, and the caller
 * makes pixels of it.
 */

/** A path as resvg writes it, with what is inherited resolved. */
export interface Shape {
  /** `M`, `L`, `Q`, `C`, `Z` with absolute coordinates. */
  readonly path: string;
  /** Transforms from the outside in. */
  readonly transforms: readonly (readonly number[])[];
  readonly fill?: Paint & { readonly isEvenOdd: boolean };
  readonly stroke?: Paint & {
    readonly width: number;
    readonly cap: 0 | 1 | 2;
    readonly join: 0 | 1 | 2;
    readonly miterLimit: number;
    readonly dashes: readonly number[];
    readonly dashOffset: number;
  };
}

export interface Paint {
  readonly rgb: readonly [number, number, number];
  /** 0 to 1. */
  readonly opacity: number;
}

export interface Shapes {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly viewBox: readonly number[];
  readonly shapes: readonly Shape[];
}

type Attributes = ReadonlyMap<string, string>;

const TAG = /<(\/?)([a-z][a-zA-Z]*)((?:\s+[a-zA-Z:-]+="[^"]*")*)\s*(\/?)>/y;
const ATTRIBUTE = /([a-zA-Z:-]+)="([^"]*)"/g;
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  svg: ['width', 'height', 'viewBox', 'xmlns', 'xmlns:xlink'],
  // Empty: what is defined elsewhere is more than shapes.
  defs: [],
  g: ['id', 'transform'],
  path: [
    'id',
    'fill',
    'fill-opacity',
    'fill-rule',
    'stroke',
    'stroke-width',
    'stroke-opacity',
    'stroke-linecap',
    'stroke-linejoin',
    'stroke-miterlimit',
    'stroke-dasharray',
    'stroke-dashoffset',
    'd',
    'transform',
  ],
};

/** @returns `undefined` where there is more than plain shapes */
export function readShapes(normalSvg: string): Shapes | undefined {
  const shapes: Shape[] = [];
  const transforms: (readonly number[])[] = [];
  const depths: number[] = [];
  let root: Omit<Shapes, 'shapes'> | undefined;
  for (let at = 0; at < normalSvg.length;) {
    const open = normalSvg.indexOf('<', at);
    if (normalSvg.slice(at, open < 0 ? undefined : open).trim() !== '') return undefined;
    if (open < 0) break;
    TAG.lastIndex = open;
    const tag = TAG.exec(normalSvg);
    if (tag === null) return undefined;
    at = TAG.lastIndex;
    const [, closing, name = '', text = '', empty] = tag;
    if (closing === '/') {
      transforms.length = depths.pop() ?? 0;
      continue;
    }
    const attributes = new Map(
      Array.from(text.matchAll(ATTRIBUTE), (m) => [m[1] ?? '', m[2] ?? '']),
    );
    const known = KNOWN[name];
    if (known === undefined || [...attributes.keys()].some((key) => !known.includes(key))) {
      return undefined;
    }
    if (name === 'defs' && empty !== '/') return undefined;
    if (name === 'defs') continue;
    if (empty !== '/') depths.push(transforms.length);
    if (name === 'svg') {
      if (root !== undefined) return undefined;
      root = readRoot(attributes);
      if (root === undefined) return undefined;
      continue;
    }
    const own = readTransform(attributes.get('transform'));
    if (own === undefined) return undefined;
    if (name === 'g') {
      if (empty !== '/') transforms.push(own);
      continue;
    }
    const shape = readShape(attributes, [...transforms, own]);
    if (shape === undefined) return undefined;
    shapes.push(shape);
  }
  return root === undefined ? undefined : { ...root, shapes };
}

function readRoot(attributes: Attributes): Omit<Shapes, 'shapes'> | undefined {
  const [widthPx, heightPx] = [Number(attributes.get('width')), Number(attributes.get('height'))];
  const viewBox = (attributes.get('viewBox') ?? '').split(' ').map(Number);
  const isSound =
    widthPx > 0 && heightPx > 0 && viewBox.length === 4 && viewBox.every(Number.isFinite);
  return isSound ? { widthPx, heightPx, viewBox } : undefined;
}

const IDENTITY = [1, 0, 0, 1, 0, 0] as const;

function readTransform(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return IDENTITY;
  const numbers = /^matrix\(([^)]*)\)$/.exec(text)?.[1]?.split(' ').map(Number);
  return numbers?.length === 6 && numbers.every(Number.isFinite) ? numbers : undefined;
}

function readShape(
  attributes: Attributes,
  transforms: readonly (readonly number[])[],
): Shape | undefined {
  const number = (key: string, otherwise: number): number => {
    const text = attributes.get(key);
    return text === undefined ? otherwise : Number(text);
  };
  const paint = (key: 'fill' | 'stroke', missing: string): Paint | 'none' | undefined => {
    const text = attributes.get(key) ?? missing;
    if (text === 'none') return 'none';
    const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(text);
    if (hex === null) return undefined;
    const channel = (i: 1 | 2 | 3): number => Number.parseInt(hex[i] ?? '0', 16) / 255;
    return { rgb: [channel(1), channel(2), channel(3)], opacity: number(`${key}-opacity`, 1) };
  };
  const fill = paint('fill', '#000000');
  const stroke = paint('stroke', 'none');
  if (fill === undefined || stroke === undefined) return undefined;
  const caps = ['butt', 'round', 'square'] as const;
  const joins = ['miter', 'round', 'bevel'] as const;
  const cap = caps.findIndex((each) => each === (attributes.get('stroke-linecap') ?? 'butt'));
  const join = joins.findIndex((each) => each === (attributes.get('stroke-linejoin') ?? 'miter'));
  if (cap < 0 || join < 0) return undefined;
  return {
    path: attributes.get('d') ?? '',
    transforms,
    ...(fill === 'none'
      ? {}
      : { fill: { ...fill, isEvenOdd: attributes.get('fill-rule') === 'evenodd' } }),
    ...(stroke === 'none'
      ? {}
      : {
          stroke: {
            ...stroke,
            width: number('stroke-width', 1),
            cap: cap as 0 | 1 | 2,
            join: join as 0 | 1 | 2,
            miterLimit: number('stroke-miterlimit', 4),
            dashes: (attributes.get('stroke-dasharray') ?? '')
              .split(' ')
              .filter(Boolean)
              .map(Number),
            dashOffset: number('stroke-dashoffset', 0),
          },
        }),
  };
}
