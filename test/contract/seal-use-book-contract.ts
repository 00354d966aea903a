/** What a unit's book of seal uses must hold to on every adapter, whoever writes at the same time. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UnitRecord } from '../../src/access/index.js';
import { AppError, systemClock } from '../../src/kernel/index.js';
import { SEAL_USE_BOOK, bookLineHash, type BookLine } from '../../src/seal/index.js';
import { SealUseBook, type BookDraft } from '../../src/seal/use/use-book.js';
import { SCOPE_ALL, type RecordStore } from '../../src/store/index.js';

let serial = 0;

export function sealUseBookContract(name: string, open: () => Promise<RecordStore>): void {
  describe(`book of seal uses: ${name}`, () => {
    let store: RecordStore;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(async () => {
      await store[Symbol.asyncDispose]();
    });

    const clock = { ...systemClock, now: () => now };
    let now = new Date('2026-11-20T08:00:00Z');
    /** Two books on one store stand for two processes. */
    const openBooks = async () => {
      const lines = await store.open(SEAL_USE_BOOK);
      const units = {
        get: (id: string) => Promise.resolve({ id, regionCode: '370102' } as UnitRecord),
      };
      const book = (): SealUseBook => new SealUseBook({ lines, units, clock });
      return {
        lines,
        books: [book(), book()] as const,
        unitId: `unit_${name.replace(/\W/g, '')}${String(++serial)}`,
      };
    };
    const draft = (unitId: string, useId: string, more: Partial<BookDraft> = {}): BookDraft => ({
      unitId,
      kind: 'intended',
      useId: `${unitId}-${useId}`,
      sealId: `seal-of-${unitId}`,
      actor: { accountId: 'acc_1', role: 'unit-signer' },
      details: { contractId: 'ctr_1' },
      isRelayed: false,
      ...more,
    });
    const all = async (unitId: string): Promise<readonly BookLine[]> => {
      const lines = await store.open(SEAL_USE_BOOK);
      const where = { unitNumber: { gte: `${unitId} `, lt: `${unitId}!` } };
      return (await lines.find({ where, orderBy: 'unitNumber', limit: 1000 }, SCOPE_ALL)).items;
    };

    it('numbers lines without gaps and binds each to the one before, with two writers', async () => {
      const { books, unitId } = await openBooks();
      await Promise.all(
        Array.from({ length: 24 }, (_, n) =>
          books[n % 2 === 0 ? 0 : 1].append(draft(unitId, `u${String(n)}`)),
        ),
      );
      const lines = await all(unitId);
      expect(lines.map(({ number }) => number)).toEqual(
        Array.from({ length: 24 }, (_, n) => n + 1),
      );
      lines.forEach((line, index) => {
        expect(line.hash).toBe(bookLineHash(line.event));
        expect(line.event.details['previous']).toBe(lines[index - 1]?.hash ?? '');
      });
    });

    it('writes the same line once', async () => {
      const { books, unitId } = await openBooks();
      const made = await Promise.all([
        books[0].append(draft(unitId, 'same')),
        books[1].append(draft(unitId, 'same')),
        books[0].append(draft(unitId, 'same')),
      ]);
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      expect(await all(unitId)).toHaveLength(1);
    });

    it('lets exactly as many uses through as a count allows', async () => {
      const { books, unitId } = await openBooks();
      const full = new AppError('seal-use-refused', 'full');
      const use = (n: number): Promise<BookLine> => {
        const book = books[n % 2 === 0 ? 0 : 1];
        return book.append(draft(unitId, `q${String(n)}`), async () => {
          if ((await book.counts(`seal-of-${unitId}`, now)).today >= 3) throw full;
        });
      };
      const settled = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => use(n)));
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
      expect(await all(unitId)).toHaveLength(3);
    });

    it('counts by the day of Shanghai, not what failed, and completed for good', async () => {
      const { books, unitId } = await openBooks();
      const [book] = books;
      const seal = `seal-of-${unitId}`;
      now = new Date('2026-11-30T15:59:59Z');
      const last = await book.append(draft(unitId, 'a'));
      now = new Date('2026-11-30T16:00:00Z');
      await book.append(draft(unitId, 'b'));
      expect(await book.counts(seal, now)).toEqual({ today: 1, thisMonth: 1 });
      await book.mark(last, { kind: 'failed', at: '2026-11-30T16:00:00Z' });
      const before = new Date('2026-11-30T12:00:00Z');
      expect(await book.counts(seal, before)).toEqual({ today: 0, thisMonth: 0 });
      await book.mark(last, { kind: 'completed', at: '2026-11-30T16:00:01Z' });
      await book.mark(last, { kind: 'interrupted', at: '2026-11-30T16:00:02Z' });
      expect(await book.counts(seal, before)).toEqual({ today: 1, thisMonth: 1 });
    });

    it('gives an approval to one act that counts, and to another once that one failed', async () => {
      const { books, unitId } = await openBooks();
      const [book] = books;
      const approvalId = `urq-${unitId}`;
      const first = await book.append(draft(unitId, 'x', { approvalId }));
      await expect(book.append(draft(unitId, 'y', { approvalId }))).rejects.toMatchObject({
        code: 'seal-use-approval-required',
        params: { why: 'used' },
      });
      await book.mark(first, { kind: 'failed', at: '2026-11-30T16:00:00Z' });
      await expect(book.append(draft(unitId, 'z', { approvalId }))).resolves.toMatchObject({
        number: 2,
      });
    });

    it('keeps its order where the clock is set back', async () => {
      const { books, unitId } = await openBooks();
      now = new Date('2026-11-20T10:00:00Z');
      await books[0].append(draft(unitId, 'a'));
      now = new Date('2026-11-20T09:00:00Z');
      const second = await books[1].append(draft(unitId, 'b'));
      expect(second.event.at).toBe('2026-11-20T10:00:00Z');
    });
  });
}
