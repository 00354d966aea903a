/** Faults of a signature that need no key are told before a PIN is asked for or used. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { samplePdf } from '../support/contract-pdf.js';
import { qianyin } from '../support/processes.js';

let directory: string;
const at = (name: string): string => join(directory, name);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'qianyin-faults-'));
  writeFileSync(at('in.pdf'), await samplePdf());
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

// No PIN is given and the key file does not exist: whoever reached them would say so instead.
it.each([
  [['--keyword', '没有这样的字'], 'pdf-text-not-found'],
  [['--at', '1,1'], 'appearance-outside-page'],
  [['--page', '999', '--at', '200,200'], 'pdf-page-out-of-range'],
])('%j: %s', (place, code) => {
  const args = ['sign', at('in.pdf'), '-o', at('out.pdf'), '--p12', at('none.p12')];
  const run = qianyin([...args, '--seal-name', '示例单位', ...place, '--json']);
  expect((JSON.parse(run.stdout) as { error: { code: string } }).error.code).toBe(code);
});
