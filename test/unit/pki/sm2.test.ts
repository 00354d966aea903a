import { describe, expect, it } from '@jest/globals';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  concatBytes,
  digestBytes,
  fromHex,
  toHex,
  utf8ToBytes,
} from '../../../src/kernel/index.js';
import {
  buildNameFromText,
  buildCertificate,
  parseCertificate,
  publicKeyAlgorithm,
  signSm2,
  sm2MessageDigest,
  sm2SignatureFromDer,
  sm2SignatureToDer,
  sm2UserDigest,
  validatePath,
  verifySm2,
} from '../../../src/pki/index.js';
import { NOW } from './test-pki.js';

interface Sm2Vector {
  readonly uid: string;
  readonly msg: string;
  readonly d?: string;
  readonly px: string;
  readonly py: string;
  readonly za?: string;
  readonly e?: string;
  readonly r: string;
  readonly s: string;
  readonly verdict: 'valid' | 'invalid';
  readonly note?: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/sm/sm2-sm3.json', import.meta.url), 'utf8'),
) as { sm2: Sm2Vector[]; sm3: { msg_utf8: string; digest: string }[] };

const hex = (text: string): Uint8Array => fromHex(text)!;
const pointOf = ({ px, py }: Sm2Vector): Uint8Array =>
  concatBytes([Uint8Array.of(4), hex(px), hex(py)]);
const known = vectors.sm2[0]!;

describe('SM3', () => {
  it.each(vectors.sm3)('digests $msg_utf8', ({ msg_utf8, digest }) => {
    expect(toHex(digestBytes('sm3', utf8ToBytes(msg_utf8)))).toBe(digest);
  });
});

describe('SM2', () => {
  it('computes ZA and e of the standard', () => {
    expect(toHex(sm2UserDigest(pointOf(known), known.uid))).toBe(known.za);
    expect(toHex(sm2MessageDigest(pointOf(known), [utf8ToBytes(known.msg)], known.uid))).toBe(
      known.e,
    );
  });

  it.each(vectors.sm2.map((vector) => [vector.note ?? 'the standard', vector] as const))(
    'judges %s',
    (_, vector) => {
      const run = (): boolean =>
        verifySm2(
          pointOf(vector),
          [utf8ToBytes(vector.msg)],
          sm2SignatureToDer(concatBytes([hex(vector.r), hex(vector.s)])),
          vector.uid,
        );
      if (vector.note?.includes('not on the curve') === true) {
        expect(run).toThrow(expect.objectContaining({ code: 'algorithm-unsupported' }));
      } else {
        expect(run()).toBe(vector.verdict === 'valid');
      }
    },
  );

  it('signs what it verifies, under the same id only', () => {
    const message = utf8ToBytes('合同');
    const der = signSm2(hex(known.d!), pointOf(known), message);
    expect(verifySm2(pointOf(known), [message], der)).toBe(true);
    expect(verifySm2(pointOf(known), [message], der, 'other')).toBe(false);
    expect(verifySm2(pointOf(known), [message], der.subarray(1))).toBe(false);
    expect(toHex(sm2SignatureToDer(sm2SignatureFromDer(der)))).toBe(toHex(der));
  });

  it('carries a certificate path', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' });
    const spki = new Uint8Array(
      createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    );
    const pkcs8 = new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }));
    const point = spki.slice(-65);
    // ECPrivateKey: version, then the scalar of 32 octets.
    const at = pkcs8.findIndex((octet, i) => octet === 4 && pkcs8[i + 1] === 32);
    const scalar = pkcs8.slice(at + 2, at + 34);
    const name = buildNameFromText('CN=国密根');
    const der = await buildCertificate({
      serialHex: '01',
      issuerNameDer: name,
      subjectNameDer: name,
      notBefore: NOW,
      notAfter: NOW,
      subjectPublicKeyDer: spki,
      extensions: [],
      scheme: { padding: 'sm2', digest: 'sm3' },
      sign: (message) => signSm2(scalar, point, message),
    });
    const certificate = parseCertificate(der);
    expect(publicKeyAlgorithm(certificate)).toEqual({ kind: 'sm2' });
    expect(validatePath([certificate, certificate], { at: NOW }).faults).toEqual([]);
    const forged = parseCertificate(der.map((octet, i) => (i === 14 ? octet ^ 1 : octet)));
    expect(validatePath([forged, certificate], { at: NOW }).isValid).toBe(false);
  });
});
