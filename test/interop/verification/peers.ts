/** Other implementations, as the tests run them: pyHanko, poppler's pdfsig, openssl. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Openssl } from '../pki/openssl.js';

/** A Python that has pyHanko. */
const PYTHON = process.env['PYHANKO_PYTHON'] ?? '';
export const hasPyhanko =
  PYTHON !== '' && existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import pyhanko']).status === 0;
export const hasPdfsig = spawnSync('pdfsig', ['-v']).error === undefined;

/** `describe` where the tool is; elsewhere the tests are skipped with the reason. */
export function whereThereIs<T>(
  isThere: boolean,
  tool: string,
  describe: T & { readonly skip: T },
): T {
  if (isThere) return describe;
  if (process.env['CI'] === 'true' && tool === 'pdfsig')
    throw new Error(`${tool} is missing in CI`);
  console.warn(`skipped: ${tool} is not there`);
  return describe.skip;
}

export type Job = Readonly<Record<string, unknown>>;

const SCRIPT = new URL('pyhanko_jobs.py', import.meta.url).pathname;

/** Runs the jobs in one Python process. @throws Error where a job failed */
export function pyhanko(jobs: readonly Job[]): readonly unknown[] {
  const ran = spawnSync(PYTHON, [SCRIPT], { input: JSON.stringify(jobs), encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(ran.stderr);
  const results = JSON.parse(ran.stdout) as readonly unknown[];
  const failure = results
    .filter((each): each is string => typeof each === 'string')
    .find((each) => each.startsWith('failed'));
  if (failure !== undefined) throw new Error(failure);
  return results;
}

/** What a script beside this file prints. @throws Error where it fails */
export function pyhankoScript(name: string, args: readonly string[], input = ''): string {
  const script = new URL(name, import.meta.url).pathname;
  const ran = spawnSync(PYTHON, [script, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return ran.stdout;
}

/** What pdfsig says of each signature's validity. */
export function pdfsig(file: string): readonly string[] {
  const ran = spawnSync('pdfsig', ['-nocert', file], { encoding: 'utf8' });
  return [...ran.stdout.matchAll(/Signature Validation: (.*)/g)].map(([, said]) => said ?? '');
}

/** A root and a signer made by openssl, as files. */
export class OpensslPki extends Openssl {
  constructor() {
    super();
    this.write(
      'ext',
      '[ee]\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n' +
        'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' +
        '[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n',
    );
    this.run(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=Test root',
      '-keyout',
      'root.key',
      '-out',
      'root.csr',
    );
    this.run(
      'x509',
      '-req',
      '-in',
      'root.csr',
      '-signkey',
      'root.key',
      '-days',
      '30',
      '-extfile',
      'ext',
      '-extensions',
      'ca',
      '-out',
      'root.pem',
    );
    this.run(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/O=Test unit/CN=Signer',
      '-keyout',
      'ee.key',
      '-out',
      'ee.csr',
    );
    this.run(
      'x509',
      '-req',
      '-in',
      'ee.csr',
      '-CA',
      'root.pem',
      '-CAkey',
      'root.key',
      '-CAcreateserial',
      '-days',
      '30',
      '-extfile',
      'ext',
      '-extensions',
      'ee',
      '-out',
      'ee.pem',
    );
    this.run('x509', '-in', 'root.pem', '-outform', 'DER', '-out', 'root.der');
    this.run('x509', '-in', 'ee.pem', '-outform', 'DER', '-out', 'ee.der');
  }

  get rootDer(): Uint8Array {
    return this.read('root.der');
  }
}
