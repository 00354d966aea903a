import { describe, expect, it } from '@jest/globals';
import { UNITS } from '../../../src/access/index.js';
import {
  noFaults,
  silentLogger,
  type FaultHook,
  type FaultPoint,
} from '../../../src/kernel/index.js';
import {
  REVOCATION_ORDERS,
  RevocationOrders,
  SealLifeWorker,
  createSealService,
  type SealRecord,
} from '../../../src/seal/index.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';
import { ADMINISTRATOR, openRegister, unit, type Register } from './seal-fixture.js';

const ALL = { kind: 'all' } as const;

function workerOf({ seals, stoppedUses, clock }: Register): SealLifeWorker {
  return new SealLifeWorker({
    seals,
    clock,
    logger: silentLogger,
    stoppedUses,
    onPublished: () => undefined,
  });
}

const dieAt =
  (point: FaultPoint): FaultHook =>
  (reached) => {
    if (reached === point) throw new Error('killed');
  };

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

describe('the uses of a seal that was stopped', () => {
  const revoke = { reason: 'key-compromise' } as const;

  /** A revocation by a process that dies at `point`. */
  async function brokenOffAt(point: FaultPoint) {
    const register = await openRegister();
    const { seals, blobs, clock, issue, stoppedUsesWith } = register;
    const { id } = await issue();
    const stoppedUses = stoppedUsesWith(dieAt(point));
    const dying = createSealService({ seals, blobs, clock, stoppedUses });
    await expect(dying.revoke(ADMINISTRATOR, id, revoke)).rejects.toThrow('killed');
    return { ...register, id };
  }

  it('are ended at once, and nothing is left to do', async () => {
    const { service, seals, stoppedUses, setTime, issue, ended } = await openRegister();
    const { id } = await issue();
    const revoked = await service.revoke(ADMINISTRATOR, id, revoke);
    expect(ended).toEqual([id]);
    setTime('2026-03-02T00:00:00Z');
    expect(await stoppedUses.runOnce()).toBe(0);
    const after = await seals.get(id, ALL);
    expect([after?.usesToEnd, after?.revision]).toEqual([undefined, revoked.revision]);
  });

  it.each([
    ['seal:stopped', 1],
    ['seal:uses-ended', 2],
  ] as const)('are ended by one of two workers after a death at %s', async (point, times) => {
    const { seals, stoppedUses, setTime, ended, id } = await brokenOffAt(point);
    const before = await seals.get(id, ALL);
    expect(before).toMatchObject({ status: 'revoked', usesToEnd: { revision: before?.revision } });
    setTime('2026-03-01T00:00:30Z');
    expect(await stoppedUses.runOnce()).toBe(0);
    setTime('2026-03-01T00:00:31Z');
    const counts = await Promise.all([stoppedUses.runOnce(), stoppedUses.runOnce()]);
    expect(counts.sort()).toEqual([0, 1]);
    expect(ended).toEqual(Array.from({ length: times }, () => id));
    const after = await seals.get(id, ALL);
    expect([after?.usesToEnd, after?.revision]).toEqual([undefined, before?.revision]);
  });

  it('are ended after a revocation that took effect by itself, too', async () => {
    const register = await openRegister();
    const { service, stoppedUses, stoppedUsesWith, setTime, issue, ended } = register;
    const { id } = await issue();
    const effectiveAt = new Date('2026-04-01T00:00:00Z');
    await service.revoke(ADMINISTRATOR, id, { ...revoke, effectiveAt });
    setTime('2026-04-01T00:00:00Z');
    const dying = { ...register, stoppedUses: stoppedUsesWith(dieAt('seal:stopped')) };
    await expect(workerOf(dying).runOnce()).rejects.toThrow('killed');
    expect(ended).toEqual([]);
    setTime('2026-04-01T00:01:00Z');
    expect(await stoppedUses.runOnce()).toBe(1);
    expect(ended).toEqual([id]);
  });

  it('are not forgotten where it was stopped once more while they were ended', async () => {
    const { service, seals, stoppedUses, stoppedUsesWith, issue } = await openRegister();
    const { id } = await issue();
    const first = await service.suspend(ADMINISTRATOR, id, {});
    await service.resume(ADMINISTRATOR, id, {});
    const now = (await seals.get(id, ALL))!;
    const grown = { version: now.version + 1, revision: now.revision + 1 };
    await seals.replace({ ...now, ...grown, ...stoppedUses.noted(now), status: 'suspended' });
    await stoppedUsesWith(noFaults).end(first);
    expect((await seals.get(id, ALL))?.usesToEnd?.revision).toBe(now.revision + 1);
  });
});

describe('the seals of a unit that is no more', () => {
  async function open() {
    const register = await openRegister();
    const store = openMemoryStore();
    const orders = await store.open(REVOCATION_ORDERS);
    const units = await store.open(UNITS);
    await units.insert(unit('unit_a'));
    const parts = { ...register, orders, units };
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
    const dying = { ...parts, stoppedUses: parts.stoppedUsesWith(dieAt('seal:stopped')) };
    await expect(new RevocationOrders(dying).order(ADMINISTRATOR, order)).rejects.toThrow('killed');
    expect(parts.ended).toEqual([]);
    expect(await new RevocationOrders(parts).runOnce()).toBe(1);
    expect(parts.ended).toEqual([id]);
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
