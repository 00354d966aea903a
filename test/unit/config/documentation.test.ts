import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { settingsTable } from '../../../src/config/index.js';

it('has every setting in the documentation (npm run docs)', () => {
  expect(readFileSync('docs/configuration.md', 'utf8')).toContain(settingsTable());
});
