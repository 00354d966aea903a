import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  AUDIT_CHECKPOINTS,
  AUDIT_ENTRIES,
  assertProof,
  createAuditLog,
  proveConsistency,
  proveInclusion,
  type AuditEvent,
  type AuditProof,
} from '../../../src/audit/index.js';
import { systemClock } from '../../../src/kernel/index.js';
import { SCOPE_ALL } from '../../../src/store/index.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = {
  keyId: 'k1',
  sign: (message: Uint8Array) => new Uint8Array(sign('sha256', message, privateKey)),
  verify: (keyId: string, message: Uint8Array, signature: Uint8Array) =>
    keyId === 'k1' && verify('sha256', message, publicKey, signature),
};

const event = (n: number): AuditEvent => ({
  id: `evt_${n}`,
  at: '2026-11-20T08:00:00Z',
  type: 'seal.used',
  actor: { accountId: 'acc_1', role: 'unit-signer' },
  subject: { kind: 'seal', id: 'seal_1' },
  scopeKeys: ['unit:u1'],
  details: { n },
});

async function openLog(count: number) {
  const store = openMemoryStore();
  const entries = await store.open(AUDIT_ENTRIES);
  const checkpoints = await store.open(AUDIT_CHECKPOINTS);
  const log = createAuditLog({ entries, checkpoints, key, clock: systemClock });
  await log.append(Array.from({ length: count }, (_, index) => event(index + 1)));
  return log;
}

/** As a stranger receives it: through JSON. */
const received = <T extends AuditProof>(proof: T): T => JSON.parse(JSON.stringify(proof)) as T;

describe('a proof of inclusion', () => {
  it('holds for every entry and needs nothing but the key', async () => {
    const log = await openLog(13);
    for (let seq = 1; seq <= 13; seq++) {
      const proof = received(await proveInclusion(log, (await log.entry(seq, SCOPE_ALL))!));
      expect(proof.checkpoint.size).toBe(13);
      expect(() => assertProof(proof, key)).not.toThrow();
    }
  });

  it('makes a checkpoint for an entry that is younger than the last one', async () => {
    const log = await openLog(3);
    await log.checkpoint();
    await log.append([event(4)]);
    const proof = await proveInclusion(log, (await log.entry(4, SCOPE_ALL))!);
    expect(proof.checkpoint).toMatchObject({ number: 2, size: 4 });
  });

  it('does not hold for an altered event, place, path, root, size or key', async () => {
    const log = await openLog(13);
    const proof = received(await proveInclusion(log, (await log.entry(6, SCOPE_ALL))!));
    const { entry, path, checkpoint } = proof;
    const refused = (altered: AuditProof, what: string): void => {
      try {
        assertProof(altered, key);
      } catch (error) {
        expect(error).toMatchObject({ code: 'audit-corrupt', params: { what } });
        return;
      }
      throw new Error(`${what} was not found`);
    };
    const other = { ...entry.event, details: { n: 7 } };
    refused({ ...proof, entry: { ...entry, event: other } }, 'proof-wrong');
    refused({ ...proof, entry: { ...entry, seq: 7 } }, 'proof-wrong');
    refused({ ...proof, entry: { ...entry, seq: 0 } }, 'proof-wrong');
    refused({ ...proof, path: path.slice(1) }, 'proof-wrong');
    refused({ ...proof, path: [...path, path[0]!] }, 'proof-wrong');
    for (const change of [{ size: 12 }, { rootHash: path[0]! }, { keyId: 'k2' }, { number: 9 }]) {
      refused({ ...proof, checkpoint: { ...checkpoint, ...change } }, 'checkpoint-forged');
    }
  });

  it('is over bytes that anybody can make: RFC 8785 JSON behind a zero byte', async () => {
    const log = await openLog(1);
    const [entry] = (await log.find({ limit: 1 }, SCOPE_ALL)).items;
    const text =
      '{"event":{"actor":{"accountId":"acc_1","role":"unit-signer"},"at":"2026-11-20T08:00:00Z",' +
      '"details":{"n":1},"id":"evt_1","scopeKeys":["unit:u1"],"subject":{"id":"seal_1","kind":"seal"},' +
      '"type":"seal.used"},"prevHash":"","seq":1}';
    expect(entry?.hash).toBe(createHash('sha256').update('\0').update(text).digest('hex'));
  });
});

describe('a proof of consistency', () => {
  it('holds from each checkpoint to each later one, and not the other way', async () => {
    const log = await openLog(0);
    for (let n = 1; n <= 9; n++) {
      await log.append([event(n)]);
      await log.checkpoint();
    }
    for (let from = 1; from <= 9; from++) {
      for (let to = from; to <= 9; to++) {
        const proof = received(await proveConsistency(log, from, to));
        expect(() => assertProof(proof, key)).not.toThrow();
        if (from === to) continue;
        expect(() => assertProof({ ...proof, from: proof.to, to: proof.from }, key)).toThrow();
        expect(() => assertProof({ ...proof, path: proof.path.slice(1) }, key)).toThrow();
      }
    }
    await expect(proveConsistency(log, 3, 12)).rejects.toMatchObject({ code: 'not-found' });
    await expect(proveConsistency(log, 5, 3)).rejects.toMatchObject({ code: 'input-invalid' });
  });
});

describe('checkpoints', () => {
  it('are one while the log stands still, and one for many who ask at once', async () => {
    const log = await openLog(3);
    const made = await Promise.all(Array.from({ length: 10 }, () => log.checkpoint()));
    expect(new Set(made.map(({ number }) => number))).toEqual(new Set([1]));
    await log.append([event(4)]);
    expect(await log.checkpoint()).toMatchObject({ number: 2, size: 4 });
  });
});
