/** Seals of ours read by another implementation, and its seals read by ours. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestBytes, toHex, utf8ToBytes } from '../../../src/kernel/index.js';
import {
  isListedSigner,
  parseSeal,
  parseSesSignature,
  verifySealSignature,
  verifySesSignature,
} from '../../../src/eseal/index.js';
import { isIssuedBy, parseCertificate } from '../../../src/pki/index.js';
import { buildJavaTool } from '../../../scripts/java-tool.mjs';
import { makers, sealDer, sealInfo } from '../../unit/eseal/test-seal.js';

const tool = buildJavaTool('ofdrw');
if ('skipped' in tool) console.warn(`skipped: comparison with ofdrw: ${tool.skipped}`);
const withOfdrw = 'classPath' in tool ? describe : describe.skip;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'qianyin-ofdrw-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function ofdrw(...args: readonly string[]): Record<string, string> {
  if (!('classPath' in tool)) throw new Error(tool.skipped);
  const lines = execFileSync('java', ['-cp', tool.classPath, 'SealTool', ...args], {
    encoding: 'utf8',
  });
  return Object.fromEntries(
    lines
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(directory, name)));

withOfdrw('ofdrw', () => {
  it.each(['certificates', 'digests'] as const)(
    'reads and verifies our seal with %s',
    async (kind) => {
      const pki = await makers();
      const signer = pki.signer.certificate.der;
      const base = sealInfo([signer]);
      const info =
        kind === 'certificates'
          ? base
          : {
              ...base,
              property: {
                ...base.property,
                certList: {
                  certListType: 2 as const,
                  certDigests: [{ type: 'SM3', value: digestBytes('sm3', signer) }],
                },
              },
            };
      const der = await sealDer(pki.maker, info);
      const path = join(directory, `ours-${kind}.esl`);
      writeFileSync(path, der);
      expect(ofdrw('read', path)).toEqual({
        version: '4',
        code: info.esID,
        name: info.property.name,
        type: '1',
        validStart: String(info.property.validStart.getTime()),
        validEnd: String(info.property.validEnd.getTime()),
        picture: 'PNG 42 42',
        pictureSha256: toHex(digestBytes('sha256', info.picture.data)),
        certificates: toHex(digestBytes(kind === 'digests' ? 'sm3' : 'sha256', signer)),
        isValid: 'true',
      });
      // Its verdict is worth something: one letter of the name makes it another.
      const forged = der.slice();
      const name = utf8ToBytes(info.property.name);
      const at = Buffer.from(forged).indexOf(name) + name.length - 1;
      forged[at] = (forged[at] ?? 0) ^ 1;
      writeFileSync(path, forged);
      expect(ofdrw('read', path)['isValid']).toBe('false');
    },
  );

  it('makes seals and signatures of versions 1 and 4 that we verify', () => {
    ofdrw('make', directory);
    const signer = read('signer.cer');
    const root = parseCertificate(read('root.cer'));
    for (const [name, version] of [
      ['v1.esl', 1],
      ['v4.esl', 4],
      ['v4-digests.esl', 4],
    ] as const) {
      const seal = parseSeal(read(name));
      expect(seal.version).toBe(version);
      expect(seal.info.property.name).toBe('测试单位合同专用章');
      expect(seal.info.esID).toBe('3701020000011');
      expect(isListedSigner(seal.info.property.certList, signer)).toBe(true);
      expect(isListedSigner(seal.info.property.certList, root.der)).toBe(false);
      const { outcome, certificate } = verifySealSignature(seal);
      expect({ name, outcome }).toEqual({ name, outcome: 'valid' });
      expect(isIssuedBy(certificate!, root)).toBe(true);
    }
    for (const [name, version] of [
      ['v1.sig', 1],
      ['v4.sig', 4],
    ] as const) {
      const signature = parseSesSignature(read(name));
      expect(signature.version).toBe(version);
      expect(signature.toSign.dataHash).toEqual(digestBytes('sm3', utf8ToBytes('document')));
      expect(Math.abs(signature.toSign.timeInfo.getTime() - Date.now())).toBeLessThan(3_600_000);
      expect({ name, outcome: verifySesSignature(signature).outcome }).toEqual({
        name,
        outcome: 'valid',
      });
    }
  });
});
