import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { decode } from 'fast-png';
import { assertRenderer, writePageDifferences } from '../../../../src/app/drawing/index.js';
import { MemorySource } from '../../../../src/kernel/index.js';
import { verifyPdf } from '../../../../src/verification/index.js';
import { EVIL } from '../../../attacks/attack.js';
import { landmarks, rawUpdate } from '../../../attacks/forgery.js';
import { samplePdf } from '../../../support/contract-pdf.js';
import { signPdf } from '../../../support/sign-pdf.js';
import { TestPki } from '../../../support/test-pki.js';
import { trustOf } from '../../../support/trust.js';

let directory: string;
let pki: TestPki;
let signed: Uint8Array;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'qianyin-differences-'));
  pki = await TestPki.create();
  signed = await signPdf(await samplePdf(), await pki.issue('CN=甲,O=示例市财政局,C=CN'));
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function written(pdf: Uint8Array): Promise<readonly string[]> {
  const at = new Date('2026-11-23T00:00:00Z');
  const report = await verifyPdf(pdf, { fileName: 'a.pdf', trust: trustOf(pki), at });
  return writePageDifferences(new MemorySource(pdf), report, directory);
}

it('a page that was altered is drawn as it was, as it is, and marked', async () => {
  await assertRenderer();
  const files = await written(rawUpdate(signed, new Map([[landmarks(signed).content, EVIL]])));
  expect(files.map((file) => basename(file))).toEqual([
    'a-revision2-page1-before.png',
    'a-revision2-page1-after.png',
    'a-revision2-page1-difference.png',
  ]);
  const { data } = decode(readFileSync(files[2]!));
  let marks = 0;
  for (let at = 0; at < data.length; at += 3) if (data[at] === 220 && data[at + 1] === 0) marks++;
  expect(marks).toBeGreaterThan(100);
});

it('a file that is as it was signed has none', async () => {
  expect(await written(signed)).toEqual([]);
  expect(await written(rawUpdate(signed, new Map([[500, '<</X 1>>']])))).toEqual([]);
});
