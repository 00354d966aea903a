/** `npm run test:corpus [-- --only SOURCE] [--json]`: the whole corpus, a table, one summary. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deriveFiles } from './derive.js';
import { CORPUS_CACHE, gather, readSources } from './gather.js';
import { CHECKS } from './judge.js';
import { isGood, runCorpus, summarise, type FileResult } from './run-corpus.js';

const FEWEST_FILES = 300;
const DERIVED_PER_KIND = 6;

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

const args = process.argv.slice(2);
const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : undefined;
const say = (text: string): void => void process.stderr.write(text);

const sources = readSources().filter(({ id }) => only === undefined || id === only);
const { files, missing } = await gather(sources);
for (const each of missing) say(`not to be had: ${each}\n`);
const derived = await deriveFiles(files, DERIVED_PER_KIND);
const all = [...new Map([...files, ...derived].map((file) => [file.id, file])).values()];
say(`${files.length} files of ${sources.length} packages, ${derived.length} made from them\n`);
say(`columns: ${CHECKS.join(', ')}; + no worse, - worse, ? not read before, . not signed\n`);
const results = await runCorpus(all, join(CORPUS_CACHE, 'signed'), (result) => say(line(result)));
const summary = summarise(results);
writeFileSync(
  join(CORPUS_CACHE, 'results.json'),
  `${JSON.stringify({ summary, results }, null, 1)}\n`,
);
process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
const isEnough = only !== undefined || all.length >= FEWEST_FILES;
if (!isEnough) say(`only ${all.length} files could be had; ${FEWEST_FILES} are needed\n`);
process.exitCode = isGood(summary) && isEnough ? 0 : 1;
