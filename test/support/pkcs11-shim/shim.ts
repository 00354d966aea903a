/** Compiles the fault-playing PKCS#11 module and tells it what to play. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SOURCE = join(process.cwd(), 'test/support/pkcs11-shim/shim.c');
const HEADER = '/usr/include/p11-kit-1/p11-kit/pkcs11.h';

type ReturnValue =
  | 'general-error'
  | 'function-failed'
  | 'device-error'
  | 'device-memory'
  | 'device-removed'
  | 'session-handle-invalid'
  | 'session-closed'
  | 'key-handle-invalid'
  | 'operation-not-initialized'
  | 'pin-expired'
  | 'function-canceled'
  | 'host-memory';
type Ending = 'abort' | 'hang';

/** What the module plays until it is told otherwise. Names are those of the control file. */
export interface Faults {
  /** Label of the token in the slot; `undefined` where it is pulled out. */
  readonly present?: string | undefined;
  readonly slots?: 'none' | ReturnValue | Ending;
  readonly initialize?: Ending;
  readonly login?: ReturnValue | Ending;
  readonly 'sign-init'?: ReturnValue | Ending;
  /** `flip`: one wrong bit; `der`: DER where r‖s is the rule, and no room for it at first. */
  readonly sign?: ReturnValue | Ending | 'flip' | 'der';
  /** A fault is played a single time. */
  readonly once?: 'yes';
  /** Wrong PINs until the token locks, with honest flags. */
  readonly 'max-tries'?: number;
  /** `none`: no flag but CKF_LOGIN_REQUIRED, ever; `final-try`: always. */
  readonly 'token-flags'?: 'none' | 'final-try';
  readonly 'wrong-pin'?: 'general-error';
  readonly 'always-authenticate'?: 'yes';
  readonly certificates?: 'encryption-only';
}

/** Whether to run; without compiler or header the reason is printed, and in CI that is a failure. */
export function hasShimTools(): boolean {
  const hasGcc = spawnSync('gcc', ['--version'], { stdio: 'ignore' }).status === 0;
  if (hasGcc && existsSync(HEADER)) return true;
  if (process.env['CI'] === 'true') throw new Error('gcc or libp11-kit-dev is missing in CI');
  console.warn('skipped: gcc or libp11-kit-dev is not installed');
  return false;
}

export class Shim implements Disposable {
  readonly modulePath: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly #directory: string;

  /** @param targetModule - The module that is wrapped. */
  constructor(targetModule: string) {
    this.#directory = mkdtempSync(join(tmpdir(), 'qianyin-shim-'));
    this.modulePath = join(this.#directory, 'shim.so');
    const include = '-I/usr/include/p11-kit-1';
    const args = ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', include, '-o', this.modulePath];
    const built = spawnSync('gcc', [...args, SOURCE, '-ldl', '-lpthread'], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`the shim does not compile: ${built.stderr}`);
    this.environment = {
      SHIM_TARGET: targetModule,
      SHIM_CONTROL: join(this.#directory, 'control'),
      SHIM_STATE: join(this.#directory, 'state'),
    };
    this.play({});
  }

  /** Replaces everything that was played before. */
  play(faults: Faults): void {
    const lines = Object.entries(faults).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${String(value)}`],
    );
    const path = this.#path('SHIM_CONTROL');
    writeFileSync(`${path}.new`, `${lines.join('\n')}\n`);
    renameSync(`${path}.new`, path);
  }

  /** Forgets the wrong PINs, as an unlocking at the authority's counter does. */
  unlock(): void {
    rmSync(this.#path('SHIM_STATE'), { force: true });
  }

  #path(name: 'SHIM_CONTROL' | 'SHIM_STATE'): string {
    return this.environment[name] ?? '';
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
