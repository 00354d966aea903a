/** Several callers and several logs over one store: no gap, no doubled event, one tree. */
import { describe, expect, it } from '@jest/globals';
import {
  AUDIT_CHECKPOINTS,
  AUDIT_ENTRIES,
  createAuditLog,
  type AuditEntry,
  type AuditEntryIndex,
  type AuditEvent,
} from '../../../src/audit/index.js';
import { AppError, systemClock } from '../../../src/kernel/index.js';
import { SCOPE_ALL, type Collection } from '../../../src/store/index.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';

const key = { keyId: 'k', sign: () => Uint8Array.of(1), verify: () => true };
const event = (id: string): AuditEvent => ({
  id: `evt_${id}`,
  at: '2026-11-20T08:00:00Z',
  type: 'seal.used',
  actor: { accountId: 'acc_1', role: 'unit-signer' },
  subject: { kind: 'seal', id },
  scopeKeys: [],
  details: {},
});

async function openLogs(
  count: number,
  wrap: (
    entries: Collection<AuditEntry, AuditEntryIndex>,
  ) => Collection<AuditEntry, AuditEntryIndex> = (entries) => entries,
) {
  const store = openMemoryStore();
  const entries = await store.open(AUDIT_ENTRIES);
  const checkpoints = await store.open(AUDIT_CHECKPOINTS);
  const logs = Array.from({ length: count }, () =>
    createAuditLog({ entries: wrap(entries), checkpoints, key, clock: systemClock }),
  );
  return { entries, logs };
}

describe('appending at once', () => {
  it('stays gap-free between logs that do not know of each other', async () => {
    const { entries, logs } = await openLogs(4);
    await Promise.all(
      logs.flatMap((log, of) =>
        Array.from({ length: 40 }, (_, at) =>
          log.append([event(`${String(of)}-${String(at)}`), event(`shared-${String(at)}`)]),
        ),
      ),
    );
    expect(await entries.count({}, SCOPE_ALL)).toBe(4 * 40 + 40);
    expect((await logs[0]!.verify()).size).toBe(200);
  });

  it('shares one write among the calls that wait', async () => {
    let writes = 0;
    const { logs } = await openLogs(1, (entries) =>
      Object.assign(Object.create(entries) as typeof entries, {
        find: entries.find.bind(entries),
        getBy: entries.getBy.bind(entries),
        get: entries.get.bind(entries),
        insertAll: (documents: readonly AuditEntry[]) => {
          writes++;
          return entries.insertAll(documents);
        },
      }),
    );
    await Promise.all(
      Array.from({ length: 100 }, (_, at) => logs[0]!.append([event(`e${String(at)}`)])),
    );
    expect(writes).toBe(1);
    expect(await logs[0]!.size()).toBe(100);
  });

  it('refuses an event that cannot be kept without refusing its neighbours', async () => {
    const { logs } = await openLogs(1);
    const results = await Promise.allSettled([
      logs[0]!.append([event('a')]),
      logs[0]!.append([{ ...event('bad'), scopeKeys: ['\ud800'] }]),
      logs[0]!.append([event('b')]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await logs[0]!.verify()).size).toBe(2);
  });

  it('takes a write whose outcome was unknown up again without doubling it', async () => {
    let isFailing = true;
    const { logs } = await openLogs(1, (entries) =>
      Object.assign(Object.create(entries) as typeof entries, {
        find: entries.find.bind(entries),
        getBy: entries.getBy.bind(entries),
        get: entries.get.bind(entries),
        insertAll: async (documents: readonly AuditEntry[]) => {
          await entries.insertAll(isFailing ? documents.slice(0, 2) : documents);
          if (isFailing) throw new AppError('store-unavailable', 'the answer was lost');
        },
      }),
    );
    const three = ['a', 'b', 'c'].map(event);
    await expect(logs[0]!.append(three)).rejects.toMatchObject({ code: 'audit-unavailable' });
    isFailing = false;
    await logs[0]!.append(three);
    expect((await logs[0]!.verify()).size).toBe(3);
  });
});
