/**
 * What an image hides, sample by sample: through its masks, and by its colour. Only what can be decoded
 * without an image codec is looked at; the rest is taken for what seals are, or for what hides.
 *
 * @see ISO 32000-2:2020, 8.9.5 (image dictionaries), 8.9.6 (masks), 11.6.5.2 (soft-mask images)
 */
import { isAppError } from '../kernel/index.js';
import type { PdfDocument } from './document.js';
import { PdfArray, PdfName, PdfStream, PdfString, isInteger, type PdfValue } from './objects.js';

/** How much is hidden at a place of the unit square, 0 to 1. */
type CoverAt = (u: number, v: number) => number;

export interface ImageCover {
  /** By white, gray, black, or by an image without a mask. */
  readonly patchAt: CoverAt;
  /** By colour, between parts that let the paper through: the ink of a seal. */
  readonly inkAt: CoverAt;
  /** Whether most of it hides what is below. */
  readonly isOpaque: boolean;
}

/** The part of an image's samples that must cover what is below before all of it counts as hiding. */
const HIDING_SHARE = 0.6;
/** Samples taken along each side to tell how much an image covers. */
const RASTER = 48;
const NOTHING: CoverAt = () => 0;
const EVERYTHING: CoverAt = () => 1;

/** @param isInk - Whether a stencil is painted in a colour. @param onlyDarkens - Painted by multiplication or its like. */
export function imageCover(
  document: PdfDocument,
  image: PdfStream,
  isInk: boolean,
  onlyDarkens: boolean,
): ImageCover {
  const opacity = opacityOf(document, image);
  const share = opacity === undefined ? 1 : shareOf(opacity);
  const isOpaque = share > HIDING_SHARE;
  const colour = new Colours(document, image);
  if (onlyDarkens) {
    const hidesAt: CoverAt = (u, v) => (colour.isDarkAt(u, v) ? (opacity?.(u, v) ?? 1) : 0);
    return { patchAt: hidesAt, inkAt: NOTHING, isOpaque: false };
  }
  if (opacity === undefined) return { patchAt: EVERYTHING, inkAt: NOTHING, isOpaque };
  if (isOpaque) return { patchAt: opacity, inkAt: NOTHING, isOpaque };
  const isStencil = document.resolve(image.dict.get('ImageMask')) === true;
  const isInkAt = (u: number, v: number): boolean => (isStencil ? isInk : colour.isInkAt(u, v));
  return {
    patchAt: (u, v) => (isInkAt(u, v) ? 0 : opacity(u, v)),
    inkAt: (u, v) => (isInkAt(u, v) ? opacity(u, v) : 0),
    isOpaque,
  };
}

function shareOf(opacity: CoverAt): number {
  let sum = 0;
  for (let i = 0; i < RASTER; i++) {
    for (let j = 0; j < RASTER; j++) sum += opacity((i + 0.5) / RASTER, (j + 0.5) / RASTER);
  }
  return sum / (RASTER * RASTER);
}

/** What the masks of an image let it paint; undefined where it has none, or none that can be read. */
function opacityOf(document: PdfDocument, image: PdfStream): CoverAt | undefined {
  const soft = document.resolve(image.dict.get('SMask'));
  if (soft instanceof PdfStream) return maskAt(document, soft, false);
  const hard = document.resolve(image.dict.get('Mask'));
  if (hard instanceof PdfStream) return maskAt(document, hard, true);
  if (hard instanceof PdfArray) return colourKeyAt(document, image, hard);
  const isStencil = document.resolve(image.dict.get('ImageMask')) === true;
  return isStencil ? maskAt(document, image, true) : undefined;
}

function maskAt(document: PdfDocument, mask: PdfStream, isStencil: boolean): CoverAt | undefined {
  const samples = Samples.read(document, mask, 1, isStencil ? 1 : undefined);
  if (samples === undefined) return undefined;
  const decode = document.resolveArray(mask.dict.get('Decode'))?.items ?? [];
  // A stencil paints where its samples are 0, a soft mask where they are high; Decode turns either.
  const paintsHigh = (decode[0] === 1) === isStencil;
  return (u, v) => {
    const value = samples.at(u, v, 0) / samples.most;
    return paintsHigh ? value : 1 - value;
  };
}

/** A range of colours that is not painted. @see ISO 32000-2:2020, 8.9.6.4 */
function colourKeyAt(document: PdfDocument, image: PdfStream, key: PdfArray): CoverAt | undefined {
  const ranges = key.items.map((item) => Number(document.resolve(item)));
  const components = ranges.length / 2;
  const samples = Samples.read(document, image, components);
  if (samples === undefined) return undefined;
  return (u, v) => {
    for (let i = 0; i < components; i++) {
      const value = samples.at(u, v, i);
      if (value < (ranges[2 * i] ?? 0) || value > (ranges[2 * i + 1] ?? 0)) return 1;
    }
    return 0;
  };
}

/** Decoded samples of an image. */
class Samples {
  readonly most: number;
  readonly #bytes: Uint8Array;
  readonly #width: number;
  readonly #height: number;
  readonly #bits: number;
  readonly #components: number;

  constructor(bytes: Uint8Array, width: number, height: number, bits: number, components: number) {
    this.#bytes = bytes;
    this.#width = width;
    this.#height = height;
    this.#bits = bits;
    this.#components = components;
    this.most = 2 ** bits - 1;
  }

  /** Undefined where they need an image codec, or are fewer than the image says. */
  static read(
    document: PdfDocument,
    image: PdfStream,
    components: number,
    ownBits?: number,
  ): Samples | undefined {
    const width = document.resolve(image.dict.get('Width'));
    const height = document.resolve(image.dict.get('Height'));
    const bits = ownBits ?? document.resolve(image.dict.get('BitsPerComponent')) ?? 8;
    if (!isInteger(width) || !isInteger(height) || !isInteger(bits)) return undefined;
    if (![1, 2, 4, 8, 16].includes(bits) || width <= 0 || height <= 0) return undefined;
    try {
      const bytes = image.data();
      const needed = Math.ceil((width * bits * components) / 8) * height;
      if (bytes.length < needed) return undefined;
      return new Samples(bytes, width, height, bits, components);
    } catch (error) {
      if (isAppError(error, 'pdf-malformed', 'pdf-unsupported')) return undefined;
      throw error;
    }
  }

  /** The sample at a place of the unit square, whose top is the first row. */
  at(u: number, v: number, component: number): number {
    const x = Math.max(0, Math.min(this.#width - 1, Math.floor(u * this.#width)));
    const y = Math.max(0, Math.min(this.#height - 1, Math.floor((1 - v) * this.#height)));
    const stride = Math.ceil((this.#width * this.#bits * this.#components) / 8);
    const bit = (x * this.#components + component) * this.#bits;
    const at = y * stride + (bit >> 3);
    const byte = this.#bytes[at] ?? 0;
    if (this.#bits === 16) return byte * 256 + (this.#bytes[at + 1] ?? 0);
    return (byte >> (8 - this.#bits - (bit & 7))) & this.most;
  }
}

/** Colours of an image, where they can be told. */
class Colours {
  readonly #document: PdfDocument;
  readonly #image: PdfStream;
  #rgbAt: ((u: number, v: number) => readonly [number, number, number]) | null | undefined;

  constructor(document: PdfDocument, image: PdfStream) {
    this.#document = document;
    this.#image = image;
  }

  /** Unknown colours behind a mask are taken for a seal's. */
  isInkAt(u: number, v: number): boolean {
    const rgb = this.#at(u, v);
    return rgb === undefined || isColoured(rgb);
  }

  isDarkAt(u: number, v: number): boolean {
    const rgb = this.#at(u, v);
    return rgb !== undefined && Math.max(...rgb) < DARKEST;
  }

  #at(u: number, v: number): readonly [number, number, number] | undefined {
    if (this.#rgbAt === undefined) this.#rgbAt = this.#read() ?? null;
    return this.#rgbAt?.(u, v);
  }

  #read(): ((u: number, v: number) => readonly [number, number, number]) | undefined {
    const document = this.#document;
    const space = document.resolve(this.#image.dict.get('ColorSpace'));
    const palette = paletteOf(document, space);
    const components = palette === undefined ? componentsOf(document, space) : 1;
    if (components === undefined) return undefined;
    const samples = Samples.read(document, this.#image, components);
    if (samples === undefined) return undefined;
    const part = (u: number, v: number, i: number): number => samples.at(u, v, i) / samples.most;
    if (palette !== undefined) {
      return (u, v) => {
        const at = samples.at(u, v, 0) * palette.components;
        const of = (i: number): number => (palette.bytes[at + i] ?? 0) / 255;
        return toRgb(palette.components, of);
      };
    }
    return (u, v) => toRgb(components, (i) => part(u, v, i));
  }
}

/** Below this in all of red, green and blue, black text is not to be read by multiplication. */
const DARKEST = 0.3;
/** How far the strongest of red, green and blue is from the weakest in what counts as coloured. */
const COLOURED = 0.2;

export function isColoured(rgb: readonly [number, number, number]): boolean {
  return Math.max(...rgb) - Math.min(...rgb) > COLOURED;
}

/** Of one, three or four components. */
export function toRgb(
  components: number,
  of: (index: number) => number,
): readonly [number, number, number] {
  if (components === 3) return [of(0), of(1), of(2)];
  if (components === 4) {
    const k = 1 - of(3);
    return [(1 - of(0)) * k, (1 - of(1)) * k, (1 - of(2)) * k];
  }
  return [of(0), of(0), of(0)];
}

const COMPONENTS: Readonly<Record<string, number>> = {
  DeviceGray: 1,
  CalGray: 1,
  DeviceRGB: 3,
  CalRGB: 3,
  DeviceCMYK: 4,
};

function componentsOf(document: PdfDocument, space: PdfValue): number | undefined {
  if (space instanceof PdfName) return COMPONENTS[space.value];
  if (!(space instanceof PdfArray)) return undefined;
  const name = document.resolve(space.items[0]);
  if (!(name instanceof PdfName)) return undefined;
  if (name.value !== 'ICCBased') return COMPONENTS[name.value];
  const profile = document.resolve(space.items[1]);
  const count = profile instanceof PdfStream ? document.resolve(profile.dict.get('N')) : null;
  return count === 1 || count === 3 || count === 4 ? count : undefined;
}

interface Palette {
  readonly components: number;
  readonly bytes: Uint8Array;
}

function paletteOf(document: PdfDocument, space: PdfValue): Palette | undefined {
  if (!(space instanceof PdfArray)) return undefined;
  const name = document.resolve(space.items[0]);
  if (!(name instanceof PdfName) || name.value !== 'Indexed') return undefined;
  const components = componentsOf(document, document.resolve(space.items[1]));
  const table = document.resolve(space.items[3]);
  if (components === undefined) return undefined;
  if (table instanceof PdfString) return { components, bytes: table.bytes };
  return table instanceof PdfStream ? { components, bytes: table.data() } : undefined;
}
