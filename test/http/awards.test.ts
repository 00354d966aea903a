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
function without(value: object, ...keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

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

  it('fill in what the data of a contract leave out, and are what it is checked against', async () => {
    const [first] = data.items;
    const taken = await send('JY-4', { lot: { id: '04' }, items: [first] });
    const rest = without(data, 'award', 'tenderId');
    const others = {
      id: 'HT-AWARD-FROM',
      buyer: without(data.buyer, 'name'),
      supplier: without(data.supplier, 'name'),
    };
    const draft = (changes: object) =>
      fixture.call('POST', '/contracts', {
        as: 'unit-handler',
        json: {
          template: 'goods',
          awardId: taken.body.id,
          data: { ...rest, ...others, ...changes },
        },
      });
    const made = await draft({});
    expect(made).toMatchObject({
      status: 201,
      body: {
        data: {
          tenderId: award.tenderId,
          lot: { id: '04' },
          buyer: { name: award.buyer.name },
          award: { date: award.noticeDate, amount: award.amount },
        },
      },
    });
    const changed = await draft({
      id: 'HT-AWARD-OTHERWISE',
      tenderId: 'ANOTHER',
      items: data.items.map((item, i) => (i === 0 ? { ...item, unitPrice: '1.00' } : item)),
    });
    const codes = async ({ body }: Reply) =>
      (
        await fixture.call('POST', `/contracts/${body.id}/checks`, { as: 'unit-handler' })
      ).body.findings.map(({ code, pointer }: { code: string; pointer?: string }) =>
        `${code} ${pointer ?? ''}`.trim(),
      );
    expect(await codes(made)).toEqual([]);
    expect(await codes(changed)).toEqual(
      expect.arrayContaining(['award-differs #/tenderId', 'award-price-differs #/items']),
    );
    const unknown = await fixture.call('POST', '/contracts', {
      as: 'unit-handler',
      json: { template: 'goods', awardId: 'awd_00000000000000000000000000', data: {} },
    });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'not-found']);
  });

  it('warn of a certificate that ends before the signing does', async () => {
    const code = 'certificate-ends-early';
    expect(await codesOf()).not.toContain(code);
    // The certificates of the tests end with 2039.
    fixture.clock.offsetMs = Date.parse('2039-12-15') - Date.now();
    try {
      expect(await codesOf()).toContain(code);
    } finally {
      fixture.clock.offsetMs = 0;
    }
  });

  it('settle what a contract is drafted from', async () => {
    const { body } = await fixture.call('GET', '/awards', { as: 'supervisor' });
    const [found] = (body as unknown as { items: { contractData: object }[] }).items;
    expect(found?.contractData).toMatchObject({ tenderId: award.tenderId, buyer: award.buyer });
  });
});
