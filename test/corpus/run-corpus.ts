/** Signs every file it is given twice, has the result judged, and sums up. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createCliRuntime, runCli } from '../../src/app/index.js';
import type { CorpusFile } from './gather.js';
import { CHECKS, judge, type Check, type Verdict } from './judge.js';
import { signByCommand } from './sign-by-command.js';
import { signAll, type SignOutcome } from './sign-pool.js';
import { PIN, type SealKind, type SignRequest } from './signing-steps.js';

export interface FileResult {
  readonly id: string;
  readonly source: string;
  readonly name: string;
  readonly milliseconds?: number;
  /** What is seen of the signatures. */
  readonly seal?: SealKind;
  /** Code of the refusal, or of the second signature's. */
  readonly refused?: string;
  readonly failure?: 'hang' | 'crash';
  readonly verdicts?: Readonly<Record<Check, Verdict>>;
}

export interface CorpusSummary {
  readonly files: number;
  readonly signedTwice: number;
  /** Of those: what is seen of the signatures. */
  readonly seals: Readonly<Record<SealKind, number>>;
  readonly refused: Readonly<Record<string, number>>;
  readonly crashed: number;
  readonly hung: number;
  /** Of those signed twice: how many each judge passed, could not read before, or found worse. */
  readonly checks: Readonly<Record<Check, { ok: number; unread: number; fault: number }>>;
  /** Refusals that say nothing of the file: our own fault. */
  readonly unexplained: readonly string[];
  readonly faults: readonly string[];
}

const SIGNER = 'Corpus';
/** A refusal with one of these is not the file's fault. */
const OWN_FAULTS: ReadonlySet<string> = new Set(['internal', 'signature-not-verified']);

export interface CorpusRun {
  /** Folder for the signed files; emptied first. */
  readonly work: string;
  /** Ids of files that are signed by spawning the built command; the others by its code in a worker. */
  readonly byCommand: ReadonlySet<string>;
  /** Each keeps one processor busy: signing, or a judge. */
  readonly lanes: number;
  readonly onResult: (result: FileResult) => void;
}

export async function runCorpus(
  files: readonly CorpusFile[],
  { work, byCommand, lanes, onResult }: CorpusRun,
): Promise<readonly FileResult[]> {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const p12 = await makeKey(work);
  const byId = new Map(files.map((file) => [file.id, file]));
  const results: FileResult[] = [];
  const requests = files.map(({ id, path }) => ({
    id,
    input: path,
    once: join(work, `${id}.1.pdf`),
    twice: join(work, `${id}.2.pdf`),
    p12,
    // The policy is tested elsewhere; here every document that can be signed is.
    options: ['--allow', 'all'],
  }));
  const requestOf = new Map(requests.map((request) => [request.id, request]));
  const onOutcome = async (outcome: SignOutcome): Promise<void> => {
    const result = await resultOf(byId.get(outcome.id)!, requestOf.get(outcome.id)!, outcome);
    results.push(result);
    onResult(result);
  };
  for (const request of requests) {
    if (byCommand.has(request.id)) await onOutcome(await signByCommand(request));
  }
  await signAll(
    requests.filter(({ id }) => !byCommand.has(id)),
    lanes,
    onOutcome,
  );
  return results;
}

async function resultOf(
  { id, source, name }: CorpusFile,
  { input, once, twice }: SignRequest,
  outcome: SignOutcome,
): Promise<FileResult> {
  const common = { id, source, name };
  if ('failure' in outcome) return { ...common, failure: outcome.failure };
  const { milliseconds, refusal, seal } = outcome;
  if (refusal !== undefined) return { ...common, milliseconds, refused: refusal.code };
  const verdicts = await judge({ original: input, once, twice, signer: SIGNER, seal });
  const isClean = Object.values(verdicts).every((verdict) => typeof verdict === 'string');
  // What was found worse is kept to be looked at.
  if (isClean) for (const each of [once, twice]) rmSync(each, { force: true });
  return { ...common, milliseconds, seal, verdicts };
}

/** A development PKI's key, as the command line makes it. */
async function makeKey(work: string): Promise<string> {
  const runtime = createCliRuntime({
    env: { ...PIN },
    version: '0',
    isInteractive: false,
    untilStopped: () => Promise.resolve(),
  });
  const pki = join(work, 'pki');
  const p12 = join(work, 'key.p12');
  const subject = `CN=${SIGNER},O=Test,C=CN`;
  for (const args of [
    ['pki', 'init', '--out', pki],
    ['pki', 'issue', '--pki', pki, '--subject', subject, '--p12', p12],
  ]) {
    let said = '';
    const note = (text: string): void => void (said += text);
    const status = await runCli(args, runtime, { stdout: note, stderr: note });
    if (status !== 0) throw new Error(`${args.join(' ')}: ${said}`);
  }
  return p12;
}

export function summarise(results: readonly FileResult[]): CorpusSummary {
  const refused: Record<string, number> = {};
  const checks = Object.fromEntries(
    CHECKS.map((check) => [check, { ok: 0, unread: 0, fault: 0 }]),
  ) as Record<Check, { ok: number; unread: number; fault: number }>;
  const faults: string[] = [];
  const seals = { contract: 0, small: 0, none: 0 };
  for (const { id, name, seal, refused: code, verdicts } of results) {
    if (code !== undefined) refused[code] = (refused[code] ?? 0) + 1;
    if (verdicts === undefined || seal === undefined) continue;
    seals[seal]++;
    for (const check of CHECKS) {
      const verdict = verdicts[check];
      checks[check][typeof verdict === 'string' ? verdict : 'fault']++;
      if (typeof verdict !== 'string') faults.push(`${name} (${id}): ${check}: ${verdict.fault}`);
    }
  }
  return {
    files: results.length,
    signedTwice: results.filter((each) => each.verdicts !== undefined).length,
    seals,
    refused,
    crashed: results.filter((each) => each.failure === 'crash').length,
    hung: results.filter((each) => each.failure === 'hang').length,
    checks,
    unexplained: results
      .filter(({ refused: code }) => code !== undefined && OWN_FAULTS.has(code))
      .map(({ name, id, refused: code }) => `${name} (${id}): ${code ?? ''}`),
    faults,
  };
}

export function isGood(summary: CorpusSummary): boolean {
  const { crashed, hung, unexplained, faults } = summary;
  return crashed === 0 && hung === 0 && unexplained.length === 0 && faults.length === 0;
}
