/**
 * `npm run bench`: the parts named, or all but those that take long, in one process; plain tables, or
 * JSON with `--json`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchFlow } from './flow/bench-flow.js';
import { filesReportText, type FilesReport } from './files-report.js';
import { reportText, type PartReport } from './report.js';
import { benchRendering } from './render/bench-rendering.js';
import { benchService } from './service/bench-service.js';
import { benchSigning } from './sign/bench-signing.js';
import { benchVerifying } from './verify/bench-verifying.js';

export interface PartOptions {
  /** Empty, and removed after the run. */
  readonly directory: string;
  readonly rounds: number;
  /** How many contracts a store is filled with, where a part asks for that. */
  readonly contracts: number;
  readonly progress: (line: string) => void;
}

type Report = PartReport | FilesReport;

const PARTS: Readonly<Record<string, (options: PartOptions) => Promise<Report>>> = {
  sign: benchSigning,
  verify: benchVerifying,
  render: benchRendering,
  service: benchService,
  flow: benchFlow,
};
/** Takes an hour and much disk with the contracts of half a year: by name only. */
const BY_NAME_ONLY: readonly string[] = ['flow'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    contracts: { type: 'string', default: '1000000' },
    directory: { type: 'string', default: tmpdir() },
    keep: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const contracts = Number(values.contracts);
const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name));
const isCount = (value: number): boolean => Number.isInteger(value) && value > 0;
if (unknown.length > 0 || !isCount(rounds) || !isCount(contracts)) {
  process.stderr.write(
    `usage: npm run bench -- [${Object.keys(PARTS).join('|')}] [--json] [--rounds N] [--contracts N] [--directory DIR] [--keep]\n`,
  );
  process.exit(64);
}

const directory = mkdtempSync(join(values.directory, 'qianyin-bench-'));
try {
  const reports: Report[] = [];
  for (const [name, run] of Object.entries(PARTS)) {
    const isAsked =
      positionals.length > 0 ? positionals.includes(name) : !BY_NAME_ONLY.includes(name);
    if (!isAsked) continue;
    const progress = (line: string): void => void process.stderr.write(`${name}: ${line}\n`);
    const report = await run({ directory: join(directory, name), rounds, contracts, progress });
    reports.push(report);
    if (values.json) continue;
    process.stdout.write('tables' in report ? filesReportText(report) : reportText(report));
  }
  if (values.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
} finally {
  if (values.keep) process.stderr.write(`kept: ${directory}\n`);
  else rmSync(directory, { recursive: true, force: true });
}
