/** The audit log over HTTP: proofs that hold without us, and nothing signed where it cannot be written. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { verifyProofFile } from '../../src/app/data-folder/verify-audit.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { confirmedContract, signAt } from './confirmed-contract.js';
import { ServiceFixture, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
const directory = mkdtempSync(join(tmpdir(), 'qianyin-proof-'));

beforeAll(async () => {
  fixture = await ServiceFixture.start();
});
afterAll(async () => {
  await fixture.stop();
  rmSync(directory, { recursive: true });
});

interface Proof {
  readonly entry: { readonly seq: number; readonly event: { readonly type: string } };
  readonly checkpoint: { readonly size: number; readonly number: number };
}

function keep(name: string, reply: Reply): string {
  const path = join(directory, name);
  writeFileSync(path, reply.bytes);
  return path;
}

describe('proofs', () => {
  it('of an entry and between checkpoints hold with the published key alone', async () => {
    await fixture.service.settle();
    const auditor = { as: 'auditor' };
    const key = keep('jwks.json', await fixture.call('GET', '//.well-known/jwks.json'));
    const first = await fixture.call('GET', '/audit/entries/1/proof', auditor);
    expect(first.status).toBe(200);
    const { checkpoint } = first.body as unknown as Proof;
    await expect(verifyProofFile(keep('first.json', first), key)).resolves.toMatchObject({
      isWhole: true,
      size: checkpoint.size,
    });

    await confirmedContract(fixture);
    await fixture.service.settle();
    const { items } = (await fixture.call('GET', '/audit/entries?limit=1', auditor)).body;
    const { seq } = items[0] as unknown as { readonly seq: number };
    const newest = (await fixture.call('GET', `/audit/entries/${String(seq)}/proof`, auditor))
      .body as unknown as Proof;
    expect(newest.entry.seq).toBe(seq);
    expect(newest.checkpoint.size).toBeGreaterThan(checkpoint.size);
    const path = `/audit/checkpoints/${String(newest.checkpoint.size)}/consistency?from=${String(checkpoint.size)}`;
    const consistency = await fixture.call('GET', path, auditor);
    const kept = keep('consistency.json', consistency);
    await expect(verifyProofFile(kept, key)).resolves.toMatchObject({ isWhole: true });

    const altered = consistency.bytes.slice();
    writeFileSync(
      kept,
      Buffer.from(altered)
        .toString()
        .replace(/"path":\["./, '"path":["f'),
    );
    const found = await verifyProofFile(kept, key);
    expect(found.isWhole && found.fault === null).toBe(false);
  });

  it('are not given for entries that the caller may not see', async () => {
    const reply = await fixture.call('GET', '/audit/entries/999999/proof', { as: 'auditor' });
    expect(reply).toMatchObject({ status: 404, body: { code: 'not-found' } });
    const sizes = await fixture.call('GET', '/audit/checkpoints/999999/consistency?from=1', {
      as: 'auditor',
    });
    expect(sizes.status).toBe(404);
  });

  it('start from a checkpoint that anybody may keep', async () => {
    const reply = await fixture.call('GET', '/public/audit/checkpoint');
    expect(reply.status).toBe(200);
    expect(Object.keys(reply.body).sort()).toEqual(
      ['at', 'keyId', 'number', 'previous', 'rootHash', 'signature', 'size'].sort(),
    );
  });
});

describe('where the log cannot be written', () => {
  it('nothing is signed and the key is not used; afterwards it is', async () => {
    const id = await confirmedContract(fixture);
    await fixture.service.settle();
    const { store } = fixture.config;
    if (store.kind !== 'sqlite') throw new Error('the fixture stands on SQLite');
    const database = new Database(store.path);
    // As a full disk does, for this one table.
    database.exec(
      `CREATE TRIGGER full BEFORE INSERT ON doc_auditEntries
         BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END`,
    );
    const supplier = fixture.signers.get('supplier')!;
    const sign = supplier.sign.bind(supplier);
    let uses = 0;
    Object.assign(supplier, {
      sign: (...args: Parameters<typeof sign>) => {
        uses++;
        return sign(...args);
      },
    });
    const refused = await signAt(fixture, id, 'supplier');
    expect(refused).toMatchObject({ status: 503, body: { code: 'audit-unavailable' } });
    expect(uses).toBe(0);
    const contract = await fixture.service.collections.contracts.get(id, SCOPE_ALL);
    expect(contract).toMatchObject({ state: 'confirmed', signatures: [] });
    expect(contract?.attempt).toBeUndefined();

    database.exec('DROP TRIGGER full');
    database.close();
    expect((await signAt(fixture, id, 'supplier')).status).toBe(201);
    expect(uses).toBe(1);
    await fixture.service.settle();
    expect((await fixture.service.services.readiness()).every((each) => each.isReady)).toBe(true);
  });
});
