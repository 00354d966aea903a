/** A unit's own template, from hand-in to a contract that keeps the version it was made with. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pageLines } from '../../src/app/isolation/page-lines.js';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { goodsTemplate } from '../unit/contract/sample.js';
import { ServiceFixture, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
beforeAll(async () => {
  fixture = await ServiceFixture.start();
});
afterAll(() => fixture.stop());

const handler = { as: 'unit-handler' };
const newData = (number: string) => sampleContractData({ today: new Date(), number });

function handIn(version: number, words: string): Promise<Reply> {
  const [cover, ...others] = goodsTemplate.blocks;
  const blocks = [cover, { kind: 'paragraph', text: words }, ...others];
  const template = { ...goodsTemplate, id: 'school-goods', kind: 'goods', version, blocks };
  const json = { template, sample: newData('HT-SAMPLE') };
  return fixture.call('POST', '/own-templates', { ...handler, json });
}

describe('a template of a unit', () => {
  it('makes contracts once active, and a contract keeps its version', async () => {
    const first = await handIn(1, '本校约定一');
    expect(first).toMatchObject({ status: 201, body: { state: 'draft', key: 'school-goods@1' } });
    const draft = (number: string) =>
      fixture.call('POST', '/contracts', {
        ...handler,
        json: { template: 'school-goods', data: newData(number) },
      });
    expect((await draft('HT-T-0')).body.code).toBe('template-not-found');
    const activate = (reply: Reply) =>
      fixture.call('POST', `/own-templates/${reply.body.id}/activate`, {
        ...handler,
        headers: { 'if-match': reply.headers.get('etag') ?? '' },
      });
    expect(await activate(first)).toMatchObject({ status: 200, body: { state: 'active' } });
    const made = await draft('HT-T-1');
    expect(made).toMatchObject({ status: 201, body: { templateId: 'school-goods@1' } });

    const second = await handIn(2, '本校约定二');
    await activate(second);
    await fixture.call('POST', `/own-templates/${first.body.id}/retire`, handler);
    const changed = await fixture.call('PATCH', `/contracts/${made.body.id}`, {
      ...handler,
      headers: { 'if-match': made.headers.get('etag') ?? '' },
      json: { data: { ...newData('HT-T-1'), deliveryPlace: '新校区' } },
    });
    expect(changed).toMatchObject({ status: 200, body: { templateId: 'school-goods@1' } });
    const document = await fixture.call('GET', `/contracts/${made.body.id}/document`, handler);
    const text = pageLines(document.bytes).flat().join('');
    expect([text.includes('本校约定一'), text.includes('本校约定二')]).toEqual([true, false]);
    expect((await draft('HT-T-2')).body).toMatchObject({ templateId: 'school-goods@2' });

    const list = await fixture.call('GET', '/own-templates?limit=10', handler);
    expect(list.body.items.map(({ state }) => state).sort()).toEqual(['active', 'retired']);
    await fixture.service.settle();
    const log = await fixture.call('GET', '/audit/entries?limit=50', { as: 'auditor' });
    const types = log.body.items.map(({ event }) => event.type);
    expect(types).toEqual(expect.arrayContaining(['template.handed-in', 'template.retired']));
  });

  it('is its unit’s alone', async () => {
    const { items } = (await fixture.call('GET', '/own-templates', handler)).body;
    const other = { as: 'stranger-unit-handler' };
    const found = await fixture.call('GET', `/own-templates/${items[0]?.id ?? ''}`, other);
    expect([found.status, found.body.code]).toEqual([404, 'not-found']);
    expect((await fixture.call('GET', '/own-templates', other)).body.items).toEqual([]);
  });

  it('with faults is refused with all of them', async () => {
    const json = { template: { id: 'x' }, sample: {} };
    const reply = await fixture.call('POST', '/own-templates', { ...handler, json });
    expect([reply.status, reply.body.code]).toEqual([422, 'template-invalid']);
    expect(reply.body.errors.length).toBeGreaterThan(1);
  });
});
