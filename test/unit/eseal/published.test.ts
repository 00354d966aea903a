/** Seals and signatures that another implementation made, as files: read, verified, and refused once a bit is another. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { concatBytes, digestBytes, isAppError, utf8ToBytes } from '../../../src/kernel/index.js';
import {
  isListedSigner,
  parseSeal,
  parseSesSignature,
  verifySealSignature,
  verifySesSignature,
} from '../../../src/eseal/index.js';
import { isIssuedBy, parseCertificate } from '../../../src/pki/index.js';

const file = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../vectors/eseal/ofdrw/${name}`, import.meta.url)));
const root = parseCertificate(file('root.cer'));
const signer = file('signer.cer');

/** What comes of bytes that nobody vouches for: an outcome, or that they cannot be read. */
function outcomeOf(verify: () => { readonly outcome: string }): string {
  try {
    return verify().outcome;
  } catch (error) {
    if (isAppError(error, 'eseal-malformed')) return 'malformed';
    throw error;
  }
}

const sealOutcome = (der: Uint8Array): string =>
  outcomeOf(() => verifySealSignature(parseSeal(der)));
const signatureOutcome = (der: Uint8Array): string =>
  outcomeOf(() => verifySesSignature(parseSesSignature(der)));

/** The file with one bit of `part`, which lies in it, turned over; at some forty places, first and last among them. */
function altered(whole: Uint8Array, part: Uint8Array): readonly Uint8Array[] {
  const start = Buffer.from(whole).indexOf(part);
  expect(start).toBeGreaterThanOrEqual(0);
  const step = Math.max(1, Math.floor(part.length / 40));
  const places = Array.from({ length: Math.ceil(part.length / step) }, (_, i) => i * step);
  return [...places, part.length - 1].map((place) => {
    const copy = whole.slice();
    copy[start + place] = (copy[start + place] ?? 0) ^ 1;
    return copy;
  });
}

describe.each([
  ['v1.esl', 1],
  ['v4.esl', 4],
  ['v4-digests.esl', 4],
] as const)('the seal %s of ofdrw', (name, version) => {
  const der = file(name);
  const seal = parseSeal(der);

  it('is read and verified', () => {
    expect([seal.version, seal.info.esID]).toEqual([version, '3701020000011']);
    expect(seal.info.property.name).toBe('测试单位合同专用章');
    expect(isListedSigner(seal.info.property.certList, signer)).toBe(true);
    expect(isListedSigner(seal.info.property.certList, root.der)).toBe(false);
    const { outcome, certificate } = verifySealSignature(seal);
    expect(outcome).toBe('valid');
    expect(isIssuedBy(certificate!, root)).toBe(true);
  });

  it('is not valid with any bit of what its maker signed turned over', () => {
    // Version 1 signs a sequence of parts of the file, of which this is the first.
    const covered = version === 1 ? infoOf(der) : seal.signedOctets;
    for (const copy of altered(der, covered)) expect(sealOutcome(copy)).not.toBe('valid');
    for (const copy of altered(der, seal.signedValue)) expect(sealOutcome(copy)).not.toBe('valid');
  });

  it('is not valid with the certificate of another', () => {
    const certAt = Buffer.from(der).lastIndexOf(seal.cert);
    const copy = der.slice();
    // The public key's last octet: another point, or none.
    const key = verifySealSignature(seal).certificate!.publicKey.keyOctets;
    const at = Buffer.from(der).indexOf(key, certAt) + key.length - 1;
    copy[at] = (copy[at] ?? 0) ^ 1;
    expect(sealOutcome(copy)).not.toBe('valid');
  });

  it('has an end', () => {
    expect(sealOutcome(concatBytes([der, Uint8Array.of(0)]))).toBe('malformed');
    for (const length of [0, 1, der.length >> 1, der.length - 1]) {
      expect(sealOutcome(der.subarray(0, length))).toBe('malformed');
    }
  });
});

describe.each([
  ['v1.sig', 1],
  ['v4.sig', 4],
] as const)('the signature %s of ofdrw', (name, version) => {
  const der = file(name);
  const signature = parseSesSignature(der);

  it('is read and verified, with the seal in it', () => {
    expect(signature.version).toBe(version);
    expect(signature.toSign.dataHash).toEqual(digestBytes('sm3', utf8ToBytes('document')));
    expect(verifySesSignature(signature).outcome).toBe('valid');
    expect(verifySealSignature(signature.toSign.eseal).outcome).toBe('valid');
  });

  it('is not valid with any bit of what its signer signed turned over', () => {
    for (const copy of altered(der, signature.signedOctets)) {
      expect(signatureOutcome(copy)).not.toBe('valid');
    }
    for (const copy of altered(der, signature.signature)) {
      expect(signatureOutcome(copy)).not.toBe('valid');
    }
  });
});

/** The first element of a seal of version 1, whole. */
function infoOf(der: Uint8Array): Uint8Array {
  const content = der.subarray(4);
  const length = ((content[2] ?? 0) << 8) | (content[3] ?? 0);
  expect([der[1], content[1]]).toEqual([0x82, 0x82]);
  return content.subarray(0, 4 + length);
}
