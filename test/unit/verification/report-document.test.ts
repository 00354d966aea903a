import { beforeAll, describe, expect, it } from '@jest/globals';
import { MemorySource } from '../../../src/kernel/index.js';
import { openPdf } from '../../../src/pdf/index.js';
import { pageText } from '../../../src/pdf/text/page-text.js';
import {
  renderReport,
  verifyPdf,
  type VerificationReport,
} from '../../../src/verification/index.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { signPdf } from '../../support/sign-pdf.js';
import { TestPki } from '../../support/test-pki.js';
import { trustOf } from '../../support/trust.js';
import { fonts } from '../contract/sample.js';

const at = new Date('2026-11-23T00:00:00Z');
let sound: VerificationReport;
let altered: VerificationReport;
let unsigned: VerificationReport;

beforeAll(async () => {
  const pki = await TestPki.create();
  const supplier = await pki.issue('CN=乙,O=示例供应商,C=CN', { key: 'P-256' });
  const buyer = await pki.issue('CN=甲,O=示例市财政局,C=CN');
  const pdf = await samplePdf();
  const twice = await signPdf(await signPdf(pdf, supplier), buyer);
  const changed = twice.slice();
  changed[pdf.length - 200] = (changed[pdf.length - 200] ?? 0) ^ 1;
  const verify = (file: Uint8Array): Promise<VerificationReport> =>
    verifyPdf(file, { fileName: '合同.pdf', trust: trustOf(pki), at });
  sound = await verify(twice);
  altered = await verify(changed);
  unsigned = await verify(pdf);
});

/** All that the first page says, in the order it was written. */
function textOf(pdf: Uint8Array): string {
  const document = openPdf(new MemorySource(pdf));
  return pageText(document, document.pages.get(0))
    .map(({ text }) => text)
    .join('');
}

describe('the answer', () => {
  it('is short where all is well', () => {
    expect(sound.answer).toMatchObject({ text: '有效：所有签名均通过验证', reason: '' });
  });

  it('says why where it is not, signature by signature, the cause alone', () => {
    expect(altered.answer.text).toBe('无效：至少一个签名未通过验证');
    expect(altered.answer.reason.split('；')).toHaveLength(2);
    expect(altered.answer.reason).toContain('Signature1：');
    expect(altered.answer.reason).not.toContain('印章登记');
  });

  it('knows a file without signatures', () => {
    expect(unsigned.answer.text).toBe('文件没有签名');
  });
});

describe('the report as a document', () => {
  it('is one page for a contract with two signatures, and the same bytes every time', async () => {
    const [first, second] = [
      await renderReport({ report: sound, at, fonts }),
      await renderReport({ report: sound, at, fonts }),
    ];
    expect(Buffer.from(first).equals(Buffer.from(second))).toBe(true);
    expect(openPdf(new MemorySource(first)).pages.count).toBe(1);
  });

  it('stays one page however much was changed, and tells what is not permitted first', async () => {
    const change = {
      code: 'annotation',
      permitted: true,
      revision: 4,
      page: 1,
      place: { leftMm: 20, bottomMm: 30, widthMm: 5, heightMm: 5 },
      field: null,
      text: '增加了批注',
      textEn: 'an annotation was added',
    };
    const forbidden = { ...change, permitted: false, place: null, text: '页面内容被改动' };
    const changes = [...Array.from({ length: 40 }, () => change), forbidden];
    const [first, ...others] = sound.signatures;
    const signatures = [
      { ...first!, changesAfter: { ...first!.changesAfter, changes } },
      ...others,
    ];
    const pdf = await renderReport({ report: { ...sound, signatures }, at, fonts });
    expect(openPdf(new MemorySource(pdf)).pages.count).toBe(1);
    const text = textOf(pdf);
    expect(text).toContain('不允许：第 4 版第 1 页页面内容被改动');
    expect(text).toContain('另有 37 处');
    expect(text.indexOf('不允许')).toBeLessThan(text.indexOf('增加了批注'));
  });

  it.each([
    ['sound', () => sound, ['有效：所有签名均通过验证', '示例供应商', '示例市财政局']],
    ['altered', () => altered, ['无效：至少一个签名未通过验证', 'TOTAL-FAILED']],
    ['unsigned', () => unsigned, ['文件没有签名']],
  ] as const)('says the answer first: %s', async (_name, report, texts) => {
    const pdf = await renderReport({ report: report(), at, fonts });
    const text = textOf(pdf);
    for (const each of [...texts, report().sha256, '合同.pdf']) expect(text).toContain(each);
    expect(text.indexOf(report().answer.text)).toBeLessThan(text.indexOf(report().sha256));
  });

  it('comes about for a file whose names no font can show', async () => {
    const odd = { ...sound, file: '合同\u{1F4C4}\u0007.pdf' };
    expect(textOf(await renderReport({ report: odd, at, fonts }))).toContain('合同〓〓.pdf');
  });
});
