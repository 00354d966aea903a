/** PNG to pixels: any colour type and depth, transparency of any kind, gamma and profile kept or applied. */
import { decode, type DecodedPng } from 'fast-png';
import { inflateSync } from 'node:zlib';
import { bytesToLatin1, concatBytes } from '../kernel/index.js';
import type { Pixels } from './image.js';
import {
  MOST_PIXELS,
  assertWithin,
  malformedPicture,
  unsupportedPicture,
} from './picture-faults.js';

const MM_PER_METRE = 1000;
const PT_PER_MM = 72 / 25.4;
const SIGNATURE_BYTES = 8;
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** What screens expect, times 100 000; a file that says so says nothing. */
const USUAL_GAMMA = 45_455;

export interface ReadPng {
  readonly pixels: Pixels;
  /** True size, where the file gives its resolution. */
  readonly sizePt?: { readonly widthPt: number; readonly heightPt: number };
}

interface Chunks {
  readonly head: DataView;
  readonly data: readonly Uint8Array[];
  readonly gamma: number | undefined;
  readonly hasProfile: boolean;
}

/** @throws AppError `picture-malformed`, `picture-unsupported` (params `feature`), `picture-too-large` */
export function readPng(bytes: Uint8Array): ReadPng {
  const chunks = readChunks(bytes);
  const { head } = chunks;
  const [width, height] = [head.getUint32(0), head.getUint32(4)];
  const [depth, kind, interlace] = [head.getUint8(8), head.getUint8(9), head.getUint8(12)];
  if (width === 0 || height === 0) throw malformedPicture('png');
  assertWithin('pixels', width * height, MOST_PIXELS);
  if (interlace !== 0 && depth < 8) {
    throw unsupportedPicture('png', 'interlacing of less than 8 bits');
  }
  const rowBytes = Math.ceil((width * depth * (CHANNELS[kind] ?? 4)) / 8) + 1;
  assertInflates(chunks.data, rowBytes * height + (interlace === 0 ? 0 : 16 * height + 64));
  const decoded = decodePng(bytes);
  const pixels = toPixels(decoded, chunks);
  const { resolution } = decoded;
  return resolution?.unit === 1 && resolution.x > 0 && resolution.y > 0
    ? {
        pixels,
        sizePt: {
          widthPt: (width / resolution.x) * MM_PER_METRE * PT_PER_MM,
          heightPt: (height / resolution.y) * MM_PER_METRE * PT_PER_MM,
        },
      }
    : { pixels };
}

function decodePng(bytes: Uint8Array): DecodedPng {
  try {
    return decode(bytes, { checkCrc: true });
  } catch (cause) {
    throw malformedPicture('png', cause);
  }
}

function readChunks(bytes: Uint8Array): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const data: Uint8Array[] = [];
  let head: DataView | undefined;
  let gamma: number | undefined;
  let hasProfile = false;
  for (let at = SIGNATURE_BYTES; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = bytesToLatin1(bytes.subarray(at + 4, at + 8));
    const start = at + 8;
    if (start + length + 4 > bytes.length) throw malformedPicture('png');
    if (type === 'IHDR' && length === 13)
      head = new DataView(view.buffer, view.byteOffset + start, 13);
    else if (type === 'IDAT') data.push(bytes.subarray(start, start + length));
    else if (type === 'gAMA' && length === 4) gamma = view.getUint32(start);
    else if (type === 'iCCP' || type === 'sRGB') hasProfile = true;
    else if (type === 'acTL') throw unsupportedPicture('png', 'animation');
    at = start + length + 4;
  }
  if (head === undefined || data.length === 0) throw malformedPicture('png');
  return { head, data, gamma, hasProfile };
}

/** Sixteen megabytes inflate to sixteen gigabytes, if one lets them. */
function assertInflates(data: readonly Uint8Array[], mostBytes: number): void {
  try {
    inflateSync(concatBytes(data), { maxOutputLength: mostBytes });
  } catch (cause) {
    throw malformedPicture('png', cause);
  }
}

function toPixels(decoded: DecodedPng, chunks: Chunks): Pixels {
  const { width, height, palette, iccEmbeddedProfile } = decoded;
  const count = width * height;
  const values = unpacked(decoded);
  const most = palette === undefined ? 2 ** decoded.depth - 1 : 255;
  const hasAlpha = decoded.channels === 2 || decoded.channels === 4;
  const channels = palette !== undefined || decoded.channels >= 3 ? 3 : 1;
  const samples = new Uint8Array(count * channels);
  const alpha = new Uint8Array(count).fill(255);
  const table = gammaTable(chunks);
  const key = decoded.transparency;
  for (let i = 0; i < count; i++) {
    const at = i * decoded.channels;
    const colour = palette?.[values[at] ?? 0];
    if (palette !== undefined && colour === undefined) throw malformedPicture('png');
    let isKey = key !== undefined;
    for (let c = 0; c < channels; c++) {
      const value = colour === undefined ? (values[at + c] ?? 0) : (colour[c] ?? 0);
      if (key !== undefined && value !== key[c]) isKey = false;
      samples[i * channels + c] = table[Math.round((value * 255) / most)] ?? 0;
    }
    if (colour !== undefined) alpha[i] = colour[3] ?? 255;
    else if (hasAlpha) alpha[i] = Math.round(((values[at + channels] ?? most) * 255) / most);
    else if (isKey) alpha[i] = 0;
  }
  const profile = usableProfile(iccEmbeddedProfile?.profile, channels);
  return {
    width,
    height,
    channels,
    samples,
    ...(alpha.every((value) => value === 255) ? {} : { alpha }),
    ...(profile === undefined ? {} : { profile }),
  };
}

/** One number a sample; rows of less than eight bits begin at a byte. */
function unpacked({ data, width, height, depth, channels }: DecodedPng): ArrayLike<number> {
  if (depth >= 8) return data;
  const rowBytes = Math.ceil((width * channels * depth) / 8);
  const values = new Uint8Array(width * height * channels);
  const mask = 2 ** depth - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width * channels; x++) {
      const bit = x * depth;
      const byte = data[y * rowBytes + (bit >> 3)] ?? 0;
      values[y * width * channels + x] = (byte >> (8 - depth - (bit & 7))) & mask;
    }
  }
  return values;
}

/** From the file's gamma to the usual one, unless a profile says better. */
function gammaTable({ gamma, hasProfile }: Chunks): Uint8Array {
  const isUsual = gamma === undefined || gamma === 0 || Math.abs(gamma - USUAL_GAMMA) < 1000;
  const exponent = isUsual || hasProfile ? 1 : USUAL_GAMMA / gamma;
  return Uint8Array.from({ length: 256 }, (_, value) =>
    Math.round(255 * (value / 255) ** exponent),
  );
}

/** A profile of the wrong colour space would make readers refuse the image. @see ICC.1:2010, 7.2 */
function usableProfile(profile: Uint8Array | undefined, channels: number): Uint8Array | undefined {
  if (profile === undefined || profile.length < 128) return undefined;
  const space = bytesToLatin1(profile.subarray(16, 20));
  return space === (channels === 3 ? 'RGB ' : 'GRAY') ? profile : undefined;
}
