/** Work in processes of their own: their result, or why there is none. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';

export type Outcome<T> = { readonly result: T } | { readonly failure: string };

const LONGEST_MS = 300_000;

/** Runs a process that prints JSON. */
export function spawnJson<T>(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Outcome<T> {
  const run = spawned(command, args, env);
  if (run.status !== 0) return { failure: failureOf(run) };
  return { result: JSON.parse(run.stdout) as T };
}

export function spawned(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): SpawnSyncReturns<string> {
  return spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: LONGEST_MS,
    maxBuffer: 1 << 26,
  });
}

/** The line of standard error that names the fault. */
export function failureOf(run: SpawnSyncReturns<string>): string {
  if (run.error !== undefined) return `failed: ${run.error.message}`;
  if (/heap out of memory|Cannot allocate/.test(run.stderr)) return 'failed: out of memory';
  const lines = run.stderr.split('\n').map((line) => line.trim());
  const named = lines.findLast((line) => /^\S*(Error|Exception)\b/.test(line));
  return `failed: ${named ?? `status ${run.status ?? run.signal ?? ''}`}`.slice(0, 120);
}
