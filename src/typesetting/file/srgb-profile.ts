/**
 * The sRGB colour space as an ICC profile, built from the numbers of its standard: three primaries
 * adapted to D50, one parametric curve. Free of anybody's rights.
 *
 * @see IEC 61966-2-1:1999 (sRGB) and ICC.1:2004-10 (profile version 4.2, which PDF 1.7 reads)
 */

const SIGNATURE = 'acsp';
const HEADER_BYTES = 128;
const TAG_ENTRY_BYTES = 12;

/** Illuminant D50 of the profile connection space. */
const D50 = [0.9642, 1, 0.8249] as const;
/** Primaries adapted to D50 by the linear Bradford transform. */
const RED = [0.43607, 0.22249, 0.01392] as const;
const GREEN = [0.38515, 0.71687, 0.09708] as const;
const BLUE = [0.14307, 0.06061, 0.7141] as const;
/** Bradford transform from D65 to D50, by rows. */
const ADAPTATION = [
  1.04788, 0.02292, -0.05022, 0.02959, 0.99048, -0.01707, -0.00925, 0.01508, 0.75168,
] as const;
/** Y = (aX + b)^g where X ≥ d, else cX: g, a, b, c, d. */
const CURVE = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045] as const;

/** The profile's bytes; a new array each time. */
export function srgbProfile(): Uint8Array {
  const curve = element('para', [0, 3, 0, 0], CURVE);
  const tags: readonly (readonly [signature: string, data: Uint8Array])[] = [
    ['desc', text('sRGB')],
    ['cprt', text('No rights reserved')],
    ['wtpt', element('XYZ ', [], D50)],
    ['chad', element('sf32', [], ADAPTATION)],
    ['rXYZ', element('XYZ ', [], RED)],
    ['gXYZ', element('XYZ ', [], GREEN)],
    ['bXYZ', element('XYZ ', [], BLUE)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ];
  const distinct = [...new Set(tags.map(([, data]) => data))];
  let end = HEADER_BYTES + 4 + tags.length * TAG_ENTRY_BYTES;
  const offsets = new Map<Uint8Array, number>();
  for (const data of distinct) {
    offsets.set(data, end);
    end += aligned(data.length);
  }
  const profile = new Uint8Array(end);
  const view = new DataView(profile.buffer);
  writeHeader(profile, view);
  view.setUint32(HEADER_BYTES, tags.length);
  tags.forEach(([signature, data], index) => {
    const at = HEADER_BYTES + 4 + index * TAG_ENTRY_BYTES;
    profile.set(latin(signature), at);
    view.setUint32(at + 4, offsets.get(data) ?? 0);
    view.setUint32(at + 8, data.length);
  });
  for (const [data, offset] of offsets) profile.set(data, offset);
  return profile;
}

/** @see ICC.1:2004-10, 7.2 */
function writeHeader(profile: Uint8Array, view: DataView): void {
  view.setUint32(0, profile.length);
  view.setUint32(8, 0x0420_0000);
  profile.set(latin('mntrRGB XYZ '), 12);
  // The standard's own year; the profile does not change.
  view.setUint16(24, 1999);
  view.setUint16(26, 1);
  view.setUint16(28, 1);
  profile.set(latin(SIGNATURE), 36);
  D50.forEach((value, index) => view.setInt32(68 + 4 * index, fixed(value)));
}

/** A type signature, four zero bytes, then `head` as it is and `numbers` as s15Fixed16. */
function element(type: string, head: readonly number[], numbers: readonly number[]): Uint8Array {
  const data = new Uint8Array(8 + head.length + 4 * numbers.length);
  data.set(latin(type));
  data.set(head, 8);
  const view = new DataView(data.buffer);
  numbers.forEach((value, index) => view.setInt32(8 + head.length + 4 * index, fixed(value)));
  return data;
}

/** multiLocalizedUnicodeType with one English record. @see ICC.1:2004-10, 10.13 */
function text(value: string): Uint8Array {
  const data = new Uint8Array(28 + 2 * value.length);
  data.set(latin('mluc'));
  const view = new DataView(data.buffer);
  view.setUint32(8, 1);
  view.setUint32(12, 12);
  data.set(latin('enUS'), 16);
  view.setUint32(20, 2 * value.length);
  view.setUint32(24, 28);
  for (let i = 0; i < value.length; i++) view.setUint16(28 + 2 * i, value.charCodeAt(i));
  return data;
}

function latin(value: string): Uint8Array {
  return Uint8Array.from(value, (character) => character.charCodeAt(0));
}

const fixed = (value: number): number => Math.round(value * 65_536);
const aligned = (bytes: number): number => Math.ceil(bytes / 4) * 4;
