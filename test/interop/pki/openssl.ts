/** Runs the openssl program for interoperability tests, in a temporary directory of its own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** `describe` in a machine that has openssl; elsewhere the tests are skipped with the reason, except in CI. */
export function opensslOrSkip<T>(describe: T & { skip: T }): T {
  if (hasOpenssl) return describe;
  if (process.env['CI'] === 'true') throw new Error('openssl is missing in CI');
  console.warn('skipped: openssl is not installed');
  return describe.skip;
}

export class Openssl {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'qianyin-openssl-'));

  file(name: string): string {
    return path.join(this.directory, name);
  }

  write(name: string, content: Uint8Array | string): string {
    writeFileSync(this.file(name), content);
    return this.file(name);
  }

  read(name: string): Uint8Array {
    return new Uint8Array(readFileSync(this.file(name)));
  }

  /** Runs in the directory; throws with stderr on a status other than 0. */
  run(...args: readonly string[]): string {
    return execFileSync('openssl', args, {
      cwd: this.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'latin1',
    });
  }

  /** Runs and returns status and both outputs. */
  try(...args: readonly string[]): { status: number | null; output: string } {
    const result = spawnSync('openssl', args, { cwd: this.directory, encoding: 'latin1' });
    return { status: result.status, output: result.stdout + result.stderr };
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
