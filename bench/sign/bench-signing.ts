/**
 * Signing, ours against peers: the same files, the same key of the same token, in turns. Each job has a
 * process of its own, so that memory is its own too; what a process needs before its first signature
 * (modules, token, login) is not counted, except where the row is of the whole process.
 */
import { statSync, writeFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadResources } from '../../src/app/resources.js';
import { renderContract } from '../../src/contract/index.js';
import { systemClock } from '../../src/kernel/index.js';
import { writeScannedPdf } from '../../test/support/scanned-pdf.js';
import { ROOT, TOKEN_LABEL, openBenchPlace, type BenchPlace } from '../bench-place.js';
import type { FileRow, FilesReport, FileTable } from '../files-report.js';
import type { PartOptions } from '../main.js';
import { longContractData } from '../installation/long-contract.js';
import { median } from '../measure.js';
import { failureOf, spawnJson, spawned, type Outcome } from '../spawned.js';
import { WORKS, type Job, type JobResult, type Work } from './job.js';

interface BenchFile {
  readonly name: string;
  readonly path: string;
  readonly warmUp: number;
  readonly repeats: number;
  readonly works: readonly Work[];
}

const FILE_WORKS: readonly Work[] = [
  'floor',
  'floorSynced',
  'ours',
  'oursVerified',
  'libpdf',
  'pyhanko',
  'signpdf',
  'oursProcess',
  'pyhankoProcess',
];
const CONTRACT_WORKS: readonly Work[] = [
  'token',
  'oursInMemory',
  'oursInMemoryVerified',
  ...FILE_WORKS,
];
/** The row that peers are compared with: what the product does, its own verification included. */
const OURS: Work = 'oursVerified';
const OURS_PROCESS: Work = 'oursProcess';
const MIB = 1 << 20;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export async function benchSigning(options: PartOptions): Promise<FilesReport> {
  const { directory, rounds, progress } = options;
  progress('token, files');
  const bench = await openBenchPlace(directory);
  const files = await makeFiles(directory);
  const tables: FileTable[] = [];
  for (const file of files) {
    const outcomes = new Map<Work, Outcome<JobResult>[]>();
    for (let round = 1; round <= rounds; round++) {
      progress(`${file.name}, round ${round} of ${rounds}`);
      for (const work of file.works) {
        const known = outcomes.get(work) ?? [];
        // What failed once fails again, and may take minutes to.
        if (known.some((each) => 'failure' in each)) continue;
        outcomes.set(work, [...known, runJob(bench, file, work)]);
      }
    }
    tables.push({ file: file.name, sizeBytes: statSync(file.path).size, rows: rowsOf(outcomes) });
    rmSync(file.path);
  }
  return {
    part: 'sign',
    setting: {
      key: 'RSA-2048 on a SoftHSM token, by PKCS#11 for everybody',
      level: 'B-B (@signpdf: adbe.pkcs7.detached)',
      rounds,
      node: process.version,
    },
    tables,
  };
}

async function makeFiles(directory: string): Promise<readonly BenchFile[]> {
  const resources = loadResources();
  const { pdf, pageCount } = await renderContract({
    data: longContractData('BENCH-1', systemClock.now(), 5),
    template: resources.template('goods'),
    fonts: resources.fonts,
    at: systemClock.now(),
  });
  const contract = join(directory, 'contract.pdf');
  writeFileSync(contract, pdf);
  const scanned = (name: string, sizeBytes: number, warmUp: number, repeats: number): BenchFile => {
    const path = join(directory, `${name.replace(' ', '')}.pdf`);
    const pages = writeScannedPdf({ path, sizeBytes });
    return { name: `${name}, ${pages} scanned pages`, path, warmUp, repeats, works: FILE_WORKS };
  };
  return [
    {
      name: `contract of ${pageCount} pages`,
      path: contract,
      warmUp: 100,
      repeats: 100,
      works: CONTRACT_WORKS,
    },
    scanned('10 MB', 10 * MIB, 3, 5),
    scanned('100 MB', 100 * MIB, 1, 2),
    scanned('1 GB', 1024 * MIB, 0, 1),
  ];
}

function runJob(bench: BenchPlace, file: BenchFile, work: Work): Outcome<JobResult> {
  const { python, env } = bench;
  const output = join(bench.directory, 'out.pdf');
  const job: Job = {
    work,
    input: file.path,
    output,
    certificate: bench.certificate,
    modulePath: bench.modulePath,
    label: TOKEN_LABEL,
    warmUp: file.warmUp,
    repeats: file.repeats,
  };
  try {
    if (work === 'oursProcess') return runCommandLine(bench, job);
    if (!work.startsWith('pyhanko')) {
      return spawnJson(process.execPath, [here('run-job.js'), JSON.stringify(job)], env);
    }
    if (python === undefined) return { failure: 'failed: pyHanko is not installed' };
    const script = join(ROOT, 'bench', 'sign', 'pyhanko_sign.py');
    if (work === 'pyhanko') return spawnJson(python, [script, JSON.stringify(job)], env);
    return timed(() => {
      const once = { ...job, warmUp: 0, repeats: 1 };
      return spawnJson<JobResult>(python, [script, JSON.stringify(once)], env);
    });
  } finally {
    rmSync(output, { force: true });
  }
}

/** The wall time of a process in place of what it says of itself. */
function timed(run: () => Outcome<JobResult>): Outcome<JobResult> {
  const beganMs = performance.now();
  const outcome = run();
  const tookMs = performance.now() - beganMs;
  if ('failure' in outcome) return outcome;
  const { peakBytes } = outcome.result;
  return { result: { milliseconds: [tookMs], cpuMilliseconds: [], peakBytes } };
}

/** Makes a process tell its memory when it ends. */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(
  `import { writeFileSync } from 'node:fs';
   process.on('exit', () => {
     const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
     writeFileSync(process.env.BENCH_PEAK, JSON.stringify([maxRSS * 1024, (userCPUTime + systemCPUTime) / 1000]));
   });`,
)}`;

function runCommandLine(bench: BenchPlace, job: Job): Outcome<JobResult> {
  const told = join(bench.directory, 'peak');
  const args = ['--import', TELL_PEAK, here('../../src/bin/qianyin.js'), 'sign', job.input];
  const more = ['-o', job.output, '--token', TOKEN_LABEL, '--module', bench.modulePath];
  const env = { ...bench.env, BENCH_PEAK: told };
  const beganMs = performance.now();
  const run = spawned(process.execPath, [...args, ...more], env);
  const tookMs = performance.now() - beganMs;
  if (run.status !== 0) return { failure: failureOf(run) };
  const [peakBytes, cpuMs] = JSON.parse(readFileSync(told, 'utf8')) as [number, number];
  return { result: { milliseconds: [tookMs], cpuMilliseconds: [cpuMs], peakBytes } };
}

function rowsOf(outcomes: ReadonlyMap<Work, readonly Outcome<JobResult>[]>): readonly FileRow[] {
  const timeOf = (work: Work): number | undefined => {
    const results = succeeded(outcomes.get(work) ?? []);
    return results.length === 0
      ? undefined
      : median(results.map(({ milliseconds }) => median(milliseconds)));
  };
  const floorMs = timeOf('floor');
  return [...outcomes].map(([work, each]): FileRow => {
    const name = WORKS[work];
    const failed = each.find((one) => 'failure' in one);
    if (failed !== undefined && 'failure' in failed) return { name, failure: failed.failure };
    const results = succeeded(each);
    const medianMs = timeOf(work) ?? NaN;
    const cpu = results.flatMap(({ cpuMilliseconds }) => cpuMilliseconds);
    const oursMs = timeOf(work.endsWith('Process') ? OURS_PROCESS : OURS);
    return {
      name,
      medianMs,
      ...(cpu.length === 0 ? {} : { cpuMs: median(cpu) }),
      peakBytes: Math.max(...results.map(({ peakBytes }) => peakBytes)),
      ...(floorMs === undefined ? {} : { floorRatio: medianMs / floorMs }),
      ...(oursMs === undefined ? {} : { oursRatio: medianMs / oursMs }),
    };
  });
}

function succeeded(outcomes: readonly Outcome<JobResult>[]): readonly JobResult[] {
  return outcomes.flatMap((each) => ('result' in each ? [each.result] : []));
}
