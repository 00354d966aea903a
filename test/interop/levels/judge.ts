/** pyHanko's word on the level of files, from the files alone. */
import { spawnSync } from 'node:child_process';

const SCRIPT = new URL('pyhanko_levels.py', import.meta.url).pathname;

export interface LevelJob {
  /** `lta`: archived; `time`: with a time-stamp; `later`: archived, in so many days. */
  readonly do: 'lta' | 'time' | 'later';
  readonly in: string;
  readonly days?: number;
  /** Lists that are known besides the file. */
  readonly crls?: readonly string[];
  /** Whether the evidence in the file's store is known. */
  readonly store?: boolean;
}

/** One verdict for each signature of each job. @throws Error where pyHanko does not run */
export function judgeLevels(rootPem: string, jobs: readonly LevelJob[]): readonly string[] {
  const ran = spawnSync(process.env['PYHANKO_PYTHON'] ?? '', [SCRIPT], {
    input: JSON.stringify(jobs.map((job) => ({ ...job, root: rootPem }))),
    encoding: 'utf8',
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout) as readonly string[];
}
