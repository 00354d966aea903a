/**
 * `kill -9` between the writes of a seal's life, with real processes: what was begun is taken up or can be begun
 * again, and the book of uses has no gap and says the truth.
 */
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultPoint } from '../../src/kernel/index.js';
import type { SealRecord } from '../../src/seal/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { done, type Answered, type ApiCaller } from '../support/api-caller.js';
import {
  TOKENS,
  configureWith,
  confirmedContract,
  logIn,
  makeInstallation,
  type Installation,
  type People,
} from '../support/installation.js';
import { brokenInvariants } from '../support/invariants.js';
import { freePort, qianyin, startServer, type ServerProcess } from '../support/processes.js';
import { brokenSealInvariants } from '../support/seal-invariants.js';
import { SealOffice } from '../support/seal-office.js';

/** As long as the work of a process that is killed counts as under way; its own is shorter (`fault-switch.ts`). */
const LEASE_MS = 3200;

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

let installation: Installation;
let configFile: string;
let office: SealOffice;
let server: ServerProcess | undefined;
let people: People;

beforeAll(async () => {
  installation = makeInstallation();
  configFile = configureWith(installation, { port: await freePort(), budgetSystem: undefined });
  office = await SealOffice.open(configFile);
  server = await startServer(configFile);
  people = await logIn(installation, server.url);
}, 300_000);
afterAll(async () => {
  await server?.stop();
  await office[Symbol.asyncDispose]();
  rmSync(installation.directory, { recursive: true, force: true });
});

const at = async (name: string): Promise<ApiCaller> => {
  server ??= await startServer(configFile);
  return office.callerAt(server.url, name);
};

async function sealOf(id: string): Promise<SealRecord | undefined> {
  return office.collections.seals.get(id, SCOPE_ALL);
}

/** An application that waits to be made. */
async function approved(...texts: readonly string[]) {
  const id = await office.apply(await at('supplier-signer'), 'supplier', texts);
  const path = `/seal-applications/${id}`;
  const { contentSha256, seals } = done(await (await at('seal-admin')).post(`${path}/prepare`))[
    'preparation'
  ] as { readonly contentSha256: string; readonly seals: readonly { readonly sealId: string }[] };
  done(await (await at('seal-reviewer')).post(`${path}/approve`, { contentSha256 }));
  return { id, path, sealIds: seals.map(({ sealId }) => sealId) };
}

async function made(...texts: readonly string[]): Promise<readonly string[]> {
  const { path, sealIds } = await approved(...texts);
  done(await (await at('seal-admin')).post(`${path}/make`));
  return sealIds;
}

/** Runs `act` at a server that dies at `point`; that it did is asserted. */
async function dieAt(
  point: FaultPoint,
  act: (url: string) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  await server?.stop();
  server = undefined;
  const env = { QIANYIN_TEST_KILL_AT: point };
  // What its background comes to first may end it before it listens.
  const dying = await startServer(configFile, env).catch(String);
  if (typeof dying === 'string') {
    expect(dying).toContain('SIGKILL');
    return;
  }
  try {
    await act(dying.url).catch(() => undefined);
    expect(await Promise.race([dying.ended, sleep(15_000).then(() => 'alive')])).toBe('SIGKILL');
  } finally {
    dying.child.kill('SIGKILL');
  }
}

/** Until `look` gives something. */
async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 40_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('nothing came of it');
    await sleep(200);
  }
}

async function expectWhole(isSettled: boolean): Promise<void> {
  let faults: readonly string[] = [];
  await eventually(async () => {
    faults = [
      ...(await brokenSealInvariants(office.collections, { isSettled })),
      ...(await brokenInvariants({ ...office.collections, blobs: office.blobs })),
    ];
    return faults.length === 0 ? true : undefined;
  }).catch(() => expect(faults).toEqual([]));
}

describe('a seal that is stopped by a process that dies', () => {
  let spare: string[] = [];
  beforeAll(async () => {
    spare = [...(await made('停用甲', '停用乙', '停用丙', '停用丁'))];
  }, 180_000);
  afterEach(() => expectWhole(false), 180_000);

  /** A contract that is being signed with the seal, by a key elsewhere. */
  async function sessionWith(sealId: string) {
    const supplier = await at('supplier-signer');
    const { id } = await confirmedContract(people);
    const certificateB64 = (await office.unit('supplier')).certificates[0]?.derB64;
    const path = `/contracts/${id}/signing-sessions`;
    const session = done(await supplier.post(path, { sealId, certificateB64 }));
    return { contractId: id, sessionId: String(session['id']) };
  }

  const stops: readonly (readonly [
    what: 'suspend' | 'revoke' | 'take effect',
    point: FaultPoint,
    refusal: string,
  ])[] = [
    ['suspend', 'seal:stopped', 'seal-not-active'],
    ['revoke', 'seal:stopped', 'seal-revoked'],
    ['revoke', 'seal:uses-ended', 'seal-revoked'],
    ['take effect', 'seal:stopped', 'seal-revoked'],
  ];
  it.each(stops)(
    '%s, killed at %s: another ends the signature under way, its signer is told',
    async (what, point, refusal) => {
      const sealId = spare.shift()!;
      const { contractId, sessionId } = await sessionWith(sealId);
      const attempt = async () =>
        (await office.collections.contracts.get(contractId, SCOPE_ALL))?.attempt;
      expect((await attempt())?.sealStoppedAt).toBeUndefined();
      if (what === 'take effect') {
        const effectiveAt = new Date(Date.now() + 2000).toISOString();
        const admin = await at('seal-admin');
        done(await admin.post(`/seals/${sealId}/revoke`, { reason: 'other', effectiveAt }));
        await sleep(2500);
        await dieAt(point);
      } else {
        const body = what === 'suspend' ? { cause: 'frozen' } : { reason: 'key-compromise' };
        await dieAt(point, async (url) =>
          (await office.callerAt(url, 'seal-admin')).post(`/seals/${sealId}/${what}`, body),
        );
      }
      const status = what === 'suspend' ? 'suspended' : 'revoked';
      const left = await sealOf(sealId);
      expect(left).toMatchObject({ status, usesToEnd: { revision: left?.revision } });
      if (point === 'seal:stopped') expect((await attempt())?.sealStoppedAt).toBeUndefined();

      await sleep(LEASE_MS);
      const supplier = await at('supplier-signer');
      await eventually(async () => (await attempt())?.sealStoppedAt);
      await eventually(async () =>
        (await sealOf(sealId))?.usesToEnd === undefined ? true : undefined,
      );
      const told = await supplier.put(`/signing-sessions/${sessionId}/signature`, {
        signatureB64: Buffer.from('too late').toString('base64'),
      });
      expect(told).toMatchObject({ status: 409, body: { code: refusal } });
    },
    240_000,
  );
});

it('makes the rest of an application whose maker died between two seals', async () => {
  const { path, sealIds } = await approved('续作甲', '续作乙');
  const make = async (url: string): Promise<Answered> =>
    (await office.callerAt(url, 'seal-admin')).post(`${path}/make`);
  await dieAt('seal:made', make);
  const there = await Promise.all(sealIds.map(sealOf));
  expect(there.map((seal) => seal?.status)).toEqual(['active', undefined]);

  const again = await (await at('seal-admin')).post(`${path}/make`);
  expect(again).toMatchObject({ status: 200, body: { state: 'made' } });
  for (const id of sealIds) {
    expect(await sealOf(id)).toMatchObject({ status: 'active', versions: { length: 1 } });
  }
  await expectWhole(false);
}, 240_000);

describe('the book of uses', () => {
  const POINTS = [
    'signing:use-entered',
    'signing:intent',
    'signing:signed',
    'signing:blob-stored',
    'signing:published',
  ] as const satisfies readonly FaultPoint[];

  async function signAt(url: string, contractId: string, sealId: string): Promise<Answered> {
    const supplier = await office.callerAt(url, 'supplier-signer');
    return supplier.post(`/contracts/${contractId}/signatures`, {
      token: { label: TOKENS.supplier },
      pin: installation.pin('supplier'),
      sealId,
    });
  }

  it('has no gap and says what became of each use, wherever the process died', async () => {
    const [sealId = ''] = await made('用印甲');
    const contracts = new Map<FaultPoint, string>();
    for (const point of POINTS) contracts.set(point, (await confirmedContract(people)).id);
    for (const [point, id] of contracts) await dieAt(point, (url) => signAt(url, id, sealId));

    await sleep(LEASE_MS);
    await at('supplier-signer');
    const lines = async (contractId: string) =>
      (await office.collections.sealUseBook.find({ limit: 1000 }, SCOPE_ALL)).items
        .filter(({ event }) => event.details['contractId'] === contractId)
        .map(({ kind }) => kind);
    for (const [point, id] of contracts) {
      const expected = ['intended', point === 'signing:published' ? 'completed' : 'interrupted'];
      await eventually(async () =>
        (await lines(id)).length >= expected.length ? true : undefined,
      );
      expect([point, await lines(id)]).toEqual([point, expected]);
    }
    // What was interrupted can be done again, with a line of its own.
    for (const [point, id] of contracts) {
      const answer = await signAt(server!.url, id, sealId);
      expect([point, answer.status]).toEqual([point, point === 'signing:published' ? 409 : 201]);
    }
    const usages = done(await (await at('auditor')).get(`/seals/${sealId}/usages?limit=100`));
    const results = (usages['items'] as readonly { readonly result: string }[]).map(
      ({ result }) => result,
    );
    expect(results.filter((each) => each === 'interrupted')).toHaveLength(POINTS.length - 1);
    await expectWhole(false);
  }, 400_000);
});

it('leaves an audit log that verifies', async () => {
  await server?.stop();
  server = undefined;
  const run = qianyin(['audit', 'verify', '--data', installation.directory, '--json']);
  expect([run.status, run.stderr]).toEqual([0, '']);
});
