import { describe, expect, it } from '@jest/globals';
import { parseTemplate, renderContract, templateDataSchema } from '../../../src/contract/index.js';
import { fillTemplate } from '../../../src/contract/rendering/filled-template.js';
import { fonts, packagedTemplates, sampleContract, sampleFor } from './sample.js';

const goods = packagedTemplates.get('goods@2')!;
const works = packagedTemplates.get('works@1')!;

function textOf(template = goods, data = sampleFor(template)): string {
  return JSON.stringify(fillTemplate(template, data));
}

const clause = (text: string) => ({
  ...goods,
  blocks: [
    { kind: 'article', title: '标题', content: [{ kind: 'clause', text }] },
    ...goods.blocks.filter(({ kind }) => kind === 'signatures'),
  ],
});

describe('packaged templates', () => {
  it('are there for every kind, with the old version of goods', () => {
    expect([...packagedTemplates.keys()]).toEqual([
      'framework-order@1',
      'goods@1',
      'goods@2',
      'services@1',
      'supplementary@1',
      'works@1',
    ]);
  });

  it('number articles anew in each part', () => {
    const text = textOf();
    for (const part of ['第一部分　合同协议书', '第二部分　通用条款', '第三部分　专用条款']) {
      expect(text).toContain(part);
    }
    expect(text.match(/第一条　/g)).toHaveLength(3);
  });

  it('leave out what a contract does not have', () => {
    expect(textOf()).toContain('占合同总金额的5%');
    expect(textOf(goods, sampleContract())).not.toContain('履约保证金￥');
    expect(textOf(goods, { ...sampleFor(goods), warrantyMonths: 0 })).toContain('制造商的承诺');
  });

  it('compute totals and shares', () => {
    const supplementary = packagedTemplates.get('supplementary@1')!;
    expect(textOf(supplementary)).toContain('占原合同金额的8.8%');
    expect(textOf(goods, sampleFor(goods, 100))).toContain('大写：人民币伍佰贰拾捌万元整');
  });

  it('take the words of the parties as they are', () => {
    const data = { ...sampleFor(goods), terms: { special: ['{{value.amount}}'] } };
    expect(textOf(goods, data)).toContain('5.1　{{value.amount}}');
  });

  it('refuse data that lack what they require', async () => {
    const at = new Date(0);
    await expect(
      renderContract({ data: sampleContract(), template: works, fonts, at }),
    ).rejects.toMatchObject({
      code: 'contract-data-invalid',
      params: { errors: [expect.stringContaining('#/works')] },
    });
  });

  it('describe their data by a JSON Schema with official terms and places in OCDS', () => {
    const schema = templateDataSchema(works) as {
      required: string[];
      properties: Record<string, { description: string; 'x-ocds': string }>;
    };
    expect(schema.required).toContain('works');
    expect(schema.properties['id']).toMatchObject({ description: '合同编号', 'x-ocds': 'id' });
  });
});

describe('parseTemplate', () => {
  it.each([
    ['a value that data do not have', '{{buyer.colour}}', 'buyer.colour'],
    ['an unknown format', '{{value.amount|shout}}', 'shout'],
    ['code', '{{constructor.constructor("return 1")()}}', '占位符'],
    ['the value of a row outside a table', '{{row.amount}}', 'row.amount'],
    ['a computed value nobody computes', '{{computed.profit}}', 'computed.profit'],
  ])('refuses %s', (_name, text, fault) => {
    expect(() => parseTemplate(clause(text))).toThrow(
      expect.objectContaining({
        code: 'template-invalid',
        params: { errors: expect.arrayContaining([expect.stringContaining(fault)]) },
      }),
    );
  });

  it.each([
    '{{buyer.name}}',
    '{{value.amount|yuan}}',
    '{{lot.title|or:—}}',
    '{{computed.itemsTotal}}',
  ])('admits %s', (text) => {
    expect(() => parseTemplate(clause(text))).not.toThrow();
  });

  it('admits values of its own where it declares them', () => {
    const own = clause('开竣工例会：{{extra.meeting|date}}');
    expect(() => parseTemplate(own)).toThrow(expect.objectContaining({ code: 'template-invalid' }));
    const fields = [{ key: 'meeting', label: '例会日期', type: 'date', isRequired: true }];
    const template = parseTemplate({ ...own, fields });
    const data = { ...sampleContract(), extra: { meeting: '2026-05-21' } };
    expect(textOf(template, data)).toContain('2026年5月21日');
  });

  it('wants one page to sign on', () => {
    const blocks = goods.blocks.filter(({ kind }) => kind !== 'signatures');
    expect(() => parseTemplate({ ...goods, blocks })).toThrow(
      expect.objectContaining({ code: 'template-invalid' }),
    );
  });

  it('bounds what a template makes of long values', () => {
    const long = clause(Array.from({ length: 60 }, () => '{{deliveryPlace}}').join(''));
    const blocks = [...Array.from({ length: 190 }, () => long.blocks[0]), long.blocks[1]];
    const template = parseTemplate({ ...long, blocks });
    const data = { ...sampleContract(), deliveryPlace: '路'.repeat(300) };
    expect(() => fillTemplate(template, data)).toThrow(
      expect.objectContaining({ code: 'contract-data-invalid' }),
    );
  });
});
