import { describe, expect, it } from '@jest/globals';
import { encode } from 'fast-png';
import fc from 'fast-check';
import { deflateSync } from 'node:zlib';
import {
  MemorySource,
  bytesToLatin1,
  concatBytes,
  isAppError,
  latin1ToBytes,
  utf8ToBytes,
} from '../../../src/kernel/index.js';
import { PdfStream, beginRevision, openPdf, type PdfDict } from '../../../src/pdf/index.js';
import { readPicture, type PictureRules } from '../../../src/picture/index.js';
import { pagesPdf } from '../../support/pdf/pages-pdf.js';

const PLAIN: PictureRules = { allowsTransparency: true, needsCalibratedColour: false };

/** The picture's form, and its image where there is one, as a document holds them. */
function shown(bytes: Uint8Array, rules = PLAIN) {
  const base = pagesPdf([{}]);
  const writer = beginRevision(openPdf(new MemorySource(base)));
  const picture = readPicture(bytes);
  const ref = picture.addTo(writer, rules);
  const document = openPdf(new MemorySource(concatBytes([base, writer.finish().appended])));
  const stream = (value: unknown) => {
    const found = document.resolve(value as never);
    if (!(found instanceof PdfStream)) throw new Error('no stream');
    return found;
  };
  const form = stream(ref);
  const resources = form.dict.get('Resources') as PdfDict;
  const images = document.resolveDict(resources.get('XObject'));
  const image = images === undefined ? undefined : stream(images.get('Image'));
  const mask = image?.dict.has('SMask') === true ? stream(image.dict.get('SMask')) : undefined;
  return { picture, form, resources, image, mask, content: bytesToLatin1(form.data()) };
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
  return 'none';
}

const svg = (inside: string, attributes = 'width="40mm" height="20mm" viewBox="0 0 400 200"') =>
  utf8ToBytes(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${inside}</svg>`);

function crc(bytes: Uint8Array): Uint8Array {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let i = 0; i < 8; i++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, ~value >>> 0);
  return out;
}

function chunk(type: string, body: readonly number[] | Uint8Array): Uint8Array {
  const inner = concatBytes([latin1ToBytes(type), Uint8Array.from(body)]);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, inner.length - 4);
  return concatBytes([length, inner, crc(inner)]);
}

/** A PNG by hand, for what encoders do not write. */
function png(head: readonly number[], data: readonly number[], ...more: Uint8Array[]): Uint8Array {
  const [width = 0, height = 0, depth = 8, kind = 0, interlace = 0] = head;
  const size = (value: number) => [
    value >>> 24,
    (value >> 16) & 255,
    (value >> 8) & 255,
    value & 255,
  ];
  return concatBytes([
    latin1ToBytes('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', [...size(width), ...size(height), depth, kind, 0, 0, interlace]),
    ...more,
    chunk('IDAT', deflateSync(Uint8Array.from(data))),
    chunk('IEND', []),
  ]);
}

describe('PNG', () => {
  it('keeps colours and transparency', () => {
    const data = Uint8Array.from([255, 0, 0, 255, 0, 0, 255, 128]);
    const { image, mask } = shown(encode({ width: 2, height: 1, data, channels: 4, depth: 8 }));
    expect([...image!.data()]).toEqual([255, 0, 0, 0, 0, 255]);
    expect([...mask!.data()]).toEqual([255, 128]);
  });

  it('puts it on white where transparency is not allowed', () => {
    const data = Uint8Array.from([255, 0, 0, 255, 0, 0, 255, 0]);
    const rules = { allowsTransparency: false, needsCalibratedColour: true };
    const { image, mask, resources } = shown(
      encode({ width: 2, height: 1, data, channels: 4, depth: 8 }),
      rules,
    );
    expect([...image!.data()]).toEqual([255, 0, 0, 255, 255, 255]);
    expect(mask).toBeUndefined();
    expect((resources.get('ColorSpace') as PdfDict).has('DefaultRGB')).toBe(true);
    const states = resources.get('ExtGState') as PdfDict;
    expect((states.get('GsSeal') as PdfDict).get('ca')).toBe(1);
  });

  it('reads palettes of less than a byte with their transparency', () => {
    const palette = chunk('PLTE', [10, 20, 30, 200, 0, 0]);
    const clear = chunk('tRNS', [0]);
    const { image, mask } = shown(png([3, 1, 1, 3], [0, 0b01000000], palette, clear));
    expect([...image!.data()]).toEqual([10, 20, 30, 200, 0, 0, 10, 20, 30]);
    expect([...mask!.data()]).toEqual([0, 255, 0]);
  });

  it('reads sixteen bits, a transparent colour and another gamma', () => {
    const grey = png([2, 1, 16, 0], [0, 0x80, 0x80, 0xff, 0xff], chunk('tRNS', [0x80, 0x80]));
    expect([...shown(grey).image!.data()]).toEqual([128, 255]);
    expect([...shown(grey).mask!.data()]).toEqual([0, 255]);
    // Linear light: the middle is far brighter to the eye.
    const linear = png([1, 1, 8, 0], [0, 128], chunk('gAMA', [0, 1, 0x86, 0xa0]));
    expect(shown(linear).image!.data()[0]).toBe(186);
  });

  it('reads interlaced files', () => {
    const { image } = shown(png([1, 1, 8, 2, 1], [0, 1, 2, 3]));
    expect([...image!.data()]).toEqual([1, 2, 3]);
    expect(codeOf(() => readPicture(png([1, 1, 1, 0, 1], [0, 128])))).toBe('picture-unsupported');
  });

  it('has its true size from its resolution', () => {
    const dots = chunk('pHYs', [0, 0, 0x2e, 0x23, 0, 0, 0x2e, 0x23, 1]);
    const { picture } = shown(png([118, 1, 8, 0], [0, ...new Uint8Array(118)], dots));
    expect(picture.widthPt).toBeCloseTo((10 * 72) / 25.4, 1);
  });

  it.each([
    ['damage', latin1ToBytes('\x89PNG\r\n\x1a\nxxxx'), 'picture-malformed'],
    ['a bomb', png([4, 4, 8, 0], [...new Uint8Array(100_000)]), 'picture-malformed'],
    ['a lie of its size', png([60_000, 60_000, 8, 0], [0]), 'picture-too-large'],
    [
      'an index without a colour',
      png([1, 1, 8, 3], [0, 9], chunk('PLTE', [1, 2, 3])),
      'picture-malformed',
    ],
  ])('is refused with %s', (_, bytes, code) => {
    expect(codeOf(() => readPicture(bytes))).toBe(code);
  });
});

describe('SVG', () => {
  it('becomes vectors where it is plain shapes', () => {
    const { content, image, picture } = shown(
      svg(
        '<g transform="translate(10 0)"><circle r="5" fill="#ff0000"/></g><path d="M0 0Q1 2 3 4" stroke="blue"/>',
      ),
    );
    expect(image).toBeUndefined();
    expect(content).toContain('1 0 0 rg');
    expect(content).toContain('0 0 1 RG');
    expect(content.match(/ c$/gm)).toHaveLength(5);
    expect(picture.widthPt).toBeCloseTo((40 * 72) / 25.4, 3);
  });

  it('becomes pixels of 600 dpi where it is more', () => {
    const { image } = shown(
      svg(
        '<linearGradient id="g"><stop stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient><rect width="400" height="200" fill="url(#g)"/>',
      ),
    );
    expect(image!.dict.get('Width')).toBe(Math.round((40 / 25.4) * 600));
  });

  it.each([
    ['text, which would be left out', svg('<text>印</text>'), 'picture-unsupported'],
    ['files of the disk', svg('<image href="/etc/x.png"/>'), 'picture-unsupported'],
    ['entities', utf8ToBytes('<!DOCTYPE svg [<!ENTITY a "b">]><svg/>'), 'picture-unsupported'],
    ['uses without end', svg('<use href="#a"/>'.repeat(9)), 'picture-too-large'],
    ['damage', svg('<g>'), 'picture-malformed'],
  ])('is refused with %s', (_, bytes, code) => {
    expect(codeOf(() => readPicture(bytes))).toBe(code);
  });
});

describe('JPEG', () => {
  const jpeg = (components: number, more = '') =>
    latin1ToBytes(
      `\xff\xd8${more}\xff\xc0\x00${String.fromCharCode(8 + 3 * components)}\x08\x00\x10\x00\x20${String.fromCharCode(components)}${'\x01\x11\x00'.repeat(components)}\xff\xd9`,
    );

  it('goes in as it is', () => {
    const { image } = shown(jpeg(3));
    expect(image!.rawBytes()).toEqual(jpeg(3));
    expect(image!.dict.get('Width')).toBe(32);
  });

  it('knows that Adobe inverts CMYK', () => {
    const adobe = '\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00';
    expect(shown(jpeg(4, adobe)).image!.dict.has('Decode')).toBe(true);
    expect(shown(jpeg(4)).image!.dict.has('Decode')).toBe(false);
    const rules = { allowsTransparency: true, needsCalibratedColour: true };
    expect(codeOf(() => shown(jpeg(4), rules))).toBe('picture-unsupported');
  });

  it('is refused with another coding or damage', () => {
    const lossless = Uint8Array.from(jpeg(3));
    lossless[3] = 0xc3;
    expect(codeOf(() => readPicture(lossless))).toBe('picture-unsupported');
    expect(codeOf(() => readPicture(jpeg(3).subarray(0, 9)))).toBe('picture-malformed');
  });
});

describe('any bytes', () => {
  it('end in a picture or an AppError', () => {
    const starts = ['\x89PNG\r\n\x1a\n', '\xff\xd8\xff', '<svg ', ''].map(latin1ToBytes);
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        codeOf(() => readPicture(concatBytes([start, rest])));
      }),
      { numRuns: 300 },
    );
  });
});
