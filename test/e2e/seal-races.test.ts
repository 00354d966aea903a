/**
 * The life of seals with two server processes on one store, two people at each step of it at the same time: one
 * wins, the other is told why, and the records hold. `QIANYIN_RACE_RUNS` raises the number of rounds; the later one
 * starts at another moment in each.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCollections } from '../../src/app/data-folder/stores.js';
import { silentLogger } from '../../src/kernel/index.js';
import type { SealRecord } from '../../src/seal/index.js';
import { SCOPE_ALL, type Collection, type StoredDocument } from '../../src/store/index.js';
import { openMongoStore } from '../../src/store/mongo/index.js';
import { openSqliteStore } from '../../src/store/sqlite/index.js';
import { openTrustFolder } from '../../src/trust/file/index.js';
import { verifyPdf } from '../../src/verification/index.js';
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
import { allOf, brokenInvariants } from '../support/invariants.js';
import { freePort, qianyin, startServer, type ServerProcess } from '../support/processes.js';
import { brokenSealInvariants } from '../support/seal-invariants.js';
import { SealOffice } from '../support/seal-office.js';

const RUNS = Number(process.env['QIANYIN_RACE_RUNS'] ?? 3);
/** From here on chance alone would hardly leave one order out. */
const MANY = 12;
const MONGO = process.env['MONGODB_URI'];

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

let installation: Installation;
beforeAll(() => {
  installation = makeInstallation();
}, 300_000);
afterAll(() => rmSync(installation.directory, { recursive: true, force: true }));

/** A copy of the installation. */
interface Place {
  readonly dataDirectory: string;
  readonly store: object;
}

function onSqlite(): Promise<Place> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'qianyin-races-'));
  cpSync(installation.directory, dataDirectory, { recursive: true });
  return Promise.resolve({ dataDirectory, store: { kind: 'sqlite' } });
}

/** With its records in a MongoDB database of its own. */
async function onMongo(uri: string): Promise<Place> {
  const { dataDirectory } = await onSqlite();
  const database = `qianyin-races-${String(Date.now())}`;
  const mongodbUri = uri.replace(/^([a-z+]+:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${database}`);
  const path = join(dataDirectory, 'qianyin.sqlite');
  await using from = await openSqliteStore({ path, logger: silentLogger });
  await using to = await openMongoStore({ uri: mongodbUri, logger: silentLogger });
  type Any = Record<string, Collection<StoredDocument, string>>;
  const target = (await openCollections(to)) as unknown as Any;
  for (const [name, source] of Object.entries((await openCollections(from)) as unknown as Any)) {
    const documents = await allOf(source);
    await target[name]?.insertAll(documents.map((each) => ({ ...each, version: 1 })));
    // A new document begins with version 1: those that had more come to it by writes.
    for (const each of documents) {
      for (let version = 2; version <= each.version; version++) {
        await target[name]?.replace({ ...each, version });
      }
    }
  }
  rmSync(path);
  return { dataDirectory, store: { kind: 'mongodb', mongodbUri } };
}

const PLACES: readonly (readonly [name: string, runs: number, open: () => Promise<Place>])[] = [
  ['sqlite', RUNS, onSqlite],
  ...(MONGO === undefined
    ? []
    : ([['mongo', Math.max(2, RUNS - 1), () => onMongo(MONGO)]] as const)),
];

/** What came of two that started `offsetMs` apart; negative: the second first. */
async function race<A, B>(
  offsetMs: number,
  first: () => Promise<A>,
  second: () => Promise<B>,
): Promise<readonly [A, B]> {
  return Promise.all([
    sleep(Math.max(0, -offsetMs)).then(first),
    sleep(Math.max(0, offsetMs)).then(second),
  ]);
}

/** A refusal is a problem document with a stable code that says what to do next. */
function expectTold(answer: Answered, status: number, ...codes: readonly string[]): void {
  expect(codes).toContain(answer.body['code']);
  expect(answer).toMatchObject({
    status,
    body: {
      type: expect.stringMatching(`/problems/${String(answer.body['code'])}$`) as unknown,
      detail: expect.stringMatching(/\p{Script=Han}.{4,}/u) as unknown,
    },
  });
}

/** Of two, one has won. @returns Which, and what the other was told. */
function settled(pair: readonly [Answered, Answered]): {
  readonly winner: 0 | 1;
  readonly loser: Answered;
} {
  const [a, b] = pair;
  expect([a, b].filter(({ status }) => status < 300)).toHaveLength(1);
  return a.status < 300 ? { winner: 0, loser: b } : { winner: 1, loser: a };
}

describe.each(PLACES)('seals on %s, two processes', (_, runs, open) => {
  let place: Place;
  let configFile: string;
  let office: SealOffice;
  let people: People;
  let servers: readonly [ServerProcess, ServerProcess];
  let supplierUnitId: string;
  let signMs = 0;
  /** By race: who won, in each round. */
  const outcomes = new Map<string, string[]>();
  const note = (what: string, outcome: string): void => {
    outcomes.set(what, [...(outcomes.get(what) ?? []), outcome]);
  };

  const at = (index: 0 | 1, name: string): Promise<ApiCaller> =>
    office.callerAt(servers[index].url, name);
  const both = async (...names: readonly [string, string]): Promise<[ApiCaller, ApiCaller]> => [
    await at(0, names[0]),
    await at(1, names[1]),
  ];

  /** -1 to 1 over the rounds; the first and the last round of a signature are no race at all. */
  const spread = (run: number): number => (runs === 1 ? 0 : (2 * run) / (runs - 1) - 1);

  beforeAll(async () => {
    place = await open();
    const { dataDirectory, store } = place;
    const rateLimits = { requestsPerMinute: 1_000_000, loginsPerMinute: 1000 };
    // Who is logged in at one is at the other: both are the same service to their callers.
    const publicUrl = `http://127.0.0.1:${String(await freePort())}`;
    const config = { dataDirectory, store, rateLimits, publicUrl, budgetSystem: undefined };
    const start = async (): Promise<ServerProcess> =>
      startServer(configureWith(installation, { ...config, port: await freePort() }));
    servers = [await start(), await start()];
    configFile = configureWith(installation, config);
    office = await SealOffice.open(configFile);
    await office.add('second-reviewer', 'seal-reviewer');
    await office.add('second-admin', 'seal-administrator');
    people = await logIn(installation, servers[0].url);
    supplierUnitId = (await office.unit('supplier')).id;
    const [id] = await contracts(1);
    signMs = (await sign(id ?? '', 0)).tookMs;
  }, 180_000);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await office[Symbol.asyncDispose]();
    rmSync(place.dataDirectory, { recursive: true, force: true });
  });

  async function contracts(count: number): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let made = 0; made < count; made++) ids.push((await confirmedContract(people)).id);
    return ids;
  }

  /** The supplier signs at one of the servers. */
  async function sign(contractId: string, index: 0 | 1, sealId?: string) {
    const supplier = await at(index, 'supplier-signer');
    const began = performance.now();
    const answer = await supplier.post(`/contracts/${contractId}/signatures`, {
      token: { label: TOKENS.supplier },
      pin: installation.pin('supplier'),
      ...(sealId === undefined ? {} : { sealId }),
    });
    return { ...answer, tookMs: performance.now() - began };
  }

  /** Prepared by one, approved by two at once, made by two at once. @returns The seals' ids. */
  async function carry(applicationId: string, offsetMs: number): Promise<readonly string[]> {
    const path = `/seal-applications/${applicationId}`;
    const [maker, secondMaker] = await both('seal-admin', 'second-admin');
    const prepared = done(await maker.post(`${path}/prepare`))['preparation'] as {
      readonly contentSha256: string;
      readonly seals: readonly { readonly sealId: string }[];
    };
    const { contentSha256 } = prepared;
    const [reviewer, secondReviewer] = await both('seal-reviewer', 'second-reviewer');
    const approved = settled(
      await race(
        offsetMs,
        () => reviewer.post(`${path}/approve`, { contentSha256 }),
        () => secondReviewer.post(`${path}/approve`, { contentSha256 }),
      ),
    );
    const late = ['record-version-conflict', 'seal-application-transition-refused'] as const;
    expectTold(approved.loser, 409, ...late);
    note('approve', String(approved.winner));
    const made = settled(
      await race(
        offsetMs,
        () => maker.post(`${path}/make`),
        () => secondMaker.post(`${path}/make`),
      ),
    );
    expectTold(made.loser, 409, ...late);
    note('make', String(made.winner));
    return prepared.seals.map(({ sealId }) => sealId);
  }

  async function sealOf(id: string): Promise<SealRecord> {
    return (await office.collections.seals.get(id, SCOPE_ALL))!;
  }

  /**
   * Stops the seal against signatures of two at the other server; the first round stops it before, the last after.
   * What was signed when the stop had answered is all that will ever be signed.
   */
  async function stopAgainstSign(
    run: number,
    what: string,
    stop: () => Promise<Answered>,
    uses: readonly (readonly [contractId: string, sealId: string])[],
    refusal: string,
  ): Promise<void> {
    const signAll = () =>
      Promise.all(uses.map(([id, sealId], n) => sign(id, n % 2 === 0 ? 1 : 0, sealId)));
    const signedNow = () =>
      Promise.all(
        uses.map(async ([id]) => {
          const contract = await office.collections.contracts.get(id, SCOPE_ALL);
          return contract?.signatures.length ?? 0;
        }),
      );
    const stopAndLook = async () => [await stop(), await signedNow()] as const;
    const isFirst = run === 0;
    const isLast = run === runs - 1 && runs > 1;
    let answers: Awaited<ReturnType<typeof signAll>>;
    let stopped: Awaited<ReturnType<typeof stopAndLook>>;
    if (isFirst) {
      stopped = await stopAndLook();
      answers = await signAll();
    } else if (isLast) {
      answers = await signAll();
      stopped = await stopAndLook();
    } else {
      const startMs = ((1 + spread(run)) / 2) * signMs * uses.length;
      [stopped, answers] = await race(-startMs, stopAndLook, signAll);
    }
    const [answer, signedThen] = stopped;
    expect(answer.status).toBe(200);
    expect(await signedNow()).toEqual(signedThen);
    answers.forEach((each, index) => {
      const order = each.status === 201 ? 'sign first' : 'stop first';
      note(isFirst || isLast ? `${what}, apart` : what, order);
      expect(signedThen[index]).toBe(each.status === 201 ? 1 : 0);
      if (each.status === 201) signMs = (signMs + each.tookMs / uses.length) / 2;
      else expectTold(each, 409, refusal);
    });
    if (isFirst) expect(answers.every(({ status }) => status === 409)).toBe(true);
    if (isLast) expect(answers.every(({ status }) => status === 201)).toBe(true);
  }

  /** Signed before is valid for ever: by the file and the register together. */
  async function expectValid(contractId: string): Promise<void> {
    const contract = await office.collections.contracts.get(contractId, SCOPE_ALL);
    const [signature] = contract?.signatures ?? [];
    if (signature === undefined) return;
    const report = await verifyPdf(await office.blobs.read(signature.blobId), {
      fileName: 'contract.pdf',
      trust: openTrustFolder(installation.trust),
      at: new Date(),
    });
    expect(report.indication).toBe('TOTAL-PASSED');
  }

  async function expectWhole(): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const faults = [
        ...(await brokenSealInvariants(office.collections, { isSettled: true })),
        ...(await brokenInvariants({ ...office.collections, blobs: office.blobs })),
      ];
      // The background brings events to the log and outcomes to the book.
      if (faults.length === 0) return;
      if (Date.now() > deadline) expect(faults).toEqual([]);
      await sleep(300);
    }
  }

  it.each(Array.from({ length: runs }, (__, run) => run))(
    'round %i: one wins at every step, and what was signed stays valid',
    async (run) => {
      const [applicant, secondApplicant] = await both('supplier-signer', 'supplier-signer');
      const [admin, secondAdmin] = await both('seal-admin', 'second-admin');
      const offsetMs = spread(run) * 30;
      const texts = ['甲', '乙', '丙'].map(
        (text) => `竞态${text}${'一二三四五六七八九十'[run % 10]!}`,
      );
      const [a, b, c] = (await carry(
        await office.apply(applicant, 'supplier', texts),
        offsetMs,
      )) as [string, string, string];
      for (const id of [a, b, c]) {
        expect(await sealOf(id)).toMatchObject({ status: 'active', versions: { length: 1 } });
      }

      // Two renewals of one seal: the second is told of the first, and the seal has two versions.
      const validUntil = new Date(Date.now() + 500 * 86_400_000).toISOString();
      const renewals = await race(
        offsetMs,
        () => applicant.post(`/seals/${c}/renew`, { validUntil }),
        () => secondApplicant.post(`/seals/${c}/renew`, { validUntil }),
      );
      const renewal = settled(renewals);
      expectTold(renewal.loser, 409, 'seal-change-under-way');
      note('renew', String(renewal.winner));
      expect(await carry(String(renewals[renewal.winner].body['id']), offsetMs)).toEqual([c]);
      expect(await sealOf(c)).toMatchObject({ versions: { length: 2 } });

      const [one, two, three, four] = (await contracts(4)) as [string, string, string, string];
      await stopAgainstSign(
        run,
        'suspend',
        () => admin.post(`/seals/${a}/suspend`, { cause: 'frozen' }),
        [[one, a]],
        'seal-not-active',
      );
      done(await secondAdmin.post(`/seals/${a}/resume`, { reason: '核实无误' }));
      await stopAgainstSign(
        run,
        'revoke',
        () => admin.post(`/seals/${a}/revoke`, { reason: 'key-compromise' }),
        [[two, a]],
        'seal-revoked',
      );
      await stopAgainstSign(
        run,
        'revoke all of the unit',
        () => admin.post('/seals/revocations', { unitId: supplierUnitId, reason: 'other' }),
        [
          [three, b],
          [four, c],
        ],
        'seal-revoked',
      );
      for (const id of [a, b, c]) expect((await sealOf(id)).status).toBe('revoked');
      for (const id of [one, two, three, four]) await expectValid(id);
      await expectWhole();
    },
    180_000,
  );

  it('has seen both orders, and has a log that verifies', () => {
    const stops = ['suspend', 'revoke', 'revoke all of the unit'];
    const certain = runs > 1 ? stops.map((what) => `${what}, apart`) : [];
    const likely = runs >= MANY ? [...stops, 'approve', 'make', 'renew'] : [];
    for (const what of [...certain, ...likely]) {
      expect([what, new Set(outcomes.get(what)).size]).toEqual([what, 2]);
    }
    if (process.env['QIANYIN_RACE_RUNS'] !== undefined) {
      process.stderr.write(`${JSON.stringify(Object.fromEntries(outcomes))}\n`);
    }
    const run = qianyin(['audit', 'verify', '--config', configFile, '--json']);
    expect([run.status, run.stderr]).toEqual([0, '']);
  });
});
