/** Award results through the API: taken once, corrected by version, and held against contracts. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { ServiceFixture, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
beforeAll(async () => {
  fixture = await ServiceFixture.start();
});
afterAll(() => fixture.stop());

const data = sampleContractData({ today: new Date(), number: 'HT-AWARD-1' });
const award = {
  tenderId: data.tenderId,
  tenderTitle: data.tenderTitle,
  procurementMethod: data.procurementMethod,
  regionCode: data.regionCode,
  noticeDate: data.award.date,
  amount: data.award.amount,
  buyer: { name: data.buyer.name, creditCode: data.buyer.creditCode },
  supplier: { name: data.supplier.name, creditCode: data.supplier.creditCode },
};
const send = (externalRef: string, change: object = {}): Promise<Reply> =>
  fixture.call('POST', '/awards', {
    as: 'trading-system',
    json: { externalRef, award: { ...award, ...change } },
  });
let drafts = 0;
const codesOf = async (): Promise<readonly string[]> => {
  const drafted = await fixture.call('POST', '/contracts', {
    as: 'unit-handler',
    json: { template: 'goods', data: { ...data, id: `HT-AWARD-${++drafts}` } },
  });
  const { id } = drafted.body as unknown as { readonly id: string };
  const checked = await fixture.call('POST', `/contracts/${id}/checks`, { as: 'unit-handler' });
  const { findings } = checked.body as unknown as { findings: { code: string }[] };
  return findings.map(({ code }) => code);
};

describe('award results', () => {
  it('are taken once, and corrected where they come again otherwise', async () => {
    const first = await send('JY-1');
    expect(first.status).toBe(201);
    const again = await send('JY-1');
    expect(again.body).toMatchObject({ id: first.body.id, corrections: 0 });
    expect(await codesOf()).toEqual([]);

    const corrected = await send('JY-1', { amount: '1.00' });
    expect(corrected.body).toMatchObject({ id: first.body.id, corrections: 1 });
    expect(await codesOf()).toEqual(expect.arrayContaining(['award-differs', 'above-award']));
  });

  it('are one for each project and package', async () => {
    const other = await send('JY-2');
    expect([other.status, other.body.code]).toEqual([409, 'record-exists']);
    expect((await send('JY-2', { lot: { id: '02' } })).status).toBe(201);
    const listed = await fixture.call('GET', `/awards?tenderId=${award.tenderId}`, {
      as: 'unit-handler',
    });
    expect((listed.body as unknown as { items: unknown[] }).items).toHaveLength(2);
  });

  it('are taken for the own region and seen by who has to do with them', async () => {
    const elsewhere = await send('JY-3', { regionCode: '110101', lot: { id: '03' } });
    expect(elsewhere.status).toBe(403);
    const strangers = await fixture.call('GET', '/awards', { as: 'stranger-unit-handler' });
    expect(strangers.body).toMatchObject({ items: [] });
  });

  it('settle what a contract is drafted from', async () => {
    const { body } = await fixture.call('GET', '/awards', { as: 'supervisor' });
    const [found] = (body as unknown as { items: { contractData: object }[] }).items;
    expect(found?.contractData).toMatchObject({ tenderId: award.tenderId, buyer: award.buyer });
  });
});
