/** Zips of strangers: what is in them, and the bounds that hold whatever their headers claim. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { readPlainZip, readZip, type ZipReading } from '../../../src/zip/index.js';

const BOUNDS = { mostBytes: 10_000, mostUnpackedBytes: 100_000, mostParts: 3 };
const FILES = { 'a.xml': strToU8('甲'), 'b/c.bin': new Uint8Array(20_000) };
const ZIP = zipSync(FILES);
const PARTS = new Map(Object.entries(FILES));

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END_BYTES = 22;

/** A copy in which every header of the kind is changed. */
function withHeaders(
  zip: Uint8Array,
  mark: typeof LOCAL | typeof CENTRAL,
  change: (view: DataView, at: number) => void,
): Uint8Array {
  const copy = zip.slice();
  const view = new DataView(copy.buffer);
  for (let at = 0; at + END_BYTES <= copy.length; at++) {
    if (view.getUint32(at, true) === mark) change(view, at);
  }
  return copy;
}

/** What stands before the directory moved by `bytes`, with every place in the directory moved with it. */
function moved(bytes: Uint8Array, zip = ZIP): Uint8Array {
  const copy = withHeaders(zip, CENTRAL, (view, at) => {
    view.setUint32(at + 42, view.getUint32(at + 42, true) + bytes.length, true);
  });
  const view = new DataView(copy.buffer);
  const at = copy.length - END_BYTES + 16;
  view.setUint32(at, view.getUint32(at, true) + bytes.length, true);
  return Buffer.concat([bytes, copy]);
}

function withComment(comment: string, zip = ZIP): Uint8Array {
  const copy = Buffer.concat([zip, Buffer.from(comment)]);
  copy.writeUInt16LE(comment.length, zip.length - 2);
  return copy;
}

function renamed(zip: Uint8Array, from: string, to: string): Uint8Array {
  const copy = Buffer.from(zip);
  for (let at = copy.indexOf(from); at !== -1; at = copy.indexOf(from)) copy.write(to, at);
  return copy;
}

/** One part, whose packed data end a byte before the headers say. */
function withHiddenByte(): Uint8Array {
  const zip = zipSync({ 'a.xml': strToU8('甲乙丙丁') });
  const packedBytes = new DataView(zip.buffer).getUint32(18, true) + 1;
  let longer = withHeaders(zip, LOCAL, (view, at) => view.setUint32(at + 18, packedBytes, true));
  longer = withHeaders(longer, CENTRAL, (view, at) => view.setUint32(at + 20, packedBytes, true));
  const dataEnd = 30 + 'a.xml'.length + packedBytes - 1;
  new DataView(longer.buffer).setUint32(longer.length - END_BYTES + 16, dataEnd + 1, true);
  return Buffer.concat([longer.subarray(0, dataEnd), Buffer.from('x'), longer.subarray(dataEnd)]);
}

const oddities = (zip: Uint8Array): ZipReading['oddities'] => {
  const read = readZip(zip, BOUNDS);
  if ('fault' in read) throw read.cause;
  return read.oddities;
};
const NONE = { duplicated: [], damaged: [], oddNames: [], hasStrayBytes: false };

describe('readZip', () => {
  it.each([0, 6] as const)('gives parts that were packed at level %i', (level) => {
    const bounds = { ...BOUNDS, mostBytes: 1_000_000 };
    const read = readZip(zipSync(FILES, { level }), bounds);
    expect(read).toEqual({ parts: PARTS, oddities: NONE });
  });

  it('reads a zip of nothing', () => {
    expect(readZip(zipSync({}), BOUNDS)).toEqual({ parts: new Map(), oddities: NONE });
  });

  it.each([
    ['bytes', { mostBytes: 20 }, 'too-large'],
    ['unpacked bytes', { mostUnpackedBytes: 19_000 }, 'too-large'],
    ['parts', { mostParts: 1 }, 'too-many-parts'],
  ])('stops at the bound of %s', (_, bound, fault) => {
    expect(readZip(ZIP, { ...BOUNDS, ...bound })).toMatchObject({ fault });
  });

  it('stops at what shrinks further than anything that people write', () => {
    const bomb = zipSync({ a: new Uint8Array(8 * 1024 * 1024) });
    expect(bomb.length).toBeLessThan(BOUNDS.mostBytes);
    const bounds = { ...BOUNDS, mostUnpackedBytes: 1e9 };
    expect(readZip(bomb, bounds)).toMatchObject({ fault: 'too-large' });
    expect(readZip(zipSync({ a: new Uint8Array(1024 * 1024) }), bounds)).toHaveProperty('parts');
  });

  it.each([
    ['less', 1],
    ['more', 60_000],
  ])('believes no header that says %s than there is', (what, sizeBytes) => {
    let zip = withHeaders(ZIP, LOCAL, (view, at) => view.setUint32(at + 22, sizeBytes, true));
    zip = withHeaders(zip, CENTRAL, (view, at) => view.setUint32(at + 24, sizeBytes, true));
    const fault = what === 'less' ? 'too-large' : 'format';
    expect(readZip(zip, { ...BOUNDS, mostUnpackedBytes: 1_000_000 })).toMatchObject({ fault });
  });

  it('is told of what is no zip, or is cut off', () => {
    const cut = [0, 20, 40, 60, ZIP.length - 10, ZIP.length - 1].map((end) => ZIP.subarray(0, end));
    for (const bytes of [new Uint8Array(), strToU8('hello'), new Uint8Array(22), ...cut]) {
      expect(readZip(bytes, BOUNDS)).toMatchObject({ fault: 'format' });
    }
  });

  const inBoth = (offset: number, change: (old: number) => number): Uint8Array => {
    const at16 = (shift: number) => (view: DataView, at: number) =>
      view.setUint16(at + shift, change(view.getUint16(at + shift, true)), true);
    return withHeaders(withHeaders(ZIP, LOCAL, at16(offset)), CENTRAL, at16(offset + 2));
  };
  it.each([
    ['encrypted parts', inBoth(6, (flags) => flags | 1)],
    ['an unknown method', inBoth(8, () => 12)],
    [
      'a name that is no UTF-8',
      renamed(
        inBoth(6, (flags) => flags | 0x800),
        'a.xml',
        'a.xm\u00ff',
      ),
    ],
    [
      'a header of another name',
      withHeaders(ZIP, LOCAL, (view, at) => view.setUint8(at + 30, 0x7a)),
    ],
    [
      'a header of another method',
      withHeaders(ZIP, LOCAL, (view, at) => view.setUint16(at + 8, 0, true)),
    ],
    [
      'a header of another size',
      withHeaders(ZIP, LOCAL, (view, at) => view.setUint32(at + 22, 7, true)),
    ],
    [
      'parts that lie over one another',
      withHeaders(
        zipSync({ aa: strToU8('1'), ab: strToU8('1') }, { level: 0 }),
        CENTRAL,
        (view, at) => {
          view.setUint32(at + 42, 0, true);
          view.setUint8(at + 47, 0x61);
        },
      ),
    ],
    ['bytes behind the end', Buffer.concat([ZIP, Buffer.from('x')])],
    ['bytes before the beginning that no place counts', Buffer.concat([Buffer.from('x'), ZIP])],
    [
      'more entries than the end says',
      (() => {
        const copy = Buffer.from(ZIP);
        copy.writeUInt16LE(1, copy.length - 14);
        copy.writeUInt16LE(1, copy.length - 12);
        return copy;
      })(),
    ],
    ['bytes behind the packed data that nothing reads', withHiddenByte()],
  ])('refuses %s', (_what, zip) => {
    expect(readZip(zip, BOUNDS)).toMatchObject({ fault: 'format' });
  });

  it('tells what a zip of honest make has not', () => {
    expect(oddities(ZIP)).toEqual(NONE);
    expect(oddities(moved(Buffer.from('#!')))).toEqual({ ...NONE, hasStrayBytes: true });
    expect(oddities(withComment('PK'))).toEqual({ ...NONE, hasStrayBytes: true });
    const wrongSum = (view: DataView, at: number): void => view.setUint32(at + 16, 1, true);
    expect(oddities(withHeaders(ZIP, CENTRAL, wrongSum))).toEqual({
      ...NONE,
      damaged: Object.keys(FILES),
    });
    const twice = renamed(zipSync({ aa: strToU8('1'), ab: strToU8('2') }), 'ab', 'aa');
    expect(oddities(twice)).toEqual({ ...NONE, duplicated: ['aa'] });
    expect(readZip(twice, BOUNDS)).toMatchObject({ parts: new Map([['aa', strToU8('1')]]) });
  });

  it.each(['/a', '\\a', 'C:a', 'a\\b', '../a', 'a/../b', 'a\u0000b', 'a\u202eb'])(
    'tells the odd name %j',
    (name) => {
      expect(oddities(zipSync({ [name]: new Uint8Array(1) }))).toEqual({
        ...NONE,
        oddNames: [name],
      });
    },
  );

  it('gives what was packed or a fault, whatever bytes are changed', () => {
    const packed = zipSync({ 'a.xml': strToU8('甲乙甲乙甲乙'), b: new Uint8Array(20) });
    const parts = readPlainZip(packed, BOUNDS);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (edits) => {
          const zip = packed.slice();
          for (const [at, value] of edits) zip[at] = value;
          const read = readPlainZip(zip, BOUNDS);
          if (!('fault' in read)) expect(read).toEqual(parts);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('readPlainZip', () => {
  it('gives the parts of a plain zip and refuses every oddity', () => {
    expect(readPlainZip(ZIP, BOUNDS)).toMatchObject({ parts: PARTS });
    for (const zip of [
      moved(Buffer.from('#!')),
      withComment('x'),
      renamed(zipSync({ aa: strToU8('1'), ab: strToU8('2') }), 'ab', 'aa'),
      withHeaders(ZIP, CENTRAL, (view, at) => view.setUint32(at + 16, 1, true)),
      zipSync({ '../a': new Uint8Array(1) }),
    ]) {
      expect(readPlainZip(zip, BOUNDS)).toMatchObject({ fault: 'format' });
    }
    expect(readPlainZip(ZIP, { ...BOUNDS, mostParts: 1 })).toMatchObject({
      fault: 'too-many-parts',
    });
  });
});
