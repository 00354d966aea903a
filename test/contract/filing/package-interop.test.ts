/** The package with other people's tools: the very commands of its README. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { buildPackage } from '../../../src/filing/index.js';
import { TRUST_DIRECTORY, ecKey, packageContents } from '../../unit/filing/package-contents.js';
import { SIGNED_DOCUMENT, signedContract } from '../../unit/filing/signed-contract.js';

const NEEDED = ['unzip', 'sha256sum', 'openssl', 'head', 'pdfsig', 'python3'];
const missing = NEEDED.filter((tool) => spawnSync('which', [tool]).status !== 0);
if (missing.length > 0 && process.env['CI'] !== 'true') {
  console.log(`skipped: package interop, missing ${missing.join(' ')}`);
}
const tools = missing.length > 0 && process.env['CI'] !== 'true' ? describe.skip : describe;

const zip = buildPackage(await packageContents(signedContract(), ecKey()));

tools('the package', () => {
  const directory = mkdtempSync(join(tmpdir(), 'package-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const run = (command: string): string =>
    execFileSync('sh', ['-c', command], {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  writeFileSync(join(directory, 'package.zip'), zip);
  for (const name of readdirSync(join(TRUST_DIRECTORY, 'anchors'))) {
    cpSync(join(TRUST_DIRECTORY, 'anchors', name), join(directory, 'ROOT.pem'));
  }

  it('is a zip that unzip finds sound and unpacks', () => {
    expect(run('unzip -t package.zip')).toContain('No errors detected');
    run('unzip -q package.zip');
    expect(new Uint8Array(readFileSync(join(directory, 'contract.pdf')))).toEqual(SIGNED_DOCUMENT);
  });

  it('has digests in the manifest that openssl finds too', () => {
    const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as {
      files: { name: string; sha256: string }[];
    };
    for (const { name, sha256 } of manifest.files) {
      expect(run(`openssl dgst -sha256 -r ${name}`)).toMatch(new RegExp(`^${sha256} `));
    }
  });

  /** Lines of the README that start a command, with what belongs to it. */
  function commands(): readonly string[] {
    const readme = readFileSync(join(directory, 'README.txt'), 'utf8');
    const [, chinese = ''] = /二、([^]*)以上各步/.exec(readme) ?? [];
    return [
      ...chinese.matchAll(/^ {2}(?:python3[^]*?\n {2}EOF|(?:sha256sum|openssl|pdfsig|head) .*)$/gm),
    ].map(([text]) => text.replace(/^ {2}/gm, ''));
  }

  /** Part of the output that says that all is well. */
  const SAYS: readonly (readonly [start: string, success: RegExp])[] = [
    ['sha256sum', /contract.pdf: OK\n[^]*manifest.sig: OK/],
    ['openssl pkeyutl', /Signature Verified Successfully/],
    ['pdfsig', /Signature is Valid[^]*Signature is Valid/],
    ['head', /^[0-9a-f]{64} /],
    ['openssl verify', /: OK/],
    ['openssl dgst', /Verified OK/],
    ['python3', /^6 audit entries proved/],
  ];

  it('has a README whose commands all work as written', () => {
    expect(commands().map((command) => command.split(' ').slice(0, 2).join(' '))).toEqual([
      'sha256sum -c',
      'openssl pkeyutl',
      'pdfsig -nocert',
      'head -c',
      'head -c',
      'openssl verify',
      'openssl verify',
      'openssl dgst',
      'python3 -',
    ]);
    for (const command of commands()) {
      const [, success] = SAYS.find(([start]) => command.startsWith(start)) ?? [];
      expect([command, run(command)]).toEqual([command, expect.stringMatching(success ?? /^$/)]);
    }
  });

  it('gives every signed revision', () => {
    const readme = readFileSync(join(directory, 'README.txt'), 'utf8');
    const pairs = [...readme.matchAll(/^ {2}(head -c .*)\n {4}([0-9a-f]{64})$/gm)];
    expect(pairs).toHaveLength(2);
    for (const [, command = '', digest = ''] of pairs) expect(run(command)).toContain(digest);
  });

  it.each([
    ['sha256sum', 'metadata.json'],
    ['openssl pkeyutl', 'manifest.json'],
    ['openssl dgst', 'audit/checkpoint.json'],
    ['python3', 'audit/entries.jsonl'],
    ['python3', 'audit/proofs.json'],
  ])('fails by %s where %s was altered', (start, file) => {
    const command = commands().find((each) => each.startsWith(start)) ?? '';
    const path = join(directory, file);
    const kept = readFileSync(path);
    // A digit of a time or a hash, so that it still reads as JSON.
    const altered = kept.toString('latin1').replace(/[0-8](?=[^0-9]*$)/, '9');
    writeFileSync(path, Buffer.from(altered, 'latin1'));
    try {
      expect(() => run(command)).toThrow();
    } finally {
      writeFileSync(path, kept);
    }
  });
});
