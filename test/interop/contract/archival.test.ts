/** Every packaged template gives PDF/A-2u with a structure and signature fields, and signing keeps it so. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCliRuntime, runCli } from '../../../src/app/index.js';
import { renderContract } from '../../../src/contract/index.js';
import { fonts, packagedTemplates, sampleFor } from '../../unit/contract/sample.js';
import { cell, paragraph, row, table, wordFile } from '../../support/word-file.js';
import { judgeArchival, veraPdfObstacle } from '../../support/verapdf/judge-archival.js';

const isCi = process.env['CI'] === 'true';
const hasPoppler = spawnSync('pdfinfo', ['-v']).error === undefined;
const obstacle = hasPoppler ? veraPdfObstacle : 'poppler-utils is not installed';
if (obstacle !== undefined && !isCi) console.warn(`skipped: ${obstacle}`);
const withTools = obstacle === undefined || isCi ? describe : describe.skip;

withTools('documents made from the packaged templates', () => {
  const names = [...packagedTemplates.keys()];
  let folder = '';
  const at = (name: string): string => join(folder, `${name}.pdf`);
  const verdicts = new Map<string, string>();

  async function qianyin(...args: readonly string[]): Promise<void> {
    let said = '';
    const note = (text: string): void => void (said += text);
    const runtime = createCliRuntime({
      env: { QIANYIN_PIN: 'archival' },
      version: '0',
      isInteractive: false,
      untilStopped: () => Promise.resolve(),
    });
    const status = await runCli(args, runtime, { stdout: note, stderr: note });
    if (status !== 0) throw new Error(`${args.join(' ')}: ${said}`);
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'qianyin-archival-'));
    for (const [name, template] of packagedTemplates) {
      const duties = { buyer: ['unit-seal', 'legal-representative'] as const };
      const data = sampleFor(template);
      const made = new Date('2026-05-12T02:00:00Z');
      const { pdf } = await renderContract({ data, template, fonts, duties, at: made });
      writeFileSync(at(name), pdf);
    }
    const [pki, p12] = [join(folder, 'pki'), join(folder, 'key.p12')];
    await qianyin('pki', 'init', '--out', pki);
    const subject = ['--subject', 'CN=签署人,O=示例科技有限公司,C=CN'];
    await qianyin('pki', 'issue', '--pki', pki, ...subject, '--p12', p12);
    const sign = ['--p12', p12, '--seal-name', '示例科技有限公司', '--field'];
    await qianyin('sign', at('goods@1'), '-o', at('once'), ...sign, 'Supplier');
    await qianyin('sign', at('once'), '-o', at('twice'), ...sign, 'Buyer');

    const head = row([cell(paragraph('品名')), cell(paragraph('金额'))], '<w:tblHeader/>');
    const sum = row([cell(paragraph('合计 100.00'), '<w:gridSpan w:val="2"/>')]);
    const text = `${paragraph('采购合同', '<w:jc w:val="center"/>')}${paragraph('标的', '<w:outlineLvl w:val="0"/>')}${table([2000, 1000], [head, sum])}`;
    writeFileSync(join(folder, 'word.docx'), wordFile({ body: text }));
    await qianyin('contract', 'render', join(folder, 'word.docx'), '-o', at('word'));

    const pairs = [...names, 'word', 'once', 'twice'].flatMap((name) =>
      ['2u', '2a', 'ua1'].map((flavour) => [flavour, name] as const),
    );
    const said = judgeArchival(pairs.map(([flavour, name]) => [flavour, at(name)]));
    pairs.forEach(([flavour, name], i) => verdicts.set(`${flavour} ${name}`, said[i] ?? ''));
  }, 300_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([...names, 'word'])('follow PDF/A-2u: %s', (name) => {
    expect(verdicts.get(`2u ${name}`)).toBe('compliant');
  });

  it.each(names)('are tagged as PDF/A-2a and PDF/UA-1 ask, and do not claim them: %s', (name) => {
    // The only rules broken are those of the claim itself, and signature fields outside the tree.
    expect(verdicts.get(`2a ${name}`)).toBe('6.6.4-3');
    expect(verdicts.get(`ua1 ${name}`)).toBe('5-1 7.18.4-1');
  });

  it('follow PDF/A-2u when both parties have sealed in their fields', () => {
    expect(verdicts.get('2u once')).toBe('compliant');
    expect(verdicts.get('2u twice')).toBe('compliant');
  });
});
