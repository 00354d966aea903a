import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  AUDIT_CHECKPOINTS,
  AUDIT_ENTRIES,
  createAuditLog,
  createRelay,
  pendingSince,
  relaySource,
  type AuditEvent,
  type AuditLog,
  type EventCarrier,
  type EventSubscriber,
} from '../../../src/audit/index.js';
import { noFaults, silentLogger, systemClock, type FaultPoint } from '../../../src/kernel/index.js';
import { SCOPE_ALL, type Collection, type CollectionSpec } from '../../../src/store/index.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';

interface Thing extends EventCarrier {
  readonly state: string;
}
const THINGS: CollectionSpec<Thing, 'pendingSince'> = {
  name: 'things',
  indexes: { pendingSince: { of: pendingSince } },
  scopeKeys: () => [],
};
const key = { keyId: 'k', sign: () => Uint8Array.of(1), verify: () => true };
const event = (id: string): AuditEvent => ({
  id: `evt_${id}`,
  at: '2026-11-20T08:00:00Z',
  type: 'thing.changed',
  actor: { accountId: 'acc_1', role: 'unit-signer' },
  subject: { kind: 'thing', id },
  scopeKeys: [],
  details: {},
});
const thing = (id: string, ...events: readonly string[]): Thing => ({
  id,
  version: 1,
  revision: 1,
  state: 'new',
  pendingEvents: events.map(event),
});

describe('the relay', () => {
  let things: Collection<Thing, 'pendingSince'>;
  let log: AuditLog;
  beforeEach(async () => {
    const store = openMemoryStore();
    things = await store.open(THINGS);
    log = createAuditLog({
      entries: await store.open(AUDIT_ENTRIES),
      checkpoints: await store.open(AUDIT_CHECKPOINTS),
      key,
      clock: systemClock,
    });
  });
  const relayOf = (
    subscriber: EventSubscriber,
    faults: (point: FaultPoint) => void = noFaults,
    intervalMs = 60_000,
  ) =>
    createRelay({
      sources: [relaySource('things', things)],
      log,
      subscribers: [subscriber],
      logger: silentLogger,
      faults,
      intervalMs,
    });
  const logged = async (): Promise<string[]> =>
    (await log.find({ limit: 1000 }, SCOPE_ALL)).items.map((entry) => entry.event.id);

  it('appends, tells subscribers, and empties the document without a new revision', async () => {
    const told: string[] = [];
    await things.insert(thing('a', 'a1', 'a2'));
    await relayOf(({ id }) => {
      told.push(id);
      return Promise.resolve();
    }).runOnce();
    expect(await logged()).toEqual(['evt_a1', 'evt_a2']);
    expect(told).toEqual(['evt_a1', 'evt_a2']);
    expect(await things.get('a', SCOPE_ALL)).toMatchObject({
      version: 2,
      revision: 1,
      pendingEvents: [],
    });
  });

  it.each(['relay:audited', 'relay:queued'] as const)(
    'repeats harmlessly after a crash at %s',
    async (point) => {
      await things.insert(thing('a', 'a1'));
      const effects = new Set<string>();
      const subscriber: EventSubscriber = ({ id }) => Promise.resolve(void effects.add(id));
      await relayOf(subscriber, (at) => {
        if (at === point) throw new Error('crash');
      }).runOnce();
      expect((await things.get('a', SCOPE_ALL))?.pendingEvents).toHaveLength(1);
      await relayOf(subscriber).runOnce();
      expect(await logged()).toEqual(['evt_a1']);
      expect([...effects]).toEqual(['evt_a1']);
      expect((await things.get('a', SCOPE_ALL))?.pendingEvents).toEqual([]);
    },
  );

  it('keeps events that were added while it worked', async () => {
    await things.insert(thing('a', 'a1'));
    const relay = relayOf(async ({ id }) => {
      if (id !== 'evt_a1') return;
      const now = (await things.get('a', SCOPE_ALL))!;
      await things.replace({
        ...now,
        version: now.version + 1,
        revision: 2,
        state: 'changed',
        pendingEvents: [...now.pendingEvents, event('a2')],
      });
    });
    await relay.runOnce();
    const between = (await things.get('a', SCOPE_ALL))!;
    expect(between).toMatchObject({ state: 'changed', revision: 2 });
    expect(between.pendingEvents.map(({ id }) => id)).toEqual(['evt_a2']);
    await relay.runOnce();
    expect(await logged()).toEqual(['evt_a1', 'evt_a2']);
  });

  it('gives every document its try: many that fail do not stand before the others', async () => {
    for (let at = 0; at < 250; at++) {
      const id = `bad${String(at).padStart(3, '0')}`;
      await things.insert(thing(id, id));
    }
    await things.insert(thing('good', 'good'));
    await relayOf(({ id }) =>
      id === 'evt_good' ? Promise.resolve() : Promise.reject(new Error('subscriber down')),
    ).runOnce();
    expect((await things.get('good', SCOPE_ALL))?.pendingEvents).toEqual([]);
    expect(await things.count({ where: { pendingSince: {} } }, SCOPE_ALL)).toBe(250);
  });

  it('works on a kick, and by itself after the interval', async () => {
    let told = 0;
    let wake: () => void = () => undefined;
    const relay = relayOf(
      () => {
        told++;
        wake();
        return Promise.resolve();
      },
      noFaults,
      20,
    );
    const next = (): Promise<void> => new Promise((resolve) => (wake = resolve));
    relay.start();
    let waiting = next();
    await things.insert(thing('a', 'a1'));
    relay.kick();
    await waiting;
    waiting = next();
    await things.insert(thing('b', 'b1'));
    await waiting;
    await relay.stop();
    expect(told).toBe(2);
    relay.kick();
    expect(await things.count({ where: { pendingSince: {} } }, SCOPE_ALL)).toBe(0);
  });
});
