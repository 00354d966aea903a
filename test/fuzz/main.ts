/**
 * Mutates signed files and watches the verifier: it neither crashes nor hangs, it passes nothing that
 * was changed inside the signed bytes, and nothing that other programs show otherwise than it was signed.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isAppError } from '../../src/kernel/index.js';
import { verifyPdf, type VerificationReport } from '../../src/verification/index.js';
import { landmarks } from '../attacks/forgery.js';
import { formPdf } from '../attacks/shadow.js';
import { samplePdf } from '../support/contract-pdf.js';
import { signPdf } from '../support/sign-pdf.js';
import { TestPki } from '../support/test-pki.js';
import { trustOf } from '../support/trust.js';
import { MUTATIONS } from './mutations.js';
import { Random } from './random.js';
import { rendering, type Rendering } from './rendering.js';

const LONGEST_MS = 2000;
const at = new Date('2026-11-23T00:00:00Z');

/** Looks that a permitted change may add; whether they hide something is for the attacks to try. */
const VISIBLE = /\((?:signature|form-filling|annotation)\b/;

interface Seed {
  readonly name: string;
  readonly pdf: Uint8Array;
  /** Spans that some signature covers; undefined where the file is not one of ours. */
  readonly signed: readonly (readonly [start: number, end: number])[];
  rendering: Rendering | undefined;
}

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    corpus: { type: 'string' },
    out: { type: 'string', default: '.qianyin/fuzz' },
  },
});

const pki = await TestPki.create();
const trust = trustOf(pki);
const random = new Random(Number(flags.seed));
const seeds = await makeSeeds();
const found = new Map<string, number>();
const verdicts = new Map<string, number>();
let executions = 0;
let rendered = 0;
const end = performance.now() + Number(flags.minutes) * 60_000;
while (performance.now() < end) await once();

const tally = [...verdicts].sort(([, a], [, b]) => b - a);
process.stdout.write(`${executions} executions, ${rendered} rendered and compared\n`);
for (const [verdict, count] of tally) process.stdout.write(`  ${verdict}: ${count}\n`);
for (const [finding, count] of found) process.stdout.write(`FOUND ${finding}: ${count}\n`);
process.exitCode = found.size === 0 ? 0 : 1;

async function makeSeeds(): Promise<Seed[]> {
  const one = await pki.issue('CN=甲,O=示例市财政局,C=CN', { key: 'P-256' });
  const two = await pki.issue('CN=乙,O=示例供应商,C=CN', { key: 'P-256' });
  const plain = await samplePdf();
  const signed = await signPdf(plain, one);
  const files: readonly (readonly [string, Uint8Array])[] = [
    ['once', signed],
    ['twice', await signPdf(signed, two)],
    ['certified 1', await signPdf(plain, one, { certify: 1 })],
    ['certified 2', await signPdf(plain, one, { certify: 2 })],
    ['certified 3', await signPdf(plain, one, { certify: 3 })],
    ['compressed', await signPdf(await samplePdf({ useObjectStreams: true }), one)],
    ['form', await signPdf(formPdf(plain), one)],
  ];
  const own = files.map(([name, pdf]) => ({
    name,
    pdf,
    signed: name === 'compressed' ? [] : lastSpans(pdf),
    rendering: undefined,
  }));
  const directory = flags.corpus;
  const others = (directory === undefined ? [] : readdirSync(directory))
    .filter((name) => name.endsWith('.pdf'))
    .map((name) => ({
      name,
      pdf: new Uint8Array(readFileSync(join(directory ?? '', name))),
      signed: [],
      rendering: undefined,
    }));
  return [...own, ...others];
}

/** What the last signature covers: all but its own hole. */
function lastSpans(pdf: Uint8Array): readonly (readonly [number, number])[] {
  const count = Buffer.from(pdf).toString('latin1').split('/ByteRange').length - 1;
  const [, b, c, d] = landmarks(pdf, count - 1).range;
  return [
    [0, b],
    [c, c + d],
  ];
}

async function once(): Promise<void> {
  const seed = random.pick(seeds);
  let pdf = seed.pdf;
  try {
    for (let i = random.below(3); i >= 0; i--) pdf = random.pick(MUTATIONS)(pdf, random);
  } catch (error) {
    // A mutation that needs to read what another made unreadable.
    if (!isAppError(error) && !(error instanceof Error)) throw error;
  }
  executions++;
  const start = process.cpuUsage();
  let verdict: string;
  try {
    const report = await verifyPdf(pdf, { fileName: 'fuzz.pdf', trust, at });
    verdict = report.indication;
    judgePass(seed, pdf, report);
  } catch (error) {
    verdict = isAppError(error) ? error.code : 'crash';
    if (verdict === 'crash') note(`crash: ${String(error)}`, pdf);
  }
  const { user, system } = process.cpuUsage(start);
  if (user + system > LONGEST_MS * 1000 && verdict !== 'TOTAL-PASSED') note('hang', pdf);
  verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
}

function judgePass(seed: Seed, pdf: Uint8Array, report: VerificationReport): void {
  if (report.indication !== 'TOTAL-PASSED' || Buffer.from(pdf).equals(Buffer.from(seed.pdf)))
    return;
  const isChanged = seed.signed.some(
    ([from, to]) =>
      !Buffer.from(pdf.subarray(from, to)).equals(Buffer.from(seed.pdf.subarray(from, to))),
  );
  if (isChanged) note('passed, changed inside the signed bytes', pdf);
  const details = report.signatures.flatMap(({ changesAfter }) => changesAfter.details);
  if (details.some((detail) => VISIBLE.test(detail))) return;
  seed.rendering ??= rendering(seed.pdf);
  const now = rendering(pdf);
  rendered++;
  for (const [program, digest] of now) {
    if (seed.rendering.get(program) !== digest) note(`passed, shown otherwise by ${program}`, pdf);
  }
}

function note(finding: string, pdf: Uint8Array): void {
  found.set(finding, (found.get(finding) ?? 0) + 1);
  mkdirSync(flags.out, { recursive: true });
  const digest = createHash('sha256').update(pdf).digest('hex').slice(0, 16);
  writeFileSync(join(flags.out, `${finding.replace(/\W+/g, '-').slice(0, 60)}-${digest}.pdf`), pdf);
}
