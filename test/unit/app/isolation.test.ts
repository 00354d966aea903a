import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createIsolatedReader,
  type IsolationOptions,
  type IsolatedReader,
} from '../../../src/app/isolation/index.js';
import { verifyPdf, type VerificationReport } from '../../../src/verification/index.js';
import { childArguments } from '../../support/child-process.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { signPdf } from '../../support/sign-pdf.js';
import { TestPki } from '../../support/test-pki.js';
import { trustOf } from '../../support/trust.js';

const program = childArguments('src/app/isolation/main.ts', []);
const at = new Date('2026-11-23T00:00:00Z');
const open = (options: IsolationOptions = {}): IsolatedReader =>
  createIsolatedReader({ program, processes: 1, ...options });

let pki: TestPki;
let signed: Uint8Array;
let reader: IsolatedReader;

beforeAll(async () => {
  pki = await TestPki.create();
  signed = await signPdf(await samplePdf(), await pki.issue('CN=甲,O=示例市财政局,C=CN'));
  reader = open();
});

afterAll(() => {
  reader[Symbol.dispose]();
});

const verify = (by: IsolatedReader, provedAt?: () => Promise<Date>): Promise<VerificationReport> =>
  by.verify(signed, {
    fileName: 'a.pdf',
    trust: trustOf(pki),
    at,
    ...(provedAt === undefined ? {} : { provedAt }),
  });

describe('a file read in a process of its own', () => {
  it('gets the report that it would get here', async () => {
    const here = await verifyPdf(signed, { fileName: 'a.pdf', trust: trustOf(pki), at });
    expect(await verify(reader)).toEqual(here);
  });

  it('is told what only the service knows', async () => {
    const report = await verify(reader, () => Promise.resolve(new Date('2026-11-20T09:00:00Z')));
    expect(report.signatures[0]?.bestSignatureTime).toBe('2026-11-20T09:00:00Z');
  });

  it('has the errors of its reading', async () => {
    const garbage = reader.verify(new Uint8Array(100), { fileName: 'a', trust: trustOf(pki), at });
    await expect(garbage).rejects.toMatchObject({ code: 'pdf-not-a-pdf' });
  });

  it('has the errors of the service', async () => {
    const failing = verify(reader, () => Promise.reject(new Error('the register is away')));
    await expect(failing).rejects.toThrow('the register is away');
  });

  it('is inspected there before it is taken in', async () => {
    await expect(reader.inspect(await samplePdf(), [])).resolves.toBeDefined();
  });
});

describe('a file that takes too much', () => {
  it.each([
    ['time', { workMs: 1 }],
    ['memory', { memoryBytes: 1024 * 1024 }],
  ] as const)('%s is given up, and the next is read', async (limit, limits) => {
    using strict = open(limits);
    for (let i = 0; i < 2; i++) {
      await expect(verify(strict)).rejects.toMatchObject({
        code: 'pdf-limit-exceeded',
        params: { limit },
      });
    }
  });

  it('does not count the time that the service takes to answer', async () => {
    using patient = open({ workMs: 4000 });
    await verify(patient);
    const slow = (): Promise<Date> =>
      new Promise((resolve) => setTimeout(() => resolve(new Date('2026-11-20T09:00:00Z')), 5000));
    await expect(verify(patient, slow)).resolves.toBeDefined();
  }, 60_000);
});

describe('pages drawn for anybody', () => {
  it('are compared, and signatures without a look have no picture', async () => {
    const { pages, pagesCompared } = await reader.compare(signed, 1);
    expect([pages, pagesCompared]).toEqual([[], 2]);
    expect(await reader.drawSignatures(signed)).toEqual([]);
  });

  it('are given up where they take too much, while verification goes on', async () => {
    using strict = open({ drawing: { workMs: 1 } });
    await expect(strict.compare(signed, 1)).rejects.toMatchObject({
      code: 'pdf-limit-exceeded',
      params: { limit: 'time' },
    });
    await expect(verify(strict)).resolves.toBeDefined();
  });
});

it('turns callers away where too many wait', async () => {
  using busy = open({ queueLength: 1 });
  const answers = await Promise.allSettled([verify(busy), verify(busy), verify(busy)]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(answers[2]).toMatchObject({ reason: { code: 'unavailable' } });
});
