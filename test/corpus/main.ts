/**
 * `npm run test:corpus [-- --only SOURCE] [--name TEXT] [--lanes N] [--take N] [--resume]`: the whole corpus, or a
 * part; a line for each file, one summary, and a report for docs/corpus.md in the cache folder.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deriveFiles } from './derive.js';
import { CORPUS_CACHE, gather, readSources, type CorpusFile } from './gather.js';
import { CHECKS } from './judge.js';
import { reportTables } from './report.js';
import { isGood, runCorpus, summarise, type FileResult } from './run-corpus.js';
import { makeFiles } from './tool-made.js';

const FEWEST_FILES = 300;
const DERIVED_PER_KIND = 4;
/** So many are signed by spawning the command. */
const SPAWNED = 8;

function line({ source, name, milliseconds, refused, failure, verdicts }: FileResult): string {
  const cells = CHECKS.map((check) => {
    const verdict = verdicts?.[check];
    if (verdict === undefined) return '.';
    return verdict === 'ok' ? '+' : verdict === 'unread' ? '?' : '-';
  }).join('');
  const said = failure ?? (refused === undefined ? 'signed twice' : `refused: ${refused}`);
  const time = `${String(milliseconds ?? 0).padStart(6)} ms`;
  return `${cells}  ${time}  ${source.padEnd(14)} ${name.slice(0, 60).padEnd(60)} ${said}\n`;
}

const digestOf = ({ id }: CorpusFile): string => id.slice(-16);

/** What an earlier run, of the same code, found of these files. */
function readResults(log: string, files: readonly CorpusFile[]): readonly FileResult[] {
  if (!existsSync(log)) return [];
  const ids = new Set(files.map(({ id }) => id));
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => JSON.parse(each) as FileResult)
    .filter(({ id }) => ids.has(id));
}

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    name: { type: 'string' },
    lanes: { type: 'string', default: '1' },
    resume: { type: 'boolean', default: false },
    take: { type: 'string' },
  },
});
const isWhole = options.only === undefined && options.name === undefined;
const say = (text: string): void => void process.stderr.write(text);

const sources = readSources();
const { files, missing } = await gather(
  options.only === undefined ? sources : sources.filter(({ id }) => id === options.only),
);
for (const each of missing) say(`not to be had: ${each}\n`);
const made = await makeFiles();
for (const each of made.missing) say(`cannot be made here: ${each}\n`);
const derived = await deriveFiles(files, DERIVED_PER_KIND);
const all = [
  ...new Map([...files, ...made.files, ...derived].map((file) => [file.id, file])).values(),
]
  .filter(
    ({ source, name }) =>
      (options.only === undefined || source === options.only) &&
      (options.name === undefined || name.includes(options.name)),
  )
  // By digest, so that the first few are of every source.
  .sort((a, b) => (digestOf(a) < digestOf(b) ? -1 : 1))
  .slice(0, options.take === undefined ? undefined : Number(options.take));
const log = join(CORPUS_CACHE, 'results.jsonl');
const earlier = options.resume ? readResults(log, all) : [];
const done = new Set(earlier.map(({ id }) => id));
say(
  `${files.length} files of ${sources.length} packages, ${derived.length} made from them, ` +
    `${made.files.length} made by programs of this machine\n`,
);
say(`columns: ${CHECKS.join(', ')}; + no worse, - worse, ? not read before, . not signed\n`);
writeFileSync(log, earlier.map((result) => `${JSON.stringify(result)}\n`).join(''));
const waiting = all.filter(({ id }) => !done.has(id));
const later = await runCorpus(waiting, {
  lanes: Number(options.lanes),
  work: join(CORPUS_CACHE, 'signed'),
  byCommand: new Set(all.slice(0, SPAWNED).map(({ id }) => id)),
  onResult: (result) => {
    appendFileSync(log, `${JSON.stringify(result)}\n`);
    say(line(result));
  },
});
const results = [...earlier, ...later];
const summary = summarise(results);
writeFileSync(join(CORPUS_CACHE, 'report.md'), reportTables(sources, results, summary));
process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
const isEnough = !isWhole || results.length >= FEWEST_FILES;
if (!isEnough) say(`only ${results.length} files could be had; ${FEWEST_FILES} are needed\n`);
process.exitCode = isGood(summary) && isEnough ? 0 : 1;
