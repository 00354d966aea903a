/** Templates of units and regions on every store: handed in, found by whose they are, kept as they were. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UNITS, type Principal, type Role } from '../../../src/access/index.js';
import { carrierCollection } from '../../../src/audit/index.js';
import {
  OWN_TEMPLATES,
  createOwnTemplateService,
  renderContract,
  type OwnTemplateRecord,
  type OwnTemplateService,
} from '../../../src/contract/index.js';
import { fonts, goodsTemplate, sampleContract } from '../../unit/contract/sample.js';
import { STORES, type OpenStore } from '../stores.js';

const sample = sampleContract(1);

function caller(role: Role, place: { unitId?: string; regionCode?: string }): Principal {
  const { unitId, regionCode } = place;
  const more = { certificateSha256: undefined, requestId: undefined };
  return { accountId: `acc_${role}`, roles: [role], unitId, regionCode, ...more };
}
const handler = caller('unit-handler', { unitId: 'unt_school' });
const neighbour = caller('unit-handler', { unitId: 'unt_other' });
const city = caller('system-administrator', { regionCode: '370100' });

const template = (version: number, changes: object = {}) => ({
  ...goodsTemplate,
  id: 'school-goods',
  kind: 'goods',
  version,
  ...changes,
});

describe.each(STORES)('templates of units and regions on %s', (_name, open) => {
  let opened: OpenStore;
  let service: OwnTemplateService;

  beforeEach(async () => {
    opened = await open();
    const units = await opened.store.open(UNITS);
    for (const [id, regionCode] of [
      ['unt_school', '370102'],
      ['unt_other', '370200'],
    ] as const) {
      await units.insert({
        id,
        version: 1,
        revision: 1,
        kind: 'budget-unit',
        name: id,
        creditCode: id,
        regionCode,
        certificates: [],
        createdAt: '2026-01-01T00:00:00Z',
        pendingEvents: [],
      });
    }
    service = createOwnTemplateService({
      templates: carrierCollection(await opened.store.open(OWN_TEMPLATES)),
      units,
      packagedIds: new Set(['goods']),
      renderer: (input) => renderContract({ ...input, fonts }),
      clock: { now: () => new Date('2026-05-12T02:00:00Z'), monotonicMs: () => 0 },
    });
  });
  afterEach(() => opened.close());

  const school = { unitId: 'unt_school', regionCode: '370102' };
  const handIn = (by: Principal, value: unknown, data: unknown = sample) =>
    service.handIn(by, { template: value, sample: data });
  const activated = async (by: Principal, value: unknown): Promise<OwnTemplateRecord> => {
    const { id } = await handIn(by, value);
    return service.setState(by, { id, expectedRevision: 1, state: 'active' });
  };
  const versionFound = async (key: string) => (await service.find(school, key))?.template.version;

  it('are found once active: the newest by id, any by version, the unit’s before the region’s', async () => {
    await handIn(handler, template(1));
    expect(await versionFound('school-goods')).toBeUndefined();
    await activated(city, template(7));
    expect(await versionFound('school-goods')).toBe(7);
    await activated(handler, template(2));
    const tenth = await activated(handler, template(10));
    expect(await versionFound('school-goods')).toBe(10);
    expect(await versionFound('school-goods@2')).toBe(2);
    expect(await versionFound('school-goods@1')).toBeUndefined();
    expect(await service.find({ unitId: 'unt_other', regionCode: '370200' }, 'school-goods')).toBe(
      undefined,
    );
    await service.setState(handler, { id: tenth.id, expectedRevision: 2, state: 'retired' });
    expect(await versionFound('school-goods')).toBe(2);
    // A contract that was made with it goes on with exactly that text.
    expect(await service.byRecord(tenth.id)).toEqual(tenth.template);
  });

  it('are one record a version, which nobody replaces', async () => {
    await handIn(handler, template(1));
    await expect(handIn(handler, template(1, { name: '改过' }))).rejects.toMatchObject({
      code: 'record-exists',
    });
    await expect(handIn(city, template(1))).resolves.toBeDefined();
  });

  it('are listed for the unit and the regions above it, page by page', async () => {
    const own = [await handIn(handler, template(1)), await handIn(handler, template(2))];
    const above = await handIn(city, template(3));
    await handIn(neighbour, template(4));
    const first = await service.list(handler, { limit: 2 });
    const second = await service.list(handler, { limit: 2, cursor: first.nextCursor! });
    const ids = [...first.items, ...second.items].map(({ id }) => id).sort();
    expect(ids).toEqual([...own, above].map(({ id }) => id).sort());
    await expect(service.get(neighbour, own[0]!.id)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are activated by whose they are, from the revision that was seen', async () => {
    const { id } = await handIn(city, template(1));
    const change = { id, expectedRevision: 1, state: 'active' } as const;
    await expect(service.setState(handler, change)).rejects.toMatchObject({ code: 'forbidden' });
    await service.setState(city, change);
    await expect(service.setState(city, { ...change, state: 'retired' })).rejects.toMatchObject({
      code: 'record-version-conflict',
    });
  });

  it.each([
    ['that name nothing', template(1, { requires: ['no.such'] }), sample, 'template-invalid'],
    ['that take a name of the product', template(1, { id: 'goods' }), sample, 'template-invalid'],
    ['without a kind', template(1, { kind: undefined }), sample, 'template-invalid'],
    [
      'that both parties do not sign',
      template(1, {
        blocks: goodsTemplate.blocks.map((block) =>
          block.kind === 'signatures'
            ? { ...block, parties: block.parties.map((party) => ({ ...party, role: 'buyer' })) }
            : block,
        ),
      }),
      sample,
      'template-invalid',
    ],
    ['with a sample that is none', template(1), {}, 'contract-data-invalid'],
    [
      'that do not render with it',
      template(1, { fields: [{ key: 'need', label: '必填', type: 'text', isRequired: true }] }),
      sample,
      'contract-data-invalid',
    ],
    [
      'in letters the font lacks',
      template(1, { blocks: [{ kind: 'paragraph', text: '\u{10000}' }, ...goodsTemplate.blocks] }),
      sample,
      'glyph-missing',
    ],
  ])('%s are refused and not kept', async (_what, value, data, code) => {
    await expect(handIn(handler, value, data)).rejects.toMatchObject({ code });
    expect((await service.list(handler, { limit: 10 })).items).toEqual([]);
  });
});
