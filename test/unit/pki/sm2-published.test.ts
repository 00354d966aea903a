/** SM2 values and certificates that others have published, and what must not pass for them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { concatBytes, fromBase64, fromHex, utf8ToBytes } from '../../../src/kernel/index.js';
import {
  checkSignature,
  derSequence,
  derUnsigned,
  isIssuedBy,
  parseCertificate,
  signatureMethod,
  validatePath,
  verifySm2,
} from '../../../src/pki/index.js';

const vectorFile = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../vectors/sm/${name}`, import.meta.url), 'utf8'));

interface Sm2Value {
  readonly uid: string;
  readonly msg: string;
  readonly px: string;
  readonly py: string;
  readonly r: string;
  readonly s: string;
  readonly verdict: string;
}

const values = (vectorFile('sm2-sm3.json') as { sm2: readonly Sm2Value[] }).sm2.filter(
  ({ verdict }) => verdict === 'valid',
);

const ORDER = BigInt('0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123');
const hex = (text: string): Uint8Array => fromHex(text)!;
const number = (text: string): bigint => BigInt(`0x${text}`);
const octets = (value: bigint): Uint8Array =>
  hex(value.toString(16).padStart(2 * Math.ceil(value.toString(16).length / 2), '0'));
const pair = (r: bigint, s: bigint): Uint8Array =>
  derSequence(derUnsigned(octets(r)), derUnsigned(octets(s)));
/** An INTEGER as it is written, minimal or not. */
const integer = (content: Uint8Array): Uint8Array =>
  concatBytes([Uint8Array.of(2, content.length), content]);
const sequence = (...parts: readonly Uint8Array[]): Uint8Array => {
  const content = concatBytes(parts);
  return concatBytes([Uint8Array.of(0x30, content.length), content]);
};
/** Content of a positive INTEGER, with the zero octet that its sign may need. */
const positive = (value: bigint): Uint8Array => {
  const bytes = octets(value);
  return (bytes[0] ?? 0) < 0x80 ? bytes : concatBytes([Uint8Array.of(0), bytes]);
};

describe.each(values)('the published value $r', ({ uid, msg, px, py, r: rHex, s: sHex }) => {
  const point = concatBytes([Uint8Array.of(4), hex(px), hex(py)]);
  const message = utf8ToBytes(msg);
  const [r, s] = [number(rHex), number(sHex)];
  const isValid = (signature: Uint8Array, id = uid, text = message): boolean =>
    verifySm2(point, [text], signature, id);

  it('is valid, in one piece and in several', () => {
    expect(isValid(pair(r, s))).toBe(true);
    expect(verifySm2(point, [message.subarray(0, 3), message.subarray(3)], pair(r, s), uid)).toBe(
      true,
    );
  });

  it.each<[string, () => Uint8Array]>([
    ['r is zero', () => pair(0n, s)],
    ['s is zero', () => pair(r, 0n)],
    ['both are zero', () => pair(0n, 0n)],
    ['r is the order', () => pair(ORDER, s)],
    ['s is the order', () => pair(r, ORDER)],
    ['r is larger by the order', () => pair(r + ORDER, s)],
    ['s is larger by the order', () => pair(r, s + ORDER)],
    ['s is its complement, as ECDSA would have it', () => pair(r, ORDER - s)],
    ['r is its complement', () => pair(ORDER - r, s)],
    ['r and s come to zero', () => pair(r, ORDER - r)],
    ['r and s are exchanged', () => pair(s, r)],
    ['r is one more', () => pair(r + 1n, s)],
    ['r is negative', () => sequence(integer(octets((1n << 256n) - r)), integer(positive(s)))],
    ['r has a zero octet too many', () => sequence(integer(padded(r)), integer(positive(s)))],
    ['s has a zero octet too many', () => sequence(integer(positive(r)), integer(padded(s)))],
    ['the length is in the long form', () => longForm(pair(r, s))],
    ['the length is indefinite', () => indefinite(pair(r, s))],
    ['something follows', () => concatBytes([pair(r, s), Uint8Array.of(0)])],
    [
      'something follows inside',
      () => sequence(integer(positive(r)), integer(positive(s)), integer(Uint8Array.of(1))),
    ],
    ['s is missing', () => sequence(integer(positive(r)))],
    ['the end is missing', () => pair(r, s).subarray(0, -1)],
    ['r and s stand side by side', () => concatBytes([hex(rHex), hex(sHex)])],
    ['it is empty', () => new Uint8Array(0)],
  ])('is not valid where %s', (_, make) => {
    expect(isValid(make())).toBe(false);
  });

  it('is not valid for another message, id or key', () => {
    const altered = message.map((octet, i) => (i === 0 ? octet ^ 1 : octet));
    expect(isValid(pair(r, s), uid, altered)).toBe(false);
    expect(isValid(pair(r, s), uid, message.subarray(1))).toBe(false);
    for (const id of ['', '1234567812345679', 'ALICE123@YAHOO.COM']) {
      expect(isValid(pair(r, s), id)).toBe(false);
    }
    const other = values.find(({ px: each }) => each !== px)!;
    const otherPoint = concatBytes([Uint8Array.of(4), hex(other.px), hex(other.py)]);
    expect(verifySm2(otherPoint, [message], pair(r, s), uid)).toBe(false);
  });

  it.each([
    ['off the curve', () => point.map((octet, i) => (i === 64 ? octet ^ 1 : octet))],
    ['of zeros', () => concatBytes([Uint8Array.of(4), new Uint8Array(64)])],
    ['compressed', () => concatBytes([Uint8Array.of(2), hex(px)])],
    ['at infinity', () => Uint8Array.of(0)],
  ])('is not asked of a point %s', (_, make) => {
    expect(() => verifySm2(make(), [message], pair(r, s), uid)).toThrow(
      expect.objectContaining({ code: 'algorithm-unsupported' }),
    );
  });
});

function padded(value: bigint): Uint8Array {
  const content = positive(value);
  return concatBytes([Uint8Array.of(0), content]);
}

function longForm(der: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of(0x30, 0x81, der[1] ?? 0), der.subarray(2)]);
}

function indefinite(der: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of(0x30, 0x80), der.subarray(2), Uint8Array.of(0, 0)]);
}

interface PublishedCertificate {
  readonly name: string;
  readonly derB64: string;
  readonly issuer: string;
  /** Where it was signed with another id than the standard's. */
  readonly userId?: string;
}

const certificates = vectorFile('certificates.json') as readonly PublishedCertificate[];
const parsed = new Map(
  certificates.map(({ name, derB64 }) => [name, parseCertificate(fromBase64(derB64)!)]),
);

describe('published SM2 certificates', () => {
  const [odd] = certificates.filter(({ userId }) => userId !== undefined);
  const usual = certificates.filter(({ userId }) => userId === undefined);

  it('are not signed with an empty user id, as OpenSSL does unless it is told', () => {
    const { publicKey, tbsDer, signature, signatureAlgorithm } = parsed.get(odd!.name)!;
    const method = signatureMethod(signatureAlgorithm);
    expect(checkSignature(publicKey, method, tbsDer, signature)).toBe('invalid');
    expect(verifySm2(publicKey.keyOctets, [tbsDer], signature, odd!.userId)).toBe(true);
  });

  it.each(usual)('$name is issued by $issuer and by nobody else', ({ name, issuer }) => {
    const certificate = parsed.get(name)!;
    const { tbsDer, signatureAlgorithm, signature } = certificate;
    const method = signatureMethod(signatureAlgorithm);
    expect(method).toMatchObject({ digest: 'sm3' });
    for (const [other, { publicKey }] of parsed) {
      const outcome = checkSignature(publicKey, method, tbsDer, signature);
      expect({ other, outcome }).toEqual({
        other,
        outcome: other === issuer ? 'valid' : 'invalid',
      });
    }
    expect(isIssuedBy(certificate, parsed.get(issuer)!)).toBe(true);
    const altered = tbsDer.map((octet, i) => (i === tbsDer.length - 1 ? octet ^ 1 : octet));
    expect(checkSignature(parsed.get(issuer)!.publicKey, method, altered, signature)).toBe(
      'invalid',
    );
  });

  it('lead to their root', () => {
    const path = ['gmssl.cn intermediate', 'gmssl.cn root'].map((name) => parsed.get(name)!);
    expect(validatePath(path, { at: new Date('2026-11-23T10:00:00Z') }).faults).toEqual([]);
  });
});
