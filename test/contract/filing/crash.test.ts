/** A process that dies between any two steps, and several that work at once. */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FaultPoint } from '../../../src/kernel/index.js';
import { LEASE_MS, SIGNED_EVENT, STORES, openDesk, workUntilSettled, type Desk } from './desk.js';

class Killed extends Error {}

const POINTS: readonly FaultPoint[] = [
  'filing:claimed',
  'filing:packaged',
  'filing:sent',
  'filing:receipt',
];

describe.each(STORES)('filing on the %s store', (_, openStore) => {
  let desk: Desk;
  afterEach(async () => desk[Symbol.asyncDispose]());

  async function expectFiledOnce(): Promise<void> {
    expect(desk.budget.filings()).toHaveLength(1);
    const filing = await desk.filing();
    expect(filing.state).toBe('filed');
    expect(filing.pendingEvents.filter((event) => event.type === 'filing.filed')).toHaveLength(1);
    const contract = await desk.contract();
    expect(contract.state).toBe('filed');
    expect(contract.pendingEvents.map((event) => event.type)).toEqual([
      'contract.filing-started',
      'contract.filed',
    ]);
  }

  it.each(POINTS)('goes on after a crash at %s, when the lease has lapsed', async (point) => {
    desk = await openDesk(openStore);
    const dying = desk.service({
      faults: (at) => {
        if (at === point) throw new Killed(at);
      },
    });
    await dying.subscriber(SIGNED_EVENT);
    await expect(dying.runOnce()).rejects.toThrow(Killed);

    const heir = desk.service();
    if (point !== 'filing:receipt') {
      desk.clock.advance(LEASE_MS - 1000);
      expect(await heir.runOnce()).toBe(0);
      desk.clock.advance(1000);
    }
    expect(await heir.runOnce()).toBe(1);
    await expectFiledOnce();
    expect(desk.budget.deliveryCount()).toBe(1);
    expect((await desk.filing()).attemptCount).toBe(1);
  });

  it('goes on after a crash at every point in turn', async () => {
    desk = await openDesk(openStore);
    await desk.service().subscriber(SIGNED_EVENT);
    for (const point of POINTS) {
      const dying = desk.service({
        faults: (at) => {
          if (at === point) throw new Killed(at);
        },
      });
      await dying.runOnce().catch(() => undefined);
      desk.clock.advance(LEASE_MS);
    }
    await workUntilSettled(desk, desk.service());
    await expectFiledOnce();
  });

  it('has one of many at work', async () => {
    desk = await openDesk(openStore);
    const workers = Array.from({ length: 6 }, () => desk.service());
    await Promise.all(workers.map((worker) => worker.subscriber(SIGNED_EVENT)));
    const taken = await Promise.all(workers.map((worker) => worker.runOnce()));
    expect(taken.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(desk.budget.deliveryCount()).toBe(1);
    await expectFiledOnce();
  });

  it('files once when a lease lapses during a delivery and another delivers too', async () => {
    desk = await openDesk(openStore);
    const heir = desk.service();
    const slow = desk.service({
      faults: (at) => {
        if (at === 'filing:packaged') desk.clock.advance(LEASE_MS);
      },
    });
    await slow.subscriber(SIGNED_EVENT);
    const both = slow.runOnce().then(() => 'slow');
    while ((await desk.filing()).packageBlobId === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await heir.runOnce();
    await both;
    await workUntilSettled(desk, heir);
    await expectFiledOnce();
  });

  it('hands over at once what it stops in the middle of', async () => {
    desk = await openDesk(openStore, ['hang']);
    const stopping = desk.service({ timeoutMs: 30_000 });
    await stopping.subscriber(SIGNED_EVENT);
    stopping.start();
    while (desk.budget.deliveryCount() === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await stopping.stop();
    expect(await desk.filing()).toMatchObject({
      state: 'waiting',
      attempts: [{ outcome: 'stopped' }],
    });
    expect(await desk.service().runOnce()).toBe(1);
    await expectFiledOnce();
  });

  it('works off by itself what an event begins', async () => {
    desk = await openDesk(openStore);
    const service = desk.service({ intervalMs: 60_000 });
    service.start();
    await service.subscriber(SIGNED_EVENT);
    const deadline = performance.now() + 10_000;
    while ((await desk.contract()).state !== 'filed' && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await service.stop();
    await expectFiledOnce();
  });
});
