/** Zips of strangers: what is in them, and the bounds that hold whatever their headers claim. */
import { describe, expect, it } from '@jest/globals';
import { strToU8, zipSync } from 'fflate';
import { unpackZip } from '../../../src/zip/index.js';

const BOUNDS = { mostBytes: 10_000, mostUnpackedBytes: 100_000, mostParts: 3 };
const FILES = { 'a.xml': strToU8('甲'), 'b/c.bin': new Uint8Array(50_000) };

describe('unpackZip', () => {
  it.each([0, 6] as const)('gives parts that were packed at level %i', (level) => {
    const bounds = { ...BOUNDS, mostBytes: 1_000_000 };
    expect(unpackZip(zipSync(FILES, { level }), bounds)).toEqual({
      parts: new Map(Object.entries(FILES)),
    });
  });

  it.each([
    ['bytes', { mostBytes: 20 }],
    ['unpacked bytes', { mostUnpackedBytes: 49_000 }],
    ['parts', { mostParts: 1 }],
  ])('stops at the bound of %s', (_, bound) => {
    expect(unpackZip(zipSync(FILES), { ...BOUNDS, ...bound })).toMatchObject({
      fault: 'too-large',
    });
  });

  it('believes no header about sizes', () => {
    const zip = zipSync(FILES);
    const view = new DataView(zip.buffer, zip.byteOffset);
    for (let at = 0; at + 30 < zip.length; at++) {
      const mark = view.getUint32(at, true);
      if (mark === 0x04034b50) view.setUint32(at + 22, 1, true);
      if (mark === 0x02014b50) view.setUint32(at + 24, 1, true);
    }
    expect(unpackZip(zip, { ...BOUNDS, mostUnpackedBytes: 49_000 })).toMatchObject({
      fault: 'too-large',
    });
  });

  it('is told of what is no zip, or is cut off', () => {
    const zip = zipSync(FILES);
    const cut = [40, 60, zip.length - 10].map((length) => zip.subarray(0, length));
    for (const bytes of [new Uint8Array(), strToU8('hello'), ...cut]) {
      expect(unpackZip(bytes, BOUNDS)).toMatchObject({ fault: 'format' });
    }
  });
});
