/** Statements at the month's turn: once for each unit, whoever issues them, whatever happens meanwhile. */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { UNITS, type UnitRecord } from '../../../src/access/index.js';
import { AUDIT_CHECKPOINTS, AUDIT_ENTRIES, createAuditLog } from '../../../src/audit/index.js';
import { bytesToUtf8, silentLogger, systemClock } from '../../../src/kernel/index.js';
import {
  SEALS,
  SEAL_STATEMENTS,
  SEAL_STATEMENT_RUNS,
  SEAL_USE_BOOK,
  StatementWorker,
  assertStatement,
  createStatementDrawer,
  type SealRecord,
  type SealStatement,
} from '../../../src/seal/index.js';
import { SealUseBook } from '../../../src/seal/use/use-book.js';
import { SCOPE_ALL } from '../../../src/store/index.js';
import { openMemoryBlobStore, openMemoryStore } from '../../../src/store/memory/index.js';
import { unit } from './seal-fixture.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = {
  keyId: 'k1',
  sign: (message: Uint8Array) => new Uint8Array(sign('sha256', message, privateKey)),
  verify: (_keyId: string, message: Uint8Array, signature: Uint8Array) =>
    verify('sha256', message, publicKey, signature),
};
const LEASE_MS = 600_000;

let now: Date;

async function openDesk(unitIds: readonly string[]) {
  const store = openMemoryStore();
  const clock = { ...systemClock, now: () => now };
  const lines = await store.open(SEAL_USE_BOOK);
  const units = await store.open(UNITS);
  await units.insertAll(
    unitIds.map((id, index): UnitRecord => ({
      ...unit('unit_a'),
      id,
      certificates: [],
      creditCode: `code-${index}`,
    })),
  );
  const seals = await store.open(SEALS);
  const statements = await store.open(SEAL_STATEMENTS);
  const runs = await store.open(SEAL_STATEMENT_RUNS);
  const log = createAuditLog({
    entries: await store.open(AUDIT_ENTRIES),
    checkpoints: await store.open(AUDIT_CHECKPOINTS),
    key,
    clock,
  });
  const blobs = openMemoryBlobStore();
  const book = new SealUseBook({ lines, units, clock });
  const drawer = createStatementDrawer({ book, lines, log, clock });
  /** Keeps that many statements, then its process is gone. */
  const worker = (living = Infinity): StatementWorker => {
    let left = living;
    return new StatementWorker({
      runs,
      statements,
      units,
      seals,
      book,
      drawer,
      blobs: {
        put: (chunks) => {
          if (left-- <= 0) throw new Error('killed');
          return blobs.put(chunks);
        },
      },
      clock,
      logger: silentLogger,
      onPublished: () => undefined,
      leaseMs: LEASE_MS,
    });
  };
  let serial = 0;
  return {
    log,
    runs,
    drawer,
    worker,
    async use(unitId: string, at: string) {
      now = new Date(at);
      const line = await book.append({
        unitId,
        kind: 'intended',
        useId: `sgn_${String(++serial)}`,
        actor: { accountId: 'acc_1', role: 'unit-signer' },
        details: { sealCode: '3701020000011' },
        isRelayed: false,
      });
      await log.append([line.event]);
    },
    async seal(unitId: string, createdAt: string) {
      const record = {
        id: `seal_${unitId.slice(5)}`,
        version: 1,
        revision: 1,
        code: `37010200000${String(++serial)}`,
        name: '示例',
        kind: 'contract',
        unitId,
        regionCode: '370102',
        status: 'active',
        statusHistory: [],
        versions: [],
        createdAt,
        pendingEvents: [],
      } as unknown as SealRecord;
      await seals.insert(record);
    },
    /** What was issued, each proved by itself, as `unit month: numbers of its lines`. */
    async issued(): Promise<readonly string[]> {
      const page = await statements.find({ limit: 1000 }, SCOPE_ALL);
      return Promise.all(
        page.items.map(async ({ unitId, month, sha256, pendingEvents }) => {
          const text = bytesToUtf8(await blobs.read(sha256));
          const statement = JSON.parse(text) as SealStatement;
          expect(() => assertStatement(statement, key)).not.toThrow();
          expect(pendingEvents.map(({ type }) => type)).toEqual(['seal-statement.issued']);
          const numbers = statement.lines.map(({ details }) => details['number']);
          return `${unitId} ${month}: ${numbers.join(' ')}`;
        }),
      );
    },
  };
}

const ids = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `unit_${String(i).padStart(4, '0')}`);

describe('at a month’s turn', () => {
  let desk: Awaited<ReturnType<typeof openDesk>>;
  beforeEach(async () => {
    desk = await openDesk(['unit_a', 'unit_b', 'unit_c', 'unit_d']);
    await desk.use('unit_a', '2026-11-02T00:00:00Z');
    await desk.use('unit_a', '2026-11-30T15:59:59Z');
    await desk.seal('unit_b', '2026-11-05T00:00:00Z');
    await desk.seal('unit_c', '2026-11-30T16:00:00Z');
  });

  it('every unit with a book or a seal gets its statement, not before', async () => {
    now = new Date('2026-11-30T15:59:59Z');
    await desk.worker().runOnce();
    expect(await desk.issued()).not.toContainEqual(expect.stringContaining('2026-11'));
    now = new Date('2026-11-30T16:00:00Z');
    expect(await desk.worker().runOnce()).toBe(2);
    expect(await desk.issued()).toEqual(['unit_a 2026-11: 1 2', 'unit_b 2026-11: ']);
    expect(await desk.worker().runOnce()).toBe(0);
    now = new Date('2026-12-31T16:00:00Z');
    await desk.worker().runOnce();
    // The line that closed November is December's first.
    expect(await desk.issued()).toEqual([
      'unit_a 2026-11: 1 2',
      'unit_a 2026-12: 3',
      'unit_b 2026-11: ',
      'unit_b 2026-12: 1',
      'unit_c 2026-12: ',
    ]);
  });

  it('a use that comes late, by a clock that is behind, is in the next one', async () => {
    now = new Date('2026-12-01T00:00:00Z');
    await desk.worker().runOnce();
    await desk.use('unit_a', '2026-11-30T15:59:58Z');
    now = new Date('2027-01-01T00:00:00Z');
    await desk.worker().runOnce();
    expect(await desk.issued()).toContain('unit_a 2026-12: 3 4');
    expect(await desk.issued()).toContain('unit_a 2026-11: 1 2');
  });

  it('a statement of part of the month does not stand for the whole', async () => {
    now = new Date('2026-11-20T00:00:00Z');
    const by = { actor: { accountId: 'acc_1', role: 'unit-handler' } };
    const part = await desk.drawer.drawUp(unit('unit_b'), '2026-11', by);
    expect(part.to).toBe('2026-11-20T00:00:00Z');
    now = new Date('2026-12-01T00:00:00Z');
    const whole = await desk.drawer.drawUp(unit('unit_b'), '2026-11', by);
    expect(whole.to).toBe('2026-11-30T16:00:00Z');
    expect(() => assertStatement(whole, key)).not.toThrow();
  });

  it('months that nobody was there for are made up for, in order', async () => {
    now = new Date('2026-12-01T00:00:00Z');
    await desk.worker().runOnce();
    await desk.use('unit_a', '2027-02-10T00:00:00Z');
    now = new Date('2027-03-02T00:00:00Z');
    await desk.worker().runOnce();
    expect(await desk.issued()).toEqual(
      expect.arrayContaining(['unit_a 2026-12: 3', 'unit_a 2027-01: ', 'unit_a 2027-02: 4']),
    );
  });
});

describe('of several processes', () => {
  it('one issues each statement, and one checkpoint proves a page of them', async () => {
    const desk = await openDesk(ids(60));
    for (const id of ids(60)) await desk.use(id, '2026-11-20T00:00:00Z');
    now = new Date('2026-12-01T00:00:00Z');
    const counts = await Promise.all(
      [desk.worker(), desk.worker(), desk.worker()].map((each) => each.runOnce()),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(60);
    expect(await desk.issued()).toHaveLength(60);
    // Two pages, and a line of each book in November and one that closes it.
    expect((await desk.log.checkpoints(100)).items).toHaveLength(2);
    expect(await desk.log.size()).toBe(120);
  });

  it('another goes on where one was killed, once its lease is over', async () => {
    const desk = await openDesk(ids(60));
    for (const id of ids(60)) await desk.use(id, '2026-11-20T00:00:00Z');
    now = new Date('2026-12-01T00:00:00Z');
    await expect(desk.worker(55).runOnce()).rejects.toThrow('killed');
    expect(await desk.worker().runOnce()).toBe(0);
    now = new Date(now.getTime() + LEASE_MS + 1000);
    expect(await desk.worker().runOnce()).toBe(5);
    expect(await desk.issued()).toHaveLength(60);
    // Books that were closed before it died are not closed again.
    expect(await desk.log.size()).toBe(120);
    expect(await desk.runs.get('run_2026-11', SCOPE_ALL)).toMatchObject({ isDone: true });
  });
});
