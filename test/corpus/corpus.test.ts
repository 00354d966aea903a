/** A fixed sample of the corpus, small packages only; `npm run test:corpus` runs the whole. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { deriveFiles } from './derive.js';
import { CORPUS_CACHE, gather, readSources, type CorpusFile } from './gather.js';
import { runCorpus, summarise, type CorpusSummary } from './run-corpus.js';

/** Small to fetch, and of every kind: broken on purpose, made by many products, signed. */
const SAMPLE_SOURCES = ['pikepdf', 'pypdf', 'pdf-merger-js', 'pdf-extract'];
const TAKEN_OF_EACH = 8;
const DERIVED_PER_KIND = 1;

describe('a sample of the PDFs that are out there', () => {
  let files: readonly CorpusFile[] = [];
  let summary: CorpusSummary | undefined;

  beforeAll(async () => {
    const sources = readSources().filter(({ id }) => SAMPLE_SOURCES.includes(id));
    const gathered = await gather(sources);
    if (gathered.files.length === 0) {
      if (process.env['CI'] === 'true') throw new Error('the corpus cannot be had in CI');
      console.log('skipped: the corpus cannot be had from here');
      return;
    }
    const taken = SAMPLE_SOURCES.flatMap((id) =>
      gathered.files.filter(({ source }) => source === id).slice(0, TAKEN_OF_EACH),
    );
    files = [...taken, ...(await deriveFiles(taken, DERIVED_PER_KIND))];
    const work = join(CORPUS_CACHE, 'sample');
    summary = summarise(
      await runCorpus(files, { work, byCommand: new Set(), lanes: 1, onResult: () => undefined }),
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
