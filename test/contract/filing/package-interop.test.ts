/** The package with other people's tools: the very commands of its README. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { buildPackage } from '../../../src/filing/index.js';
import { SIGNED_DOCUMENT, signedContract } from '../../unit/filing/signed-contract.js';

const missing = ['unzip', 'sha256sum', 'openssl', 'head'].filter(
  (tool) => spawnSync('which', [tool]).status !== 0,
);
if (missing.length > 0 && process.env['CI'] !== 'true') {
  console.log(`skipped: package interop, missing ${missing.join(' ')}`);
}
const tools = missing.length > 0 && process.env['CI'] !== 'true' ? describe.skip : describe;

tools('the package', () => {
  const directory = mkdtempSync(join(tmpdir(), 'package-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const run = (command: string): string =>
    execFileSync('sh', ['-c', command], { cwd: directory, encoding: 'utf8' });

  const zip = buildPackage({
    filingId: 'fil_1',
    contract: signedContract(),
    documentBytes: SIGNED_DOCUMENT,
    sealCodes: new Map(),
  });
  writeFileSync(join(directory, 'package.zip'), zip);

  it('is a zip that unzip finds sound and unpacks', () => {
    expect(run('unzip -t package.zip')).toContain('No errors detected');
    run('unzip -q package.zip');
    expect(new Uint8Array(readFileSync(join(directory, 'contract.pdf')))).toEqual(SIGNED_DOCUMENT);
  });

  it('passes sha256sum -c, and fails after one changed byte', () => {
    expect(run('sha256sum -c SHA256SUMS').trim().split('\n')).toHaveLength(5);
    run('cp metadata.json kept && printf x >> metadata.json');
    expect(() => run('sha256sum -c SHA256SUMS 2>/dev/null')).toThrow();
    run('mv kept metadata.json');
  });

  it('has digests in the manifest that openssl finds too', () => {
    const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as {
      files: { name: string; sha256: string }[];
    };
    for (const { name, sha256 } of manifest.files) {
      expect(run(`openssl dgst -sha256 -r ${name}`)).toMatch(new RegExp(`^${sha256} `));
    }
  });

  it('has a README whose commands give every signed revision', () => {
    const readme = readFileSync(join(directory, 'README.txt'), 'utf8');
    const commands = [...readme.matchAll(/^ {2}(head -c .*)\n {4}([0-9a-f]{64})$/gm)];
    expect(commands).toHaveLength(2);
    for (const [, command = '', digest = ''] of commands) expect(run(command)).toContain(digest);
  });
});
