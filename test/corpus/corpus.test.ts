/** A fixed sample of the corpus; `npm run test:corpus` runs the whole. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { deriveFiles } from './derive.js';
import { CORPUS_CACHE, gather, readSources, type CorpusFile } from './gather.js';
import { runCorpus, summarise, type CorpusSummary } from './run-corpus.js';
import { makeFiles } from './tool-made.js';

/** Small to fetch, from every kind of place, and of every kind: broken on purpose, of many products, signed. */
const SAMPLE_SOURCES = [
  'pikepdf',
  'pypdf',
  'maroto',
  'dslipak',
  'dss',
  'pdf-merger-js',
  'scissors',
];
const TAKEN_OF_EACH = 4;
const DERIVED_PER_KIND = 1;
const MADE = ['gs-1.7', 'gs-pdfa-2b', 'cairo-svg', 'groff-gs', 'poppler-cairo', 'qpdf-pages-twice'];

describe('a sample of the PDFs that are out there', () => {
  let files: readonly CorpusFile[] = [];
  let summary: CorpusSummary | undefined;

  beforeAll(async () => {
    const sources = readSources().filter(({ id }) => SAMPLE_SOURCES.includes(id));
    const gathered = await gather(sources);
    const made = await makeFiles(MADE);
    const missing = [...gathered.missing, ...made.missing];
    if (missing.length > 0) console.log(`skipped: not to be had: ${missing.join(', ')}`);
    if (gathered.files.length === 0) {
      if (process.env['CI'] === 'true') throw new Error('the corpus cannot be had in CI');
      return;
    }
    const taken = SAMPLE_SOURCES.flatMap((id) =>
      gathered.files.filter(({ source }) => source === id).slice(0, TAKEN_OF_EACH),
    );
    files = [...taken, ...made.files, ...(await deriveFiles(taken, DERIVED_PER_KIND))];
    summary = summarise(
      await runCorpus(files, {
        work: join(CORPUS_CACHE, 'sample'),
        byCommand: new Set(taken.slice(0, 1).map(({ id }) => id)),
        lanes: 2,
        onResult: () => undefined,
      }),
    );
  }, 600_000);

  it('is signed twice, and no judge finds it worse', () => {
    if (summary === undefined) return;
    expect(summary.faults).toEqual([]);
    expect(summary.unexplained).toEqual([]);
    expect(summary.crashed + summary.hung).toBe(0);
    expect(summary.signedTwice).toBeGreaterThan(files.length * 0.8);
    expect(summary.checks.pdfsig.ok).toBeGreaterThan(summary.signedTwice * 0.9);
  });
});
