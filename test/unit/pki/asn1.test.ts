import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concatBytes, equalBytes, fromHex, isAppError, toHex } from '../../../src/kernel/index.js';
import {
  Asn1Reader,
  berToDer,
  derBitString,
  derElement,
  derGeneralizedTime,
  derInteger,
  derIntegerHex,
  derNamedBits,
  derOctets,
  derOid,
  derSequence,
  derSequenceOf,
  derSetOf,
  derTime,
  derUtf8,
  readBigInteger,
  readBitString,
  readBoolean,
  readElement,
  readInteger,
  readIntegerHex,
  readNamedBits,
  readOctets,
  readOid,
  readString,
  readTime,
  type Asn1Element,
} from '../../../src/pki/index.js';

const hex = (text: string): Uint8Array => fromHex(text.replaceAll(' ', ''))!;

function malformed(run: () => unknown): number {
  try {
    run();
  } catch (error) {
    if (isAppError(error, 'asn1-malformed')) return error.params['offset'] as number;
    throw error;
  }
  throw new Error('was accepted');
}

/** Visits every element as far as the encoding goes. */
function walk(element: Asn1Element): number {
  let count = 1;
  if (element.isConstructed) for (const child of element.children()) count += walk(child);
  return count;
}

describe('DER values', () => {
  it('round-trips integers of any size, minimally', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (value) => {
        expect(readBigInteger(readElement(derInteger(value)))).toBe(value);
      }),
    );
    expect(toHex(derInteger(127))).toBe('02017f');
    expect(toHex(derInteger(128))).toBe('02020080');
    expect(toHex(derInteger(-128))).toBe('020180');
    expect(toHex(derInteger(-129))).toBe('0202ff7f');
    expect(readInteger(readElement(derInteger(-129)))).toBe(-129);
  });

  it('round-trips object identifiers, also with arcs of 128 bits', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('0', '1', '2'),
        fc.nat(39),
        fc.array(fc.bigInt({ min: 0n, max: 2n ** 120n }), { maxLength: 3 }),
        (first, second, rest) => {
          const oid = [first, second, ...rest].join('.');
          expect(readOid(readElement(derOid(oid)))).toBe(oid);
        },
      ),
    );
    expect(toHex(derOid('1.2.840.113549.1.7.2'))).toBe('06092a864886f70d010702');
    expect(readOid(readElement(derOid('2.999.3')))).toBe('2.999.3');
    expect(readOid(readElement(derOid('2.25.329800735698586629295641978511506172918')))).toBe(
      '2.25.329800735698586629295641978511506172918',
    );
  });

  it('does not hand out its cached object identifiers', () => {
    derOid('1.2.3.4')[0] = 0x88;
    expect(derOid('1.2.3.4')[0]).toBe(0x06);
  });

  it('round-trips times to the second and chooses the type by year', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1950-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (at) => {
          const whole = new Date(Math.floor(at.getTime() / 1000) * 1000);
          expect(readTime(readElement(derTime(at)))).toEqual(whole);
          expect(readTime(readElement(derGeneralizedTime(at, true)))).toEqual(at);
        },
      ),
    );
    expect(derTime(new Date('2049-12-31T23:59:59Z'))[0]).toBe(0x17);
    expect(derTime(new Date('2050-01-01T00:00:00Z'))[0]).toBe(0x18);
  });

  it('round-trips octets of every length form and named bits', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65535, 65536, 70000]) {
      const octets = new Uint8Array(length).fill(7);
      expect(readOctets(readElement(derOctets(octets)))).toEqual(octets);
      expect(readBitString(readElement(derBitString(octets))).octets).toEqual(octets);
    }
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(20), { maxLength: 8 }), (bits) => {
        expect(readNamedBits(readElement(derNamedBits(bits)))).toEqual(bits.sort((a, b) => a - b));
      }),
    );
    expect(toHex(derNamedBits([0, 1]))).toBe('030206c0');
  });

  it('sorts a SET OF by encoding', () => {
    const members = [derInteger(300), derInteger(2), derUtf8('a'), derInteger(1)];
    expect(toHex(derSetOf(members))).toBe('310d' + '020101' + '020102' + '0202012c' + '0c0161');
  });

  it('reads serial numbers as hex without the sign octet', () => {
    expect(readIntegerHex(readElement(hex('02 09 00 ff 00 00 00 00 00 00 01')))).toBe(
      'ff00000000000001',
    );
    expect(toHex(derIntegerHex('ff00000000000001'))).toBe('020900ff00000000000001');
    expect(readIntegerHex(readElement(derIntegerHex('0')))).toBe('00');
  });

  it('reads texts of the string types, also GB 18030 where UTF-8 was meant', () => {
    expect(readString(readElement(derUtf8('财政局')))).toBe('财政局');
    expect(readString(readElement(hex('1e 04 8d 22 65 3f')))).toBe('财政');
    expect(readString(readElement(hex('14 04 b2 c6 d5 fe')))).toBe('财政');
    expect(readString(readElement(hex('1c 08 00 00 8d 22 00 02 00 00')))).toBe('财𠀀');
  });
});

describe('strict DER', () => {
  it.each([
    ['indefinite length', '30 80 00 00'],
    ['long form for a short length', '04 81 01 00'],
    ['leading zero in the length', '04 82 00 80' + '00'.repeat(128)],
    ['longer than the input', '04 05 00'],
    ['longer than its parent', '30 03 04 02 00'],
    ['length of seven octets', '04 87 01 01 01 01 01 01 01'],
    ['cut off after the tag', '30'],
    ['bytes after the element', '05 00 00'],
    ['tag number beyond 21 bits', '1f bd 84 c0 01 00'],
  ])('refuses %s', (_, text) => {
    expect(malformed(() => walk(readElement(hex(text))))).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ['empty integer', '02 00', readInteger],
    ['integer with a spare zero', '02 02 00 01', readInteger],
    ['integer with a spare ff', '02 02 ff ff', readInteger],
    ['integer beyond 32 bits', '02 05 01 00 00 00 00', readInteger],
    ['boolean of 01', '01 01 01', readBoolean],
    ['object identifier cut off', '06 02 2a 86', readOid],
    ['object identifier with a padded arc', '06 03 2a 80 01', readOid],
    ['empty object identifier', '06 00', readOid],
    ['bit string with 8 spare bits', '03 02 08 00', readBitString],
    ['bit string of spare bits only', '03 01 03', readBitString],
    ['UTCTime with an offset', '17 11 3236313132333130303030302b30383030', readTime],
    ['UTCTime without seconds', '17 0b 323631313233313030305a', readTime],
    ['30 February', '17 0d 3236303233303130303030305a', readTime],
    ['hour 24', '17 0d 3236303132303234303030305a', readTime],
  ] as const)('refuses an %s', (_, text, read) => {
    malformed(() => (read as (element: Asn1Element) => unknown)(readElement(hex(text))));
  });

  it('names the offset of the fault', () => {
    expect(malformed(() => walk(readElement(hex('30 06 02 01 05 04 05 00'))))).toBe(5);
  });

  it('bounds the depth', () => {
    let nested = derSequence();
    for (let i = 0; i < 80; i++) nested = derSequence(nested);
    malformed(() => walk(readElement(nested)));
  });

  it('survives anything', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom('der', 'ber'),
        (bytes, rules) => {
          try {
            walk(readElement(bytes, undefined, rules));
          } catch (error) {
            expect(isAppError(error, 'asn1-malformed')).toBe(true);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('BER', () => {
  it('turns indefinite lengths and strings in pieces into DER', () => {
    const ber = hex(
      '30 80 24 80 04 02 61 62 24 80 04 01 63 00 00 00 00 a0 80 02 01 05 00 00 00 00 ff',
    );
    const { der, consumedBytes, isBer } = berToDer(ber);
    expect(isBer).toBe(true);
    expect(consumedBytes).toBe(ber.length - 1);
    expect(der).toEqual(
      derSequence(derOctets(new TextEncoder().encode('abc')), derElement(0xa0, derInteger(5))),
    );
  });

  it('leaves what is DER already alone, without a copy', () => {
    const der = derSequence(derInteger(1), derOctets(new Uint8Array(300)));
    const result = berToDer(der);
    expect(result).toMatchObject({ isBer: false, consumedBytes: der.length });
    expect(result.der.buffer).toBe(der.buffer);
  });

  it('keeps a SEQUENCE and a SET apart from strings', () => {
    expect(berToDer(hex('30 80 31 03 02 01 01 00 00')).der).toEqual(
      derSequence(derSetOf([derInteger(1)])),
    );
  });

  it('refuses a missing end and stays fast on nested openings', () => {
    malformed(() => berToDer(hex('30 80 02 01 01')));
    const started = performance.now();
    const openings = new Uint8Array(200_000);
    for (let i = 0; i < openings.length; i += 2) openings.set([0x30, 0x80], i);
    malformed(() => berToDer(openings));
    const wide = new Uint8Array(400_000);
    for (let i = 0; i < 60; i++) wide.set([0x30, 0x80], i * 2);
    for (let i = 120; i + 2 < wide.length; i += 2) wide.set([0x05, 0x00], i);
    try {
      berToDer(wide);
    } catch (error) {
      expect(isAppError(error)).toBe(true);
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('rewrites more elements than a call has room for arguments', () => {
    const members = Array.from({ length: 200_000 }, () => derInteger(1));
    const der = derSequenceOf(members);
    const ber = concatBytes([hex('30 80'), ...members, hex('00 00')]);
    expect(equalBytes(berToDer(ber).der, der)).toBe(true);
  });

  it('reads lengths that are not minimal', () => {
    const reader = new Asn1Reader(hex('04 82 00 01 aa'), 0, 5, 'ber');
    expect(toHex(readOctets(reader.read()))).toBe('aa');
    expect(reader.isAtEnd).toBe(true);
  });
});
