/** A run's tables, as docs/corpus.md shows them. */
import type { CorpusSource } from './gather.js';
import { CHECKS } from './judge.js';
import type { CorpusSummary, FileResult } from './run-corpus.js';

export function reportTables(
  sources: readonly CorpusSource[],
  results: readonly FileResult[],
  summary: CorpusSummary,
): string {
  const refused = Object.values(summary.refused).reduce((sum, count) => sum + count, 0);
  const worse = results.filter(({ verdicts }) =>
    Object.values(verdicts ?? {}).some((verdict) => typeof verdict !== 'string'),
  ).length;
  return [
    table(
      ['outcome', 'files'],
      [
        ['checked', summary.files],
        ['signed twice', summary.signedTwice],
        ['… with a contract seal each', summary.seals.contract],
        ['… with a small seal each (page too small)', summary.seals.small],
        ['… without a seal (page smaller yet)', summary.seals.none],
        ['… of them worse by any judge', worse],
        ['refused, with a code', refused],
        ['crashed', summary.crashed],
        ['hung', summary.hung],
      ],
    ),
    table(
      ['judge', 'no worse', 'cannot read the original', 'worse'],
      CHECKS.map((check) => {
        const { ok, unread, fault } = summary.checks[check];
        return [check, ok, unread, fault];
      }),
    ),
    table(
      ['refused with', 'files'],
      Object.entries(summary.refused).sort((a, b) => b[1] - a[1]),
    ),
    table(
      ['source', 'version', 'licence', 'files', 'signed twice', 'refused'],
      [...sources.map(({ id, version, licence }) => [id, version, licence] as const), MADE, DERIVED]
        .map(([id, version, licence]) => {
          const own = results.filter(({ source }) => source === id);
          const signed = own.filter(({ verdicts }) => verdicts !== undefined).length;
          const no = own.filter((each) => each.refused !== undefined).length;
          return [id, version, licence, own.length, signed, no] as const;
        })
        .filter(([, , , files]) => files > 0),
    ),
  ].join('\n');
}

const MADE = ['made', 'of the machine', '–'] as const;
const DERIVED = ['derived', '–', 'of their originals'] as const;

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}
