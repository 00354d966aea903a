/** Verification, ours against pyHanko and pdfsig: the same files, the same anchors, no network, in turns. */
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadResources } from '../../src/app/resources.js';
import { renderContract } from '../../src/contract/index.js';
import { MemorySource, concatBytes, systemClock } from '../../src/kernel/index.js';
import { beginSignature, finishSignature } from '../../src/pades/index.js';
import { openPdf } from '../../src/pdf/index.js';
import type { SigningKey } from '../../src/token/index.js';
import { writeScannedPdf } from '../../test/support/scanned-pdf.js';
import { ROOT, TOKEN_LABEL, openBenchPlace, type BenchPlace } from '../bench-place.js';
import type { FileRow, FilesReport, FileTable } from '../files-report.js';
import type { PartOptions } from '../main.js';
import { median } from '../measure.js';
import { longContractData } from '../installation/long-contract.js';
import type { JobResult } from '../sign/job.js';
import { openAdapterKey, signFileToFile } from '../sign/ours.js';
import { failureOf, spawnJson, spawned, type Outcome } from '../spawned.js';
import type { VerifyJob } from './run-verify.js';

const WORKS = {
  floor: 'floor: SHA-256 of the file',
  ours: 'ours',
  pyhanko: 'pyHanko',
  pdfsig: 'pdfsig, whole process, trust and changes not checked',
} as const;
type Work = keyof typeof WORKS;

interface SignedFile {
  readonly name: string;
  readonly path: string;
  readonly signatures: number;
  readonly warmUp: number;
  readonly repeats: number;
}

export async function benchVerifying(options: PartOptions): Promise<FilesReport> {
  const { directory, rounds, progress } = options;
  progress('token, signed files');
  const place = await openBenchPlace(directory);
  const files = await signedFiles(place);
  const tables: FileTable[] = [];
  for (const file of files) {
    const outcomes = new Map<Work, Outcome<JobResult>[]>();
    for (let round = 1; round <= rounds; round++) {
      progress(`${file.name}, round ${round} of ${rounds}`);
      for (const work of Object.keys(WORKS) as Work[]) {
        outcomes.set(work, [...(outcomes.get(work) ?? []), runJob(place, file, work)]);
      }
    }
    tables.push({ file: file.name, sizeBytes: statSync(file.path).size, rows: rowsOf(outcomes) });
  }
  return {
    part: 'verify',
    setting: {
      level: 'B-B',
      revocation: 'CRLs at hand, no network',
      rounds,
      node: process.version,
    },
    tables,
  };
}

async function signedFiles(place: BenchPlace): Promise<readonly SignedFile[]> {
  const { directory, modulePath, pin } = place;
  await using key = await openAdapterKey({ modulePath, label: TOKEN_LABEL, pin });
  const resources = loadResources();
  const { pdf } = await renderContract({
    data: longContractData('BENCH-1', systemClock.now(), 5),
    template: resources.template('goods'),
    fonts: resources.fonts,
    at: systemClock.now(),
  });
  const signed = async (count: number): Promise<SignedFile> => {
    const path = join(directory, `signed-${count}.pdf`);
    writeFileSync(path, await signTimes(pdf, key, count));
    const warmUp = count > 2 ? 1 : 20;
    const name = `contract with ${count} signatures, ${count + 1} revisions`;
    return { name, path, signatures: count, warmUp, repeats: warmUp };
  };
  const plain = join(directory, 'scanned.pdf');
  const large = join(directory, 'scanned-signed.pdf');
  writeScannedPdf({ path: plain, sizeBytes: 100 << 20 });
  await signFileToFile(plain, large, key, false);
  rmSync(plain);
  return [
    await signed(2),
    await signed(20),
    await signed(50),
    { name: '100 MB with 1 signature', path: large, signatures: 1, warmUp: 1, repeats: 3 },
  ];
}

async function signTimes(pdf: Uint8Array, key: SigningKey, count: number): Promise<Uint8Array> {
  let signed = pdf;
  for (let i = 0; i < count; i++) {
    const document = openPdf(new MemorySource(signed), { mode: 'lenient' });
    const claimedAt = new Date(Math.floor(systemClock.now().getTime() / 1000) * 1000);
    const pending = beginSignature(document, key, { claimedAt });
    const value = await key.sign(pending.signedAttributes, pending.scheme);
    signed = concatBytes([signed, finishSignature(pending, value)]);
  }
  return signed;
}

function runJob(place: BenchPlace, file: SignedFile, work: Work): Outcome<JobResult> {
  const { trust, python, env } = place;
  const { path: input, signatures, warmUp, repeats } = file;
  const common = { input, trust, signatures, warmUp, repeats };
  if (work === 'floor' || work === 'ours') {
    const job: VerifyJob = { ...common, work };
    const script = fileURLToPath(new URL('run-verify.js', import.meta.url));
    return spawnJson(process.execPath, [script, JSON.stringify(job)], env);
  }
  if (work === 'pdfsig') return runPdfsig(input);
  if (python === undefined) return { failure: 'failed: pyHanko is not installed' };
  const job = {
    ...common,
    anchors: filesIn(trust, 'anchors'),
    intermediates: filesIn(trust, 'intermediates'),
    crls: filesIn(trust, 'crl'),
  };
  return spawnJson(
    python,
    [join(ROOT, 'bench/verify/pyhanko_verify.py'), JSON.stringify(job)],
    env,
  );
}

function runPdfsig(input: string): Outcome<JobResult> {
  const beganMs = performance.now();
  const run = spawned('pdfsig', ['-nocert', input], {});
  const tookMs = performance.now() - beganMs;
  if (run.status !== 0) return { failure: failureOf(run) };
  return { result: { milliseconds: [tookMs], cpuMilliseconds: [], peakBytes: NaN } };
}

function filesIn(trust: string, folder: string): readonly string[] {
  return readdirSync(join(trust, folder)).map((name) => join(trust, folder, name));
}

function rowsOf(outcomes: ReadonlyMap<Work, readonly Outcome<JobResult>[]>): readonly FileRow[] {
  const resultsOf = (work: Work): readonly JobResult[] =>
    (outcomes.get(work) ?? []).flatMap((each) => ('result' in each ? [each.result] : []));
  const timeOf = (work: Work): number =>
    median(resultsOf(work).map(({ milliseconds }) => median(milliseconds)));
  return [...outcomes].map(([work, each]): FileRow => {
    const name = WORKS[work];
    const failed = each.find((one) => 'failure' in one);
    if (failed !== undefined && 'failure' in failed) return { name, failure: failed.failure };
    const results = resultsOf(work);
    const cpu = results.flatMap(({ cpuMilliseconds }) => cpuMilliseconds);
    const peakBytes = Math.max(...results.map((result) => result.peakBytes));
    return {
      name,
      medianMs: timeOf(work),
      ...(cpu.length === 0 ? {} : { cpuMs: median(cpu) }),
      ...(Number.isFinite(peakBytes) ? { peakBytes } : {}),
      floorRatio: timeOf(work) / timeOf('floor'),
      oursRatio: timeOf(work) / timeOf('ours'),
    };
  });
}
