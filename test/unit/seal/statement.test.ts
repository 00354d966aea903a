/** A monthly statement in the hands of somebody who wants it to say less. */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { UnitRecord } from '../../../src/access/index.js';
import { AUDIT_CHECKPOINTS, AUDIT_ENTRIES, createAuditLog } from '../../../src/audit/index.js';
import { systemClock } from '../../../src/kernel/index.js';
import {
  SEAL_USE_BOOK,
  assertStatement,
  createStatementDrawer,
  type SealStatement,
} from '../../../src/seal/index.js';
import { SealUseBook } from '../../../src/seal/use/use-book.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = {
  keyId: 'k1',
  sign: (message: Uint8Array) => new Uint8Array(sign('sha256', message, privateKey)),
  verify: (_keyId: string, message: Uint8Array, signature: Uint8Array) =>
    verify('sha256', message, publicKey, signature),
};
const unit = {
  id: 'unit_1',
  name: '示例市教育局',
  creditCode: '11370100MB0000001X',
  regionCode: '370102',
};
const actor = { accountId: 'acc_1', role: 'unit-handler' };

let now: Date;

async function openDesk() {
  const store = openMemoryStore();
  const clock = { ...systemClock, now: () => now };
  const lines = await store.open(SEAL_USE_BOOK);
  const units = {
    get: (id: string) => Promise.resolve(id === unit.id ? (unit as UnitRecord) : undefined),
  };
  const log = createAuditLog({
    entries: await store.open(AUDIT_ENTRIES),
    checkpoints: await store.open(AUDIT_CHECKPOINTS),
    key,
    clock,
  });
  const book = new SealUseBook({ lines, units, clock });
  const drawer = createStatementDrawer({ book, lines, log, clock });
  let serial = 0;
  const add = async (at: string, kind: 'intended' | 'refused' | 'completed', useId?: string) => {
    now = new Date(at);
    const line = await book.append({
      unitId: unit.id,
      kind,
      useId: useId ?? `sgn_${String(++serial)}`,
      sealId: 'seal_1',
      actor: { accountId: 'acc_1', role: 'unit-signer' },
      details: { sealCode: '3701020000011', contractId: 'ctr_1' },
      isRelayed: false,
    });
    await log.append([line.event]);
    return line;
  };
  return {
    add,
    book,
    log,
    drawUp: (month: string) => drawer.drawUp(unit, month, { actor }),
  };
}

/** As a stranger receives it. */
const received = (statement: SealStatement): SealStatement =>
  JSON.parse(JSON.stringify(statement)) as SealStatement;

describe('a statement', () => {
  let desk: Awaited<ReturnType<typeof openDesk>>;
  beforeEach(async () => {
    desk = await openDesk();
    await desk.add('2026-10-31T15:59:59Z', 'refused');
    const use = await desk.add('2026-10-31T16:00:00Z', 'intended');
    await desk.add('2026-11-02T01:00:00Z', 'completed', use.useId);
    await desk.add('2026-11-15T01:00:00Z', 'refused');
    await desk.add('2026-11-30T15:59:59Z', 'intended');
    await desk.add('2026-11-30T16:00:00Z', 'refused');
    now = new Date('2026-12-10T00:00:00Z');
  });

  it('has every line of the month of Shanghai, and its neighbours', async () => {
    const statement = received(await desk.drawUp('2026-11'));
    expect(statement).toMatchObject({
      from: '2026-10-31T16:00:00Z',
      to: '2026-11-30T16:00:00Z',
      totals: { intended: 2, completed: 1, failed: 0, interrupted: 0, refused: 1 },
      seals: [{ sealCode: '3701020000011', intended: 2 }],
    });
    expect(statement.lines.map(({ details }) => details['number'])).toEqual([2, 3, 4, 5]);
    expect(statement.before?.details['number']).toBe(1);
    expect(statement.after.entry.event.details['number']).toBe(6);
    expect(() => assertStatement(statement, key)).not.toThrow();
  });

  it('of the present month closes the book, once while nothing happens', async () => {
    const first = received(await desk.drawUp('2026-12'));
    expect(first.after.entry.event).toMatchObject({ type: 'seal.use-book-closed' });
    expect(() => assertStatement(first, key)).not.toThrow();
    now = new Date('2026-12-11T00:00:00Z');
    expect(received(await desk.drawUp('2026-12'))).toEqual(first);
    await desk.add('2026-12-12T00:00:00Z', 'refused');
    const second = received(await desk.drawUp('2026-12'));
    expect(second.totals.refused).toBe(2);
    expect(() => assertStatement(second, key)).not.toThrow();
    await expect(desk.drawUp('2027-01')).rejects.toMatchObject({ code: 'input-invalid' });
  });

  it('of a month without any use proves that there was none', async () => {
    const empty = received(await desk.drawUp('2026-09'));
    expect(empty).toMatchObject({ before: null, lines: [], totals: { intended: 0 } });
    expect(() => assertStatement(empty, key)).not.toThrow();
    const next = await openDesk();
    now = new Date('2026-12-10T00:00:00Z');
    const unused = received(await next.drawUp('2026-11'));
    expect(unused).toMatchObject({ before: null, lines: [] });
    expect(() => assertStatement(unused, key)).not.toThrow();
  });

  describe('is found false where', () => {
    const cases: readonly (readonly [string, (whole: SealStatement) => object, object])[] = [
      [
        'a refusal is left out',
        ({ lines }) => ({ lines: lines.toSpliced(2, 1) }),
        { what: 'statement-broken', seq: 4 },
      ],
      [
        'the first line is left out',
        ({ lines }) => ({ lines: lines.slice(1) }),
        { what: 'statement-broken', seq: 2 },
      ],
      [
        'the last line is left out',
        ({ lines }) => ({ lines: lines.slice(0, -1) }),
        { what: 'statement-broken', seq: 5 },
      ],
      [
        'the first line is taken for the one before',
        ({ lines }) => ({ before: lines[0], lines: lines.slice(1) }),
        { what: 'statement-broken', seq: 2 },
      ],
      [
        'two lines change places',
        ({ lines }) => ({ lines: [lines[0], lines[2], lines[1], lines[3]] }),
        { what: 'statement-broken', seq: 3 },
      ],
      [
        'a line says something else',
        ({ lines }) => ({
          lines: lines.with(0, {
            ...lines[0]!,
            details: { ...lines[0]!.details, contractId: 'ctr_2' },
          }),
        }),
        { what: 'statement-broken', seq: 3 },
      ],
      [
        'the last line says something else',
        ({ lines }) => ({ lines: lines.with(3, { ...lines[3]!, at: '2026-11-30T15:00:00Z' }) }),
        { what: 'statement-broken', seq: 6 },
      ],
      [
        'it is of another unit',
        ({ unit: of }) => ({ unit: { ...of, id: 'unit_2' } }),
        { what: 'statement-broken', seq: 2 },
      ],
      ['the month is another', () => ({ month: '2026-12' }), { what: 'statement-broken' }],
      [
        'the totals are prettier',
        ({ totals }) => ({ totals: { ...totals, refused: 0 } }),
        { what: 'statement-totals' },
      ],
      [
        'the line after is not in the log',
        ({ after }) => ({
          after: { ...after, entry: { ...after.entry, seq: after.entry.seq - 1 } },
        }),
        { what: 'proof-wrong' },
      ],
      [
        'the checkpoint is not signed',
        ({ after }) => ({
          after: { ...after, checkpoint: { ...after.checkpoint, size: after.checkpoint.size + 1 } },
        }),
        { what: 'checkpoint-forged' },
      ],
    ];
    it.each(cases)('%s', async (_name, change, params) => {
      const whole = received(await desk.drawUp('2026-11'));
      const altered = { ...whole, ...change(whole) } as SealStatement;
      try {
        assertStatement(altered, key);
      } catch (error) {
        expect(error).toMatchObject({ code: 'audit-corrupt', params });
        return;
      }
      throw new Error('it was taken for true');
    });

    it('a month that is not over is bounded by a line that closes nothing', async () => {
      const december = received(await desk.drawUp('2026-12'));
      // The refusal of 1 December in place of the closing line: it hides itself.
      const { after } = await desk.drawUp('2026-11');
      const altered = { ...december, lines: [], after: received({ ...december, after }).after };
      expect(() => assertStatement({ ...altered, to: after.entry.event.at }, key)).toThrow();
    });
  });
});
