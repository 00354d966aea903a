import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  checkDocument,
  renderContract,
  type CheckFinding,
  type DocumentCheckInput,
} from '../../../../src/contract/index.js';
import { MemorySource } from '../../../../src/kernel/index.js';
import { openPdf } from '../../../../src/pdf/index.js';
import { inspectDocument } from '../../../../src/signing/index.js';
import { signPdf } from '../../../support/sign-pdf.js';
import { TestPki } from '../../../support/test-pki.js';
import { pagesPdf } from '../../../support/pdf/pages-pdf.js';
import { fonts, packagedTemplates, sampleFor } from '../sample.js';

const template = packagedTemplates.get('goods@2')!;
const data = sampleFor(template);

function check(
  pdf: Uint8Array,
  input: Omit<DocumentCheckInput, 'held'> = {},
): readonly CheckFinding[] {
  const document = openPdf(new MemorySource(pdf), { mode: 'lenient' });
  return checkDocument(document, { ...input, held: inspectDocument(document, []).findings });
}

const codesOf = (...args: Parameters<typeof check>): readonly string[] =>
  check(...args).map(({ code }) => code);
const page = (content: string, entries = '', catalog = '') =>
  pagesPdf([{ content: `BT /F1 12 Tf 72 700 Td (${content}) Tj ET`, entries }], catalog);
const link = (uri: string) =>
  `/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(${uri})>>>>]`;
const field = (type: string) =>
  `/AcroForm<</Fields[4 0 R]>>|<</FT/${type}/T(F)/Subtype/Widget/Rect[0 0 0 0]>>`;
const withField = (type: string) => {
  const [catalog = '', body = ''] = field(type).split('|');
  return pagesPdf([{ entries: '/Annots[4 0 R]' }], catalog, { 4: body });
};

describe('checkDocument of documents of others', () => {
  const cases: readonly (readonly [code: string, trips: Uint8Array, passes: Uint8Array])[] = [
    [
      'active-content',
      page('x', '', '/OpenAction<</S/JavaScript/JS(app.alert(1))>>'),
      page('x', '', '/OpenAction[10 0 R/Fit]'),
    ],
    [
      'link-present',
      page('x', link('http://shop.example.com')),
      page('x', link('http://www.ccgp.gov.cn')),
    ],
    ['link-present', page('see http://a.example.com/b'), page('see a b')],
    ['form-field-present', withField('Tx'), withField('Sig')],
    ['placeholder-left', page('No. ____'), page('No. __')],
    ['personal-data', page('11010519491231002X'), page('110105194912310021')],
    ['text-absent', pagesPdf([{}]), page('x')],
  ];
  it.each(cases)('%s', (code, trips, passes) => {
    const input = code === 'text-absent' ? { data } : {};
    expect(codesOf(trips, input)).toContain(code);
    expect(codesOf(passes, input)).not.toContain(code);
  });

  it('oddity-present, by what it is', () => {
    const oddities = (pdf: Uint8Array) =>
      check(pdf).flatMap(({ code, textEn }) => (code === 'oddity-present' ? [textEn] : []));
    const elsewhere =
      '/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/GoToR/F(b.pdf)/D[0/Fit]>>>>]';
    // Helvetica is not in the file, as in many files of offices: told, and to be acknowledged.
    expect(oddities(page('x'))).toEqual(['page 1: font that is not embedded (Helvetica)']);
    expect(oddities(page('x', elsewhere)).join()).toContain('link into another file');
    expect(check(page('x')).every(({ severity }) => severity === 'warning')).toBe(true);
  });

  it('signed-already and signing-forbidden, by what the signatures there allow', async () => {
    const pki = await TestPki.create();
    const signer = await pki.issue('CN=甲,O=甲,C=CN');
    const plain = page('x');
    const approved = codesOf(await signPdf(plain, signer));
    expect(approved).toContain('signed-already');
    expect(approved).not.toContain('signing-forbidden');
    const closed = codesOf(await signPdf(plain, signer, { certify: 1 }));
    expect(closed).toContain('signing-forbidden');
    expect(closed).not.toContain('signed-already');
    const filled = codesOf(await signPdf(plain, signer, { certify: 2 }));
    expect(filled).not.toContain('signing-forbidden');
    expect(codesOf(plain)).not.toContain('signed-already');
  });

  it('lock-before-others, where others have to sign after the field that locks', () => {
    const locking = pagesPdf([{ entries: '/Annots[4 0 R]' }], '/AcroForm<</Fields[4 0 R]>>', {
      4: '<</FT/Sig/T(F)/Subtype/Widget/Rect[0 0 0 0]/Lock<</Type/SigFieldLock/Action/All/P 1>>>>',
    });
    expect(codesOf(locking, { signatures: 2 })).toContain('lock-before-others');
    expect(codesOf(locking, { signatures: 1 })).not.toContain('lock-before-others');
    expect(codesOf(withField('Sig'), { signatures: 2 })).not.toContain('lock-before-others');
  });

  it('seal-over-text, with the page', () => {
    const pdf = page('Signed');
    const at = (yPt: number) => ({
      sealPlaces: [{ role: 'buyer' as const, pageIndex: 0, xPt: 80, yPt }],
    });
    expect(check(pdf, at(700))).toContainEqual(
      expect.objectContaining({ code: 'seal-over-text', page: 1 }),
    );
    expect(codesOf(pdf, at(600))).not.toContain('seal-over-text');
  });
});

describe('checkDocument of a document of ours', () => {
  let pdf: Uint8Array;
  let sealPlaces: NonNullable<DocumentCheckInput['sealPlaces']>;

  beforeAll(async () => {
    const rendered = await renderContract({ data, template, fonts, at: new Date(0) });
    ({ pdf, sealPlaces } = rendered);
  });

  it('finds nothing to say', () => {
    expect(check(pdf, { data, sealPlaces })).toEqual([]);
  });

  it.each([
    ['#/id', { ...data, id: 'SLCG-2026-0816' }],
    [
      '#/supplier/creditCode',
      {
        ...data,
        supplier: { ...data.supplier, creditCode: data.buyer.creditCode.replace('1', '2') },
      },
    ],
    ['#/value/amount', { ...data, value: { amount: '158400.01', currency: 'CNY' as const } }],
    [
      '#/items/2/description',
      {
        ...data,
        items: data.items.map((item, i) => (i === 2 ? { ...item, description: '打印机' } : item)),
      },
    ],
  ])('tells that %s is otherwise in the text', (pointer, changed) => {
    expect(check(pdf, { data: changed })).toContainEqual(
      expect.objectContaining({ code: 'text-differs', severity: 'error', pointer }),
    );
  });

  it('compares figures with the capitals beside them', async () => {
    const written = (special: string) =>
      renderContract({
        data: { ...data, terms: { special: [special] } },
        template,
        fonts,
        at: new Date(0),
      });
    const wrong = await written('另付￥1,409.50元（大写：人民币壹仟肆佰零玖元伍分）。');
    const right = await written('另付￥1,409.50元（大写：人民币壹仟肆佰零玖元伍角）。');
    expect(codesOf(wrong.pdf)).toContain('capitals-wrong');
    expect(codesOf(right.pdf)).not.toContain('capitals-wrong');
  }, 20_000);
});
