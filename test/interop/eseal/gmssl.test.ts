/** Seals of ours read and verified by gmssl, written in Python alone, and seals and signatures by its keys read by us. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestBytes, toBase64, toHex, utf8ToBytes } from '../../../src/kernel/index.js';
import {
  assembleSeal,
  buildSealInfo,
  isListedSigner,
  parseSeal,
  parseSesSignature,
  verifySealSignature,
  verifySesSignature,
  type SES_CertList,
} from '../../../src/eseal/index.js';
import { testAuthority, testKey, testLeaf, type TestAuthority } from '../../unit/pki/test-pki.js';
import { sealDer, sealInfo, type Makers } from '../../unit/eseal/test-seal.js';

const python = process.env['GMSSL_PYTHON'];
if (python === undefined) {
  if (process.env['CI'] === 'true') throw new Error('GMSSL_PYTHON is not set');
  console.warn('skipped: comparison with gmssl: GMSSL_PYTHON is not set');
}
const withGmssl = python === undefined ? describe.skip : describe;
const SCRIPT = fileURLToPath(new URL('./gmssl_seals.py', import.meta.url));

let directory: string;
let pki: Makers;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'qianyin-gmssl-'));
  const key = testKey('SM2');
  const root = await testAuthority('CN=测试印章根CA,C=CN', undefined, { key });
  const leaf = (name: string): Promise<TestAuthority> =>
    testLeaf(name, root, { key: testKey('SM2') });
  pki = {
    root,
    maker: await leaf('CN=测试制章系统,O=测试备案中心,C=CN'),
    signer: await leaf('CN=示例市教育局,O=示例市教育局,C=CN'),
  };
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const gmssl = (...args: readonly string[]): string =>
  execFileSync(python ?? '', [SCRIPT, ...args], { encoding: 'utf8' });
const file = (name: string): string => join(directory, name);
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(file(name)));

withGmssl('gmssl', () => {
  it('reads and verifies our seals, with certificates and digests, of version 5 with its time-stamp', async () => {
    const signer = pki.signer.certificate.der;
    const base = sealInfo([signer]);
    const digests: SES_CertList = {
      certListType: 2,
      certDigests: [{ type: 'SM3', value: digestBytes('sm3', signer) }],
    };
    const property = { ...base.property, certList: digests };
    const [whole, listed] = [
      await sealDer(pki.maker, base),
      await sealDer(pki.maker, { ...base, property }),
    ];
    const infoDer = buildSealInfo(base, 5);
    const stamped = assembleSeal({
      version: 5,
      infoDer,
      cert: pki.maker.certificate.der,
      signAlgID: '1.2.156.10197.1.501',
      signedValue: await pki.maker.key.sign(infoDer, pki.maker.key.scheme),
      timeStamp: Uint8Array.of(0x30, 0),
    });
    const name = utf8ToBytes(base.property.name);
    const forged = whole.slice();
    const at = Buffer.from(forged).indexOf(name) + name.length - 1;
    forged[at] = (forged[at] ?? 0) ^ 1;
    const seals = [whole, listed, stamped, forged];
    const files = seals.map((der, index) => {
      writeFileSync(file(`ours-${index}.esl`), der);
      return file(`ours-${index}.esl`);
    });
    const seen = {
      version: 4,
      code: base.esID,
      name: base.property.name,
      type: 1,
      signers: [toHex(digestBytes('sm3', signer))],
      validStart: '2026-06-01T00:00:00Z',
      validEnd: '2027-06-01T00:00:00Z',
      picture: ['PNG', 42, 42],
      pictureSm3: toHex(digestBytes('sm3', base.picture.data)),
      hasTimeStamp: false,
      isValid: true,
    };
    expect(JSON.parse(gmssl('read', ...files))).toEqual([
      seen,
      seen,
      { ...seen, version: 5, hasTimeStamp: true },
      { ...seen, name: expect.not.stringMatching(base.property.name), isValid: false },
    ]);
  });

  it('makes seals and signatures that we verify', () => {
    const wire = ({ certificate, key }: TestAuthority) => ({
      certB64: toBase64(certificate.der),
      pkcs8B64: key.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    });
    const job = {
      maker: wire(pki.maker),
      signer: wire(pki.signer),
      code: '3701020000011',
      name: '示例市教育局合同专用章',
      document: '合同正文',
    };
    writeFileSync(file('job.json'), JSON.stringify(job));
    gmssl('make', directory);
    const signer = pki.signer.certificate.der;
    for (const [name, version] of [
      ['v1.esl', 1],
      ['v4.esl', 4],
      ['v4-digests.esl', 4],
    ] as const) {
      const seal = parseSeal(read(name));
      expect([seal.version, seal.info.esID, seal.notes]).toEqual([version, job.code, []]);
      expect(seal.info.property.name).toBe(job.name);
      expect(isListedSigner(seal.info.property.certList, signer)).toBe(true);
      expect(isListedSigner(seal.info.property.certList, pki.maker.certificate.der)).toBe(false);
      expect({ name, outcome: verifySealSignature(seal).outcome }).toEqual({
        name,
        outcome: 'valid',
      });
    }
    for (const [name, version] of [
      ['v1.sig', 1],
      ['v4.sig', 4],
    ] as const) {
      const signature = parseSesSignature(read(name));
      expect(signature.version).toBe(version);
      expect(signature.toSign.dataHash).toEqual(digestBytes('sm3', utf8ToBytes(job.document)));
      expect(signature.toSign.timeInfo).toEqual(new Date('2026-11-01T08:00:00Z'));
      expect({ name, outcome: verifySesSignature(signature).outcome }).toEqual({
        name,
        outcome: 'valid',
      });
    }
  });
});
