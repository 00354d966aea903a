/** `prepare` and `complete` by the real command line, with openssl as the key elsewhere. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { judgeLevels } from '../interop/levels/judge.js';
import { hasPyhanko, whereThereIs } from '../interop/verification/peers.js';
import { samplePdf } from '../support/contract-pdf.js';
import { freePort, qianyin, startPki, type ServerProcess } from '../support/processes.js';

let directory: string;
let port: number;
let pki: ServerProcess | undefined;
const at = (...names: string[]): string => join(directory, ...names);

/** What the commands here say with `--json`. */
interface Answer {
  readonly digestAlgorithm?: string;
  readonly signedAttributes?: string;
  readonly level?: string;
  readonly signatures?: readonly { readonly level: string }[];
  readonly error?: { readonly code: string };
}

function run(...args: string[]): Answer & { readonly status: number | null } {
  const { status, stdout, stderr } = qianyin([...args, '--json']);
  if (stdout === '') throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Answer), status };
}

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

const levelFlags = (level: string): string[] =>
  level === 'B-B'
    ? []
    : ['--level', level, '--tsa', `http://127.0.0.1:${port}/tsa`, '--trust', at('pki', 'trust')];

/** Prepares `name`.pdf and has openssl make the value. */
function prepare(name: string, kind: Kind, level: string): void {
  const prepared = run(
    'prepare',
    at('in.pdf'),
    '-o',
    at(`${name}.prepared.pdf`),
    '--cert',
    at(`${kind}.pem`),
    ...levelFlags(level),
  );
  expect([name, prepared.status]).toEqual([name, 0]);
  writeFileSync(at(`${name}.der`), Buffer.from(prepared.signedAttributes ?? '', 'base64'));
  const [message, key, value] = [at(`${name}.der`), at(`${kind}.key`), at(`${name}.sig`)];
  if (kind === 'ed25519') {
    openssl('pkeyutl', '-sign', '-rawin', '-in', message, '-inkey', key, '-out', value);
  } else {
    openssl('dgst', `-${prepared.digestAlgorithm ?? ''}`, '-sign', key, '-out', value, message);
  }
}

const complete = (name: string, level: string) =>
  run(
    'complete',
    at(`${name}.prepared.pdf`),
    '--signature',
    at(`${name}.sig`),
    '-o',
    at(`${name}.pdf`),
    ...levelFlags(level),
  );

const KINDS = {
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  ec: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ed25519: ['-algorithm', 'ED25519'],
} as const;
type Kind = keyof typeof KINDS;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'qianyin-two-step-'));
  port = await freePort();
  writeFileSync(at('in.pdf'), await samplePdf());
  run('pki', 'init', '--out', at('pki'), '--base-url', `http://127.0.0.1:${port}`);
  for (const [kind, options] of Object.entries(KINDS)) {
    openssl('genpkey', ...options, '-out', at(`${kind}.key`));
    const subject = `/CN=${kind}/O=Example/C=CN`;
    openssl('req', '-new', '-key', at(`${kind}.key`), '-subj', subject, '-out', at(`${kind}.csr`));
    run('pki', 'issue', '--pki', at('pki'), '--csr', at(`${kind}.csr`), '-o', at(`${kind}.pem`));
  }
  pki = await startPki(at('pki'), port);
}, 60_000);

afterAll(async () => {
  await pki?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const CASES: readonly (readonly [Kind, string])[] = [
  ['rsa', 'B-B'],
  ['rsa', 'B-T'],
  ['ec', 'B-LT'],
  ['rsa', 'B-LTA'],
  ['ed25519', 'B-LTA'],
];

it.each(CASES)('a value by %s completes a file at %s', (kind, level) => {
  const name = `${kind}-${level}`;
  prepare(name, kind, level);
  expect(complete(name, level)).toMatchObject({ status: 0, level });
  const report = run('verify', at(`${name}.pdf`), '--trust', at('pki', 'trust'));
  expect([report.status, report.signatures?.[0]?.level]).toEqual([0, level]);
  // The bytes that were there stay as they were.
  const [before, after] = [readFileSync(at('in.pdf')), readFileSync(at(`${name}.pdf`))];
  expect(after.subarray(0, before.length).equals(before)).toBe(true);
  expect(complete(name, level).error?.code).toBe('signing-session-used');
});

it('refuses a level that the file was not prepared for, and completes it at its own', () => {
  prepare('plain', 'ec', 'B-B');
  expect(complete('plain', 'B-T')).toMatchObject({
    status: 65,
    error: { code: 'signature-hole-too-small' },
  });
  expect(existsSync(at('plain.pdf'))).toBe(false);
  expect(complete('plain', 'B-B').status).toBe(0);
});

it('keeps nothing while the authority is down, and takes the same value when it is back', async () => {
  prepare('down', 'ec', 'B-LTA');
  await pki?.stop();
  pki = undefined;
  const failed = complete('down', 'B-LTA');
  expect(failed).toMatchObject({ status: 69, error: { code: 'tsa-unavailable' } });
  expect(existsSync(at('down.pdf'))).toBe(false);
  expect(
    run('prepare', at('in.pdf'), '-o', at('no.pdf'), '--cert', at('ec.pem'), ...levelFlags('B-T')),
  ).toMatchObject({ status: 69, error: { code: 'tsa-unavailable' } });
  pki = await startPki(at('pki'), port);
  expect(complete('down', 'B-LTA')).toMatchObject({ status: 0, level: 'B-LTA' });
});

it('keeps nothing where the certificate was revoked while the file waited', () => {
  prepare('revoked', 'rsa', 'B-LTA');
  const serial = spawnSync('openssl', ['x509', '-in', at('rsa.pem'), '-noout', '-serial'], {
    encoding: 'utf8',
  })
    .stdout.trim()
    .replace('serial=', '')
    .toLowerCase();
  run('pki', 'revoke', '--pki', at('pki'), '--serial', serial);
  const refused = complete('revoked', 'B-LTA');
  expect(refused.error?.code).toBe('certificate-revoked');
  expect(existsSync(at('revoked.pdf'))).toBe(false);
});

whereThereIs(
  hasPyhanko,
  'pyHanko',
  describe,
)('pyHanko', () => {
  it('finds the levels', () => {
    const root = at('pki', 'trust', 'anchors', 'root.pem');
    const jobs = ['rsa-B-LTA', 'ed25519-B-LTA', 'down'].map((name) => ({
      do: 'lta' as const,
      in: at(`${name}.pdf`),
    }));
    const long = { do: 'time' as const, in: at('ec-B-LT.pdf'), store: true };
    expect(judgeLevels(root, [...jobs, long])).toEqual([
      'PASSED',
      'PASSED',
      'PASSED',
      'PASSED timed',
    ]);
  });
});
