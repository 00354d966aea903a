/** `npm run bench`: the parts named, or all, in one process; plain tables, or JSON with `--json`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { filesReportText, type FilesReport } from './files-report.js';
import { reportText, type PartReport } from './report.js';
import { benchService } from './service/bench-service.js';
import { benchSigning } from './sign/bench-signing.js';
import { benchVerifying } from './verify/bench-verifying.js';

export interface PartOptions {
  /** Empty, and removed after the run. */
  readonly directory: string;
  readonly rounds: number;
  readonly progress: (line: string) => void;
}

type Report = PartReport | FilesReport;

const PARTS: Readonly<Record<string, (options: PartOptions) => Promise<Report>>> = {
  sign: benchSigning,
  verify: benchVerifying,
  service: benchService,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
  },
});
const rounds = Number(values.rounds);
const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(
    `usage: npm run bench -- [${Object.keys(PARTS).join('|')}] [--json] [--rounds N]\n`,
  );
  process.exit(64);
}

const directory = mkdtempSync(join(tmpdir(), 'qianyin-bench-'));
try {
  const reports: Report[] = [];
  for (const [name, run] of Object.entries(PARTS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const progress = (line: string): void => void process.stderr.write(`${name}: ${line}\n`);
    const report = await run({ directory: join(directory, name), rounds, progress });
    reports.push(report);
    if (values.json) continue;
    process.stdout.write('tables' in report ? filesReportText(report) : reportText(report));
  }
  if (values.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
