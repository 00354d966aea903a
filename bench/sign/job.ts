/** One kind of work on one file, done in a process of its own so that its memory can be told. */

export const WORKS = {
  token: 'C_Sign alone',
  floor: 'floor: SHA-256, one C_Sign, copy',
  floorSynced: 'floor, copy synced',
  oursInMemory: 'ours in memory, not verified',
  oursInMemoryVerified: 'ours in memory, verified',
  ours: 'ours file to file, not verified, synced',
  oursVerified: 'ours file to file, verified, synced',
  signpdf: '@signpdf/signpdf + placeholder-plain',
  libpdf: '@libpdf/core',
  pyhanko: 'pyHanko',
  oursProcess: 'ours: qianyin sign, whole process',
  pyhankoProcess: 'pyHanko: whole process',
} as const;

export type Work = keyof typeof WORKS;

export interface Job {
  readonly work: Work;
  readonly input: string;
  readonly output: string;
  readonly certificate: string;
  readonly modulePath: string;
  readonly label: string;
  /** Runs before the first that counts. */
  readonly warmUp: number;
  readonly repeats: number;
}

export interface JobResult {
  readonly milliseconds: readonly number[];
  /** Processor time of each, all threads. */
  readonly cpuMilliseconds: readonly number[];
  readonly peakBytes: number;
}
