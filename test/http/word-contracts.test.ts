/** A contract that came as a Word document: what is seen is what is checked and signed. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pageLines } from '../../src/app/isolation/page-lines.js';
import { formatCapitals, parseYuan } from '../../src/contract/index.js';
import { sha256Hex } from '../../src/kernel/index.js';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { cell, paragraph, row, run, table, wordFile } from '../support/word-file.js';
import { signAt } from './confirmed-contract.js';
import { ServiceFixture, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
beforeAll(async () => {
  fixture = await ServiceFixture.start();
});
afterAll(() => fixture.stop());

const handler = { as: 'unit-handler' };
type Data = ReturnType<typeof sampleContractData>;

/** What the data say, as somebody writes it. */
function bodyFor(data: Data): string {
  const { buyer, supplier, items, value } = data;
  const cells = (texts: readonly string[]) => texts.map((text) => cell(paragraph(text)));
  return [
    paragraph(data.title, '<w:jc w:val="center"/>'),
    paragraph(`合同编号：${data.id}　项目编号：${data.tenderId}`),
    paragraph(`甲方：${buyer.name}（${buyer.creditCode}）`),
    paragraph(`乙方：${supplier.name}（${supplier.creditCode}）`),
    table(
      [3000, 2000],
      [
        row(cells(['品名', '金额']), '<w:tblHeader/>'),
        ...items.map(({ description, amount }) => row(cells([description, amount]))),
      ],
    ),
    paragraph(
      `合同金额：${value.amount}元，大写${formatCapitals(parseYuan(value.amount))}，见https://shop.example.com/。`,
    ),
  ].join('');
}

function upload(data: Data, docx: Uint8Array): Promise<Reply> {
  const body = new FormData();
  body.append('document', new Blob([docx]), '设备采购.docx');
  body.append('data', JSON.stringify({ data, sealPlaces: [] }));
  return fixture.call('POST', '/contracts', { ...handler, body });
}

let count = 0;
const newData = (): Data =>
  sampleContractData({ today: new Date(), number: `HT-WORD-${String(++count)}` });

describe('a Word document', () => {
  it('becomes the PDF that is shown, checked and signed', async () => {
    const data = newData();
    const docx = wordFile({ body: bodyFor(data) });
    const made = await upload(data, docx);
    expect(made).toMatchObject({
      status: 201,
      body: {
        document: {
          source: 'word',
          fileName: '设备采购.pdf',
          original: { sha256: sha256Hex(docx), fileName: '设备采购.docx', sizeBytes: docx.length },
        },
      },
    });
    const { id } = made.body;
    const pdf = await fixture.call('GET', `/contracts/${id}/document`, handler);
    expect(pageLines(pdf.bytes)[0]).toContain(data.title);
    const original = await fixture.call('GET', `/contracts/${id}/document?original=true`, handler);
    expect(sha256Hex(original.bytes)).toBe(sha256Hex(docx));

    const { findings } = (await fixture.call('POST', `/contracts/${id}/checks`, handler)).body;
    const codes = findings.map(({ code }) => code);
    expect(codes).toContain('set-from-word');
    // Found in the text of the document, since the data do not have it.
    expect(codes).toContain('link-present');
    expect(codes).not.toContain('text-differs');
    await fixture.call('POST', `/contracts/${id}/submit`, {
      ...handler,
      json: { acknowledged: codes },
    });
    await fixture.call('POST', `/contracts/${id}/confirm`, { as: 'supplier-signer' });
    for (const side of ['supplier', 'buyer'] as const) {
      expect((await signAt(fixture, id, side)).status).toBe(201);
    }
    const signed = await fixture.call('GET', `/contracts/${id}/document`, handler);
    expect(Buffer.from(signed.bytes.subarray(0, pdf.bytes.length)).equals(pdf.bytes)).toBe(true);
    const report = await fixture.call('POST', '/verifications', {
      body: signed.bytes,
      headers: { 'content-type': 'application/pdf' },
    });
    expect(report.body).toMatchObject({ indication: 'TOTAL-PASSED' });
  });

  it('that says otherwise than the data is found out', async () => {
    const data = newData();
    const docx = wordFile({ body: bodyFor(data).replaceAll(data.value.amount, '1.00') });
    const { id } = (await upload(data, docx)).body;
    const { findings } = (await fixture.call('POST', `/contracts/${id}/checks`, handler)).body;
    expect(findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['text-differs', 'capitals-wrong']),
    );
  });

  it('is refused with every place that cannot be set', async () => {
    const data = newData();
    const body = `${bodyFor(data)}${paragraph(run('另行约定', '<w:vanish/>'))}<w:p><w:r><w:drawing/></w:r></w:p>`;
    const reply = await upload(data, wordFile({ body }));
    expect([reply.status, reply.body.code]).toEqual([422, 'word-not-admitted']);
    const faults = reply.body.params?.['faults'] as readonly string[];
    expect(faults.map((each) => each.split(':')[0])).toEqual(['hidden-text', 'picture']);
    const old = await upload(data, new Uint8Array([0xd0, 0xcf, 0x11, 0xe0]));
    expect([old.status, old.body.code]).toEqual([422, 'word-unreadable']);
  });

  it('is refused where the font lacks a character of it', async () => {
    const data = newData();
    const reply = await upload(data, wordFile({ body: bodyFor(data) + paragraph('\u{10000}') }));
    expect([reply.status, reply.body.code]).toEqual([422, 'glyph-missing']);
  });
});
