import { expect, it } from '@jest/globals';
import { parseChangelog, readFeatureAnnouncements } from '../../../src/app/changelog.js';

it('tells what is new by version and kind, Chinese first', () => {
  const text = [
    '# Changelog',
    '- not an item of a version',
    '## [Unreleased]',
    '### Added',
    '- 补充合同：`supplementTo`。 / Supplementary agreements ([why](docs/x.md)).',
    '## [0.2.0] - 2026-11-01',
    '### Fixed',
    '- Only English / with a stroke.',
  ].join('\n');
  expect(parseChangelog(text)).toEqual([
    {
      version: 'Unreleased',
      releasedOn: null,
      kind: 'added',
      text: '补充合同：supplementTo。',
      textEn: 'Supplementary agreements (why).',
    },
    {
      version: '0.2.0',
      releasedOn: '2026-11-01',
      kind: 'fixed',
      text: 'Only English / with a stroke.',
      textEn: 'Only English / with a stroke.',
    },
  ]);
});

it('reads the changelog of this package', () => {
  const items = readFeatureAnnouncements();
  expect(items.length).toBeGreaterThan(20);
  expect(items.some(({ text, textEn }) => /\p{Script=Han}/u.test(text) && text !== textEn)).toBe(
    true,
  );
});
