import { describe, expect, it } from '@jest/globals';
import { UNITS } from '../../../src/access/index.js';
import { silentLogger } from '../../../src/kernel/index.js';
import {
  REVOCATION_ORDERS,
  RevocationOrders,
  SealLifeWorker,
  type SealRecord,
} from '../../../src/seal/index.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';
import { ADMINISTRATOR, openRegister, unit, type Register } from './seal-fixture.js';

const ALL = { kind: 'all' } as const;

function workerOf({ seals, ended, clock }: Register): SealLifeWorker {
  return new SealLifeWorker({
    seals,
    clock,
    logger: silentLogger,
    endUses: (sealId) => {
      ended.push(sealId);
      return Promise.resolve();
    },
    onPublished: () => undefined,
  });
}

const given = (seal: SealRecord | undefined): unknown =>
  seal?.reminders?.map(({ of, daysBefore }) => `${of} ${String(daysBefore)}`);

describe('reminders', () => {
  it('come 30, 15 and 7 days before the end, each once, from one of two workers', async () => {
    const register = await openRegister();
    const { seals, setTime, issue } = register;
    const { id } = await issue({ form: { validUntil: '2026-06-30T00:00:00Z' } });
    const workers = [workerOf(register), workerOf(register)];
    const seen: unknown[] = [];
    for (const day of ['05-30', '05-31', '06-14', '06-15', '06-22', '06-23', '06-29', '07-02']) {
      setTime(`2026-${day}T00:00:00Z`);
      await Promise.all(workers.map((worker) => worker.runOnce()));
      seen.push([day, given(await seals.get(id, ALL))]);
    }
    expect(seen).toEqual([
      ['05-30', undefined],
      ['05-31', ['seal 30']],
      ['06-14', ['seal 30']],
      ['06-15', ['seal 30', 'seal 15']],
      ['06-22', ['seal 30', 'seal 15']],
      ['06-23', ['seal 30', 'seal 15', 'seal 7']],
      ['06-29', ['seal 30', 'seal 15', 'seal 7']],
      ['07-02', ['seal 30', 'seal 15', 'seal 7']],
    ]);
    const events = (await seals.get(id, ALL))?.pendingEvents.map(({ type }) => type);
    expect(events?.filter((type) => type === 'seal.expiring')).toHaveLength(3);
  });

  it('are not made up for: of several that were missed the nearest stands', async () => {
    const register = await openRegister();
    const { seals, setTime, issue } = register;
    const { id } = await issue({ form: { validUntil: '2026-06-30T00:00:00Z' } });
    setTime('2026-06-27T00:00:00Z');
    await workerOf(register).runOnce();
    expect(given(await seals.get(id, ALL))).toEqual(['seal 7']);
  });

  it('come for the certificate of a seal that outlives it', async () => {
    const register = await openRegister();
    const { seals, setTime, issue } = register;
    const form = { validFrom: '2027-01-01T00:00:00Z', validUntil: '2031-01-01T00:00:00Z' };
    const { id } = await issue({ form });
    setTime('2029-12-05T00:00:00Z');
    await workerOf(register).runOnce();
    expect(given(await seals.get(id, ALL))).toEqual(['certificate 30']);
  });
});

it('lets a revocation take effect at its time', async () => {
  const register = await openRegister();
  const { service, seals, setTime, issue, ended } = register;
  const { id } = await issue();
  const effectiveAt = new Date('2026-04-01T00:00:00Z');
  await service.revoke(ADMINISTRATOR, id, { reason: 'unit-merged', effectiveAt });
  const worker = workerOf(register);
  expect(await worker.runOnce()).toBe(0);
  setTime('2026-04-01T00:00:00Z');
  expect(await worker.runOnce()).toBe(1);
  expect(await seals.get(id, ALL)).toMatchObject({ status: 'revoked' });
  expect(ended).toEqual([id]);
});

describe('the seals of a unit that is no more', () => {
  async function open() {
    const register = await openRegister();
    const store = openMemoryStore();
    const orders = await store.open(REVOCATION_ORDERS);
    const units = await store.open(UNITS);
    await units.insert(unit('unit_a'));
    const parts = { ...register, orders, units, endUses: () => Promise.resolve() };
    return { ...register, orders, parts, desk: new RevocationOrders(parts) };
  }
  const order = { unitId: 'unit_a', reason: 'unit-merged', evidence: [] } as const;

  it('are revoked together, and none is made any more', async () => {
    const { issue, desk, seals } = await open();
    const ids = [(await issue()).id, (await issue({ kind: 'finance' })).id];
    const done = await desk.order(ADMINISTRATOR, order);
    expect([...done.sealIds].sort()).toEqual([...ids].sort());
    for (const id of ids) {
      expect(await seals.get(id, ALL)).toMatchObject({
        status: 'revoked',
        revocation: { reason: 'unit-merged', orderId: done.id },
      });
    }
    await expect(desk.assertOpen('unit_a')).rejects.toMatchObject({ code: 'seal-unit-closed' });
    await expect(desk.assertOpen('unit_b')).resolves.toBeUndefined();
  });

  it('have their uses ended even where the first try broke off before that', async () => {
    const { issue, parts } = await open();
    const { id } = await issue();
    const dying = { ...parts, endUses: () => Promise.reject(new Error('killed')) };
    await expect(new RevocationOrders(dying).order(ADMINISTRATOR, order)).rejects.toThrow('killed');
    const ended: string[] = [];
    const endUses = (sealId: string): Promise<void> => {
      ended.push(sealId);
      return Promise.resolve();
    };
    expect(await new RevocationOrders({ ...parts, endUses }).runOnce()).toBe(1);
    expect(ended).toEqual([id]);
  });

  it('are revoked to the last after the first try broke off in between', async () => {
    const { issue, parts, seals, orders } = await open();
    for (let count = 0; count < 3; count++) await issue();
    let writes = 0;
    const broken = {
      ...seals,
      get: seals.get.bind(seals),
      find: seals.find.bind(seals),
      replace: (seal: SealRecord) =>
        ++writes === 2 ? Promise.reject(new Error('killed')) : seals.replace(seal),
    };
    const first = new RevocationOrders({ ...parts, seals: broken });
    await expect(first.order(ADMINISTRATOR, order)).rejects.toThrow('killed');
    expect(await seals.count({ where: { status: { eq: 'revoked' } } }, ALL)).toBe(1);
    const second = new RevocationOrders(parts);
    expect(await second.runOnce()).toBe(1);
    expect(await second.runOnce()).toBe(0);
    expect(await seals.count({ where: { status: { eq: 'revoked' } } }, ALL)).toBe(3);
    const { items } = await orders.find({ limit: 10 }, ALL);
    expect(items).toMatchObject([{ state: 'done', sealIds: { length: 3 } }]);
  });
});
