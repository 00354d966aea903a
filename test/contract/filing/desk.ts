/** A filing desk on a real store and the sample budget system over HTTP, with a clock that tests move. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from '../../../src/audit/index.js';
import { CONTRACTS, type ContractIndex, type ContractRecord } from '../../../src/contract/index.js';
import {
  FILINGS,
  FILING_WORK_ITEMS,
  RECONCILIATIONS,
  createFilingService,
  createHttpBudgetSystem,
  type FilingIndex,
  type FilingRecord,
  type FilingService,
  type FilingServiceOptions,
  type ReconciliationIndex,
  type ReconciliationRecord,
  type WorkItemIndex,
  type WorkItemRecord,
} from '../../../src/filing/index.js';
import { newFiling } from '../../../src/filing/transitions.js';
import { silentLogger, type Clock } from '../../../src/kernel/index.js';
import {
  startSampleBudgetSystem,
  type SampleBudgetSystem,
  type SampleFault,
} from '../../../src/sandbox/budget-system/index.js';
import { SEALS, type SealIndex, type SealRecord } from '../../../src/seal/index.js';
import {
  SCOPE_ALL,
  type BlobStore,
  type Collection,
  type RecordStore,
} from '../../../src/store/index.js';
import { openMemoryBlobStore, openMemoryStore } from '../../../src/store/memory/index.js';
import { openSqliteStore } from '../../../src/store/sqlite/index.js';
import { STORES as DOMAIN_STORES } from '../stores.js';
import { proofsOf, signedLog } from '../../unit/filing/package-contents.js';
import {
  BUYER_SEAL,
  BUYER_SEAL_PICTURE,
  SIGNED_DOCUMENT,
  signedContract,
} from '../../unit/filing/signed-contract.js';

export const STORES: readonly [string, (directory: string) => Promise<RecordStore>][] = [
  ['memory', () => Promise.resolve(openMemoryStore())],
  [
    'sqlite',
    (directory) =>
      openSqliteStore({ path: join(directory, 'records.sqlite'), logger: silentLogger }),
  ],
];

const mongo = DOMAIN_STORES.find(([name]) => name === 'mongo');

/** Also on MongoDB, where there is a server: for what rests on the order of writes and reads. */
export const ALL_STORES: typeof STORES = [
  ...STORES,
  ...(mongo === undefined
    ? []
    : [[mongo[0], async () => (await mongo[1]()).store] as (typeof STORES)[number]]),
];

/** Starts at a whole second and moves only when told. */
class HandClock implements Clock {
  #ms = Date.parse('2026-11-23T08:00:00Z');

  now(): Date {
    return new Date(this.#ms);
  }

  monotonicMs(): number {
    return this.#ms;
  }

  advance(ms: number): void {
    this.#ms += ms;
  }
}

export interface Desk extends AsyncDisposable {
  readonly directory: string;
  readonly store: RecordStore;
  readonly filings: Collection<FilingRecord, FilingIndex>;
  readonly contracts: Collection<ContractRecord, ContractIndex>;
  readonly workItems: Collection<WorkItemRecord, WorkItemIndex>;
  readonly reconciliations: Collection<ReconciliationRecord, ReconciliationIndex>;
  readonly blobs: BlobStore;
  readonly clock: HandClock;
  readonly budget: SampleBudgetSystem;
  readonly filingId: string;
  /** Another process on the same store. */
  service(changes?: Partial<FilingServiceOptions>): FilingService;
  filing(): Promise<FilingRecord>;
  contract(): Promise<ContractRecord>;
  /** Another contract that all have signed; the event that says so. */
  addSigned(id: string): Promise<AuditEvent>;
  /** The budget system is started again on its files, at another port. */
  restartBudget(): Promise<void>;
}

export const LEASE_MS = 120_000;

export async function openDesk(
  openStore: (directory: string) => Promise<RecordStore>,
  faults: readonly SampleFault[] = [],
): Promise<Desk> {
  const directory = await mkdtemp(join(tmpdir(), 'filing-'));
  const clock = new HandClock();
  const store = await openStore(directory);
  const filings = await store.open(FILINGS);
  const contracts = await store.open(CONTRACTS);
  const seals: Collection<SealRecord, SealIndex> = await store.open(SEALS);
  const workItems = await store.open(FILING_WORK_ITEMS);
  const reconciliations = await store.open(RECONCILIATIONS);
  const blobs = openMemoryBlobStore();
  const receiptKey = generateKeyPairSync('ed25519');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const start = (): Promise<SampleBudgetSystem> =>
    startSampleBudgetSystem({
      directory: join(directory, 'budget-system'),
      port: 0,
      clock,
      verificationKeys: new Map([['k1', publicKey]]),
      receiptSigner: { keyId: 'budget-1', privateKey: receiptKey.privateKey },
      faults,
    });
  let budget = await start();

  const contract = signedContract();
  await contracts.insert({ ...contract, version: 1 });
  await seals.insert(BUYER_SEAL);
  await blobs.put([SIGNED_DOCUMENT]);
  await blobs.put([BUYER_SEAL_PICTURE]);
  const proofs = proofsOf(await signedLog(store, contract));
  const filingId = newFiling(contract, clock.now()).id;

  return {
    directory,
    store,
    filings,
    contracts,
    workItems,
    reconciliations,
    blobs,
    clock,
    get budget() {
      return budget;
    },
    filingId,
    service: (changes = {}) =>
      createFilingService({
        filings,
        contracts,
        seals,
        workItems,
        reconciliations,
        blobs,
        receipts: {
          keys: new Map([['budget-1', receiptKey.publicKey]]),
          acceptsUnsigned: true,
        },
        proofs,
        budgetSystem: createHttpBudgetSystem({
          url: budget.url,
          fetchFn: fetch,
          signer: { keyId: 'k1', privateKey },
          clock,
        }),
        clock,
        logger: silentLogger,
        // A busy machine is not a peer that hangs; the latter is waited for only where one does.
        timeoutMs: faults.includes('hang') ? 500 : 20_000,
        leaseMs: LEASE_MS,
        backoff: { firstMs: 1000, capMs: 4000 },
        ...changes,
      }),
    async filing() {
      const filing = await filings.get(filingId, SCOPE_ALL);
      if (filing === undefined) throw new Error('no filing');
      return filing;
    },
    async contract() {
      const found = await contracts.get(contract.id, SCOPE_ALL);
      if (found === undefined) throw new Error('no contract');
      return found;
    },
    async addSigned(id) {
      const added = signedContract({ id, number: `number of ${id}` });
      await contracts.insert({ ...added, version: 1 });
      await signedLog(store, added);
      return { ...SIGNED_EVENT, id: `evt_signed_${id}`, subject: { kind: 'contract', id } };
    },
    async restartBudget() {
      await budget.stop();
      budget = await start();
    },
    async [Symbol.asyncDispose]() {
      await budget.stop();
      await store[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The event that the signing room leaves on the contract. */
export const SIGNED_EVENT = {
  id: 'evt_signed',
  at: '2026-11-20T02:00:00Z',
  type: 'contract.signed',
  actor: { accountId: 'acc_1', role: 'unit-signer' },
  subject: { kind: 'contract', id: signedContract().id },
  scopeKeys: [],
  details: {},
} as const;

/** Rounds until nothing is due, an hour apart; how many it took. */
export async function workUntilSettled(desk: Desk, service: FilingService): Promise<number> {
  for (let round = 1; round <= 12; round++) {
    await service.runOnce();
    if ((await desk.filing()).dueAt === undefined) return round;
    desk.clock.advance(3_600_000);
  }
  throw new Error('never settled');
}
