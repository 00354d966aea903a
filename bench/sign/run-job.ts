/** `node run-job.js JOB`: does one job of {@link Job} here and prints a {@link JobResult}. The PIN is in BENCH_PIN. */
import { createHash } from 'node:crypto';
import { closeSync, copyFileSync, fsyncSync, openSync, readFileSync, readSync } from 'node:fs';
import { Secret, systemClock } from '../../src/kernel/index.js';
import { RawToken } from '../raw-token.js';
import type { Job, JobResult, Work } from './job.js';

type Act = () => Promise<void> | void;

interface Prepared extends AsyncDisposable {
  readonly act: Act;
}

async function prepare(job: Job, pin: string): Promise<Prepared> {
  const { input, output, work } = job;
  const certificate = readFileSync(job.certificate);
  if (work.startsWith('ours')) return prepareOurs(job, pin);
  const token = new RawToken(job.modulePath, job.label, Secret.fromText(pin));
  const peers = await import('./peers.js');
  const acts: Partial<Record<Work, Act>> = {
    token: () => void token.sign(Buffer.alloc(200)),
    floor: () => floor(input, output, token, false),
    floorSynced: () => floor(input, output, token, true),
    signpdf: () => peers.signWithSignPdf(input, output, token, certificate, systemClock.now()),
    libpdf: () => peers.signWithLibPdf(input, output, token, certificate),
  };
  const act = acts[work];
  if (act === undefined) throw new Error(`${work} does not run here`);
  return {
    act,
    [Symbol.asyncDispose]() {
      token[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

async function prepareOurs(job: Job, pin: string): Promise<Prepared> {
  const { input, output, work } = job;
  const { openAdapterKey, signFileToFile, signInMemory } = await import('./ours.js');
  const key = await openAdapterKey({ ...job, pin });
  const isVerified = work === 'oursVerified' || work === 'oursInMemoryVerified';
  const pdf = work.startsWith('oursInMemory') ? new Uint8Array(readFileSync(input)) : undefined;
  return {
    act: () =>
      pdf === undefined
        ? signFileToFile(input, output, key, isVerified)
        : signInMemory(pdf, key, isVerified),
    [Symbol.asyncDispose]: () => key[Symbol.asyncDispose](),
  };
}

/** What no signer can do without: the bytes hashed, the key used, the file copied. */
function floor(input: string, output: string, token: RawToken, isSynced: boolean): void {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(1 << 18);
  const descriptor = openSync(input, 'r');
  for (let count = 1; count > 0;) {
    count = readSync(descriptor, buffer, 0, buffer.length, null);
    hash.update(buffer.subarray(0, count));
  }
  closeSync(descriptor);
  token.sign(hash.digest());
  copyFileSync(input, output);
  if (!isSynced) return;
  const copied = openSync(output, 'r+');
  fsyncSync(copied);
  closeSync(copied);
}

async function run(job: Job, pin: string): Promise<JobResult> {
  await using prepared = await prepare(job, pin);
  const { act } = prepared;
  for (let i = 0; i < job.warmUp; i++) await act();
  const milliseconds: number[] = [];
  const cpuMilliseconds: number[] = [];
  for (let i = 0; i < job.repeats; i++) {
    const cpuBefore = process.cpuUsage();
    const beganMs = performance.now();
    await act();
    milliseconds.push(performance.now() - beganMs);
    const { user, system } = process.cpuUsage(cpuBefore);
    cpuMilliseconds.push((user + system) / 1000);
  }
  return { milliseconds, cpuMilliseconds, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

const job = JSON.parse(process.argv[2] ?? '') as Job;
const result = await run(job, process.env['BENCH_PIN'] ?? '');
process.stdout.write(JSON.stringify(result));
