import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  AUDIT_CHECKPOINTS,
  AUDIT_ENTRIES,
  createAuditLog,
  verifyConsistency,
  verifyInclusion,
  type AuditEntry,
  type AuditEvent,
} from '../../../src/audit/index.js';
import { fromHex, systemClock } from '../../../src/kernel/index.js';
import { SCOPE_ALL, type RecordStore } from '../../../src/store/index.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = {
  keyId: 'k1',
  sign: (message: Uint8Array) => new Uint8Array(sign('sha256', message, privateKey)),
  verify: (_keyId: string, message: Uint8Array, signature: Uint8Array) =>
    verify('sha256', message, publicKey, signature),
};

async function open(store: RecordStore = openMemoryStore()) {
  const entries = await store.open(AUDIT_ENTRIES);
  const checkpoints = await store.open(AUDIT_CHECKPOINTS);
  const log = createAuditLog({ entries, checkpoints, key, clock: systemClock });
  return { store, entries, checkpoints, log };
}

const event = (n: number): AuditEvent => ({
  id: `evt_${n}`,
  at: '2026-11-20T08:00:00Z',
  type: 'seal.used',
  actor: { accountId: 'acc_1', role: 'unit-signer' },
  subject: { kind: 'seal', id: `seal_${n % 3}` },
  scopeKeys: ['unit:u1'],
  details: { n },
});
const events = (count: number, from = 1): AuditEvent[] =>
  Array.from({ length: count }, (_, i) => event(from + i));

async function edit(
  entries: Awaited<ReturnType<typeof open>>['entries'],
  seq: number,
  change: (entry: AuditEntry) => AuditEntry,
): Promise<void> {
  const id = String(seq).padStart(12, '0');
  const entry = (await entries.get(id, SCOPE_ALL))!;
  await entries.replace({ ...change(entry), version: entry.version + 1 });
}

describe('the log', () => {
  it('numbers entries without gaps and records an event once', async () => {
    const { log, entries } = await open();
    await log.append(events(5));
    await log.append(events(7));
    const page = await log.find({ limit: 100 }, SCOPE_ALL);
    expect(page.items.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await entries.count({}, SCOPE_ALL)).toBe(7);
    await expect(log.verify()).resolves.toMatchObject({ size: 7 });
  });

  it('stays gap-free with two writers on one store', async () => {
    const store = openMemoryStore();
    const [a, b] = [await open(store), await open(store)];
    await Promise.all([
      ...events(40).map((each) => a.log.append([each])),
      ...events(40, 100).map((each) => b.log.append([each])),
      ...events(10).map((each) => b.log.append([each])),
    ]);
    await expect((await open(store)).log.verify()).resolves.toMatchObject({ size: 80 });
  });

  it('proves inclusion and consistency for every size', async () => {
    const { log } = await open();
    const roots = ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'];
    for (let n = 1; n <= 20; n++) {
      await log.append([event(n)]);
      roots.push((await log.checkpoint()).rootHash);
    }
    const bytes = (hex: string) => fromHex(hex)!;
    const { items } = await log.find({ limit: 100 }, SCOPE_ALL);
    for (let size = 1; size <= 20; size++) {
      for (let seq = 1; seq <= size; seq++) {
        const proof = (await log.inclusionProof(seq, size)).map(bytes);
        const leaf = bytes(items[seq - 1]!.hash);
        expect(verifyInclusion(leaf, seq - 1, size, proof, bytes(roots[size]!))).toBe(true);
        expect(verifyInclusion(leaf, seq % size, size, proof, bytes(roots[size]!))).toBe(
          size === 1,
        );
      }
      for (let old = 1; old <= size; old++) {
        const proof = (await log.consistencyProof(old, size)).map(bytes);
        const [oldRoot, root] = [bytes(roots[old]!), bytes(roots[size]!)];
        expect(verifyConsistency(old, size, oldRoot, root, proof)).toBe(true);
        if (old < size) expect(verifyConsistency(old, size, root, root, proof)).toBe(false);
      }
    }
    await expect(log.verify()).resolves.toMatchObject({ size: 20, checkpoints: 20 });
  });
});

describe('verification finds', () => {
  const damaged = async (damage: (opened: Awaited<ReturnType<typeof open>>) => Promise<void>) => {
    const opened = await open();
    await opened.log.append(events(9));
    await opened.log.checkpoint();
    await damage(opened);
    return (await open(opened.store)).log.verify();
  };

  it('an edited entry, and which', async () => {
    const run = damaged(({ entries }) =>
      edit(entries, 4, (entry) => ({ ...entry, event: { ...entry.event, type: 'seal.made' } })),
    );
    await expect(run).rejects.toMatchObject({
      code: 'audit-corrupt',
      params: { seq: 4, what: 'edited' },
    });
  });

  it('an entry rewritten together with its hash', async () => {
    const { entryHash } = await import('../../../src/audit/entry.js');
    const { toHex } = await import('../../../src/kernel/index.js');
    const run = damaged(({ entries }) =>
      edit(entries, 9, (entry) => {
        const forged = { ...entry.event, type: 'seal.made' };
        return { ...entry, event: forged, hash: toHex(entryHash(9, entry.prevHash, forged)) };
      }),
    );
    await expect(run).rejects.toMatchObject({
      params: { seq: 1, until: 9, what: 'checkpoint-contradicted' },
    });
  });

  it('a removed entry', async () => {
    const run = damaged(({ entries }) => entries.remove('000000000005', 1));
    await expect(run).rejects.toMatchObject({ params: { seq: 5, what: 'missing' } });
  });

  it('a cut tail', async () => {
    const run = damaged(({ entries }) => entries.remove('000000000009', 1));
    await expect(run).rejects.toMatchObject({ params: { seq: 9, what: 'tail-cut' } });
  });

  it('a restored old log, by a checkpoint kept elsewhere', async () => {
    const old = await open();
    await old.log.append(events(3));
    const { log } = await open();
    await log.append(events(9));
    const exported = await log.checkpoint();
    await expect(old.log.verify({ witnessed: [exported] })).rejects.toMatchObject({
      params: { what: 'rolled-back', checkpoint: 1 },
    });
  });

  it('a forged checkpoint', async () => {
    const run = damaged(async ({ checkpoints }) => {
      const [checkpoint] = (await checkpoints.find({ limit: 1 }, SCOPE_ALL)).items;
      await checkpoints.replace({ ...checkpoint!, version: 2, rootHash: '00'.repeat(32) });
    });
    await expect(run).rejects.toMatchObject({ params: { what: 'checkpoint-forged' } });
  });
});
