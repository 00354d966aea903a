/**
 * A budget system that misbehaves in every way we know of, as a process of its own beside the service's:
 * each contract is filed once in the budget system's own ledger, nothing is stuck, and what the service
 * says is so. The clocks are real; `budgetSystem.retrySeconds` is a second, so that an outage of many
 * attempts, which takes a day with the default pauses, takes seconds.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiClient } from '../../src/app/quickstart/api-client.js';
import { openService } from '../../src/app/service.js';
import { openBlobs, openCollections, openRecords } from '../../src/app/data-folder/stores.js';
import { loadConfig, type Config } from '../../src/config/index.js';
import { messageSigner, proveReceipt, signReceipt, type Receipt } from '../../src/filing/index.js';
import { Secret, silentLogger, systemClock } from '../../src/kernel/index.js';
import type { RegisteredFiling, SampleFault } from '../../src/sandbox/budget-system/index.js';
import { SAMPLE_REGION } from '../../src/sandbox/sample/index.js';
import { softwareTokens, principal } from '../http/service-fixture.js';
import { startBudgetSystem, type BudgetSystemProcess } from '../support/budget-system-process.js';
import {
  configureWith,
  confirmedContract,
  logIn,
  makeInstallation,
  signAs,
  type ContractView,
  type Installation,
  type People,
} from '../support/installation.js';
import { brokenInvariants, disagreements } from '../support/invariants.js';
import { freePort, qianyin, startServer, type ServerProcess } from '../support/processes.js';

interface FilingView {
  readonly id: string;
  readonly state: string;
  readonly attemptCount: number;
  readonly attempts: readonly { readonly outcome: string }[];
  readonly documentSha256: string;
  readonly receipt: {
    readonly filingNumber: string;
    readonly receivedAt: string;
    readonly signature: { readonly keyId: string; readonly jws: string } | null;
  } | null;
}
interface WorkItemView {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly filingId: string | null;
  readonly contractNumber: string;
  readonly text: string;
  readonly nextStep: string;
  readonly facts: Readonly<Record<string, string>>;
}

let installation: Installation;
let config: Config;
let configFile: string;
let budgetPort: number;
let budget: BudgetSystemProcess;
let server: ServerProcess;
let people: People;
let supervisor: ApiClient;
let machine: ApiClient;
let receiptKeyFile: string;

const startBudget = (): Promise<BudgetSystemProcess> =>
  startBudgetSystem({
    // Of the installation: what quickstart filed is known there.
    directory: join(installation.directory, 'budget-system'),
    port: budgetPort,
    requestKeyFile: join(installation.directory, 'keys', 'filing.pem'),
    receiptKeyFile,
  });

beforeAll(async () => {
  installation = makeInstallation();
  receiptKeyFile = join(installation.directory, 'keys', 'budget-system.pem');
  budgetPort = await freePort();
  budget = await startBudget();
  configFile = configureWith(installation, {
    port: await freePort(),
    budgetSystem: {
      url: budget.url,
      keyId: 'qianyin-quickstart',
      signingKeyFile: join(installation.directory, 'keys', 'filing.pem'),
      receiptKeysFile: join(installation.directory, 'keys', 'budget-system.jwks.json'),
      timeoutMs: 6000,
      retrySeconds: 1,
    },
  });
  config = loadConfig({
    env: {},
    fileText: readFileSync(configFile, 'utf8'),
    baseDirectory: installation.directory,
  });
  const secret = await makeMachine();
  server = await startServer(configFile);
  people = await logIn(installation, server.url);
  const password = readFileSync(join(installation.directory, 'accounts', 'supervisor.txt'), 'utf8');
  supervisor = await ApiClient.login(server.url, {
    name: 'supervisor',
    password: Secret.fromText(password.trim()),
  });
  machine = await ApiClient.login(server.url, { name: 'budget-machine', password: secret });
}, 240_000);

afterAll(async () => {
  await server.stop();
  await budget.stop();
  rmSync(installation.directory, { recursive: true, force: true });
}, 120_000);

/** Also after a test that broke off: the next one begins with a budget system that is well. */
afterEach(async () => {
  if (!budget.isRunning()) budget = await startBudget();
  await budget.setCondition('well');
}, 60_000);

/** The budget system's account, which its operator would be given. */
async function makeMachine(): Promise<Secret> {
  await using service = await openService({
    config,
    clock: systemClock,
    logger: silentLogger,
    tokens: softwareTokens(new Map()),
  });
  const made = await service.services.accounts.create(principal(['system-administrator']), {
    name: 'budget-machine',
    kind: 'machine',
    roles: ['budget-system'],
    regionCode: SAMPLE_REGION,
  });
  return made.secret!;
}

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** Asks until `isSo`; how long it takes is the machine's affair. */
async function eventually<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 150_000;
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`never came: ${JSON.stringify(answer)}`);
    await sleep(250);
  }
}

async function signedContract(): Promise<ContractView> {
  const { id } = await confirmedContract(people);
  await signAs(people, installation, id, 'supplier');
  return signAs(people, installation, id, 'buyer');
}

const contractNow = async ({ id }: ContractView): Promise<ContractView> =>
  (await people.handler.get<ContractView>(`/contracts/${id}`)).body;
const filingNow = async ({ id }: ContractView): Promise<FilingView | undefined> =>
  (await people.handler.get<{ items: FilingView[] }>(`/filings?contractId=${id}`)).body.items[0];
const filed = (contract: ContractView): Promise<ContractView> =>
  eventually(
    () => contractNow(contract),
    ({ state }) => state === 'filed',
  );
const attempted = (contract: ContractView, times: number): Promise<FilingView> =>
  eventually(
    () => filingNow(contract),
    (filing) => (filing?.attemptCount ?? 0) >= times,
  ) as Promise<FilingView>;
const itemsOf = async (filing: FilingView): Promise<readonly WorkItemView[]> =>
  (await supervisor.get<{ items: WorkItemView[] }>(`/filings/work-items?filingId=${filing.id}`))
    .body.items;

async function ledgerOf({ number }: ContractView): Promise<readonly RegisteredFiling[]> {
  const { filings } = await budget.ledger();
  return filings.filter(({ contractNumber }) => contractNumber === number);
}

/** Filed once over there, and both sides say the same. */
async function expectFiledOnce(contract: ContractView): Promise<void> {
  const now = await filed(contract);
  const entries = await ledgerOf(contract);
  expect(entries.map(({ filingNumber }) => filingNumber)).toEqual([now.filingNumber]);
  const filing = await filingNow(contract);
  expect(filing?.receipt?.signature?.keyId).toBe('sample-budget-system');
}

function signedReceipt(filingId: string, receipt: Receipt): Receipt {
  const privateKeyPem = readFileSync(receiptKeyFile, 'utf8');
  const signer = messageSigner({ keyId: 'sample-budget-system', privateKeyPem });
  return { ...receipt, jws: signReceipt(filingId, receipt, signer) };
}

describe('a budget system', () => {
  it('that fails each delivery in another way has each contract once', async () => {
    const faults: readonly SampleFault[] = [
      'store-and-answer-500',
      'store-and-drop',
      'store-and-cut',
      'store-and-hang',
      'answer-and-lose',
      'wrong-digest',
      'answer-html',
    ];
    await budget.addFaults(...faults);
    const contracts: ContractView[] = [];
    while (contracts.length < faults.length) contracts.push(await signedContract());
    for (const contract of contracts) await expectFiledOnce(contract);
    // Each was met, or this proves nothing: what was lost came a second time.
    const { deliveries } = await budget.ledger();
    expect(deliveries).toBeGreaterThanOrEqual(contracts.length + 3);
  }, 240_000);

  it('that is down through many attempts, and comes back, files what waited', async () => {
    await budget.stop();
    const contract = await signedContract();
    const waiting = await attempted(contract, 3);
    expect(new Set(waiting.attempts.map(({ outcome }) => outcome))).toEqual(
      new Set(['connection-failed']),
    );
    // The state is true: on its way, and not filed.
    expect(await contractNow(contract)).toMatchObject({ state: 'filing', filingNumber: null });
    budget = await startBudget();
    await expectFiledOnce(contract);
  }, 240_000);

  it('whose receipts are signed with the wrong key is not believed, and shows on the work list', async () => {
    await budget.setCondition('signs-with-wrong-key');
    const contract = await signedContract();
    const waiting = await attempted(contract, 1);
    const [item, ...more] = await eventually(
      () => itemsOf(waiting),
      (items) => items.length > 0,
    );
    expect(more).toEqual([]);
    expect([waiting.receipt, await ledgerOf(contract)]).toMatchObject([null, [{}]]);
    expect(item).toMatchObject({ kind: 'receipt-refused', facts: { reason: 'signature' } });
    await budget.setCondition('receipts-of-another-document');
    await eventually(
      () => itemsOf(waiting),
      (items) => items.some(({ facts }) => facts['reason'] === 'document'),
    );
    expect((await contractNow(contract)).state).toBe('filing');
    await budget.setCondition('well');
    await expectFiledOnce(contract);
    const resolved = await supervisor.post<WorkItemView>(
      `/filings/work-items/${item!.id}/resolve`,
      { outcome: 'corrected', reason: '对方已更换签名密钥' },
    );
    expect(resolved.body.state).toBe('resolved');
  }, 240_000);

  it('that brings receipts by itself, twice, out of order, late and contradicting', async () => {
    await budget.addFaults('store-and-drop', 'store-and-drop');
    const contracts = [await signedContract(), await signedContract()];
    await eventually(
      () => Promise.all(contracts.map(ledgerOf)),
      (ledgers) => ledgers.every((entries) => entries.length === 1),
    );
    await budget.setCondition('down');
    for (const contract of contracts.reverse()) {
      const filing = (await filingNow(contract))!;
      const [{ filingNumber, documentSha256, packageSha256, receivedAt }] = (await ledgerOf(
        contract,
      )) as [RegisteredFiling];
      const receipt = { filingNumber, documentSha256, packageSha256, receivedAt };
      const path = `/filings/${filing.id}/receipts`;
      const signed = signedReceipt(filing.id, receipt);
      for (const refused of [
        receipt,
        signedReceipt('fil_another0000', receipt),
        { ...signed, filingNumber: 'x' },
      ]) {
        await expect(machine.post(path, refused)).rejects.toThrow(/422/);
      }
      for (let time = 0; time < 2; time++) {
        const { body } = await machine.post<FilingView>(path, signed);
        expect(body).toMatchObject({ state: 'filed', receipt: { filingNumber } });
      }
      expect(await contractNow(contract)).toMatchObject({ state: 'filed', filingNumber });
      const other = { ...receipt, filingNumber: `${filingNumber}-2` };
      await expect(machine.post(path, signedReceipt(filing.id, other))).rejects.toThrow(/422/);
      const kinds = (await itemsOf(filing)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'receipt-contradicts')).toHaveLength(1);
    }
    await budget.setCondition('well');
    for (const contract of contracts) await expectFiledOnce(contract);
  }, 240_000);

  it('that gives one number to two contracts is told, and corrects one of them', async () => {
    const first = await signedContract();
    const { filingNumber } = await filed(first);
    await budget.addFaults('store-under-last-number');
    const second = await signedContract();
    expect((await filed(second)).filingNumber).toBe(filingNumber);
    const found = await supervisor.get<{ items: FilingView[] }>(
      `/filings?filingNumber=${filingNumber!}`,
    );
    const both = [first, second];
    const filings = await Promise.all(both.map(async (each) => (await filingNow(each))!));
    expect(found.body.items.map(({ id }) => id).sort()).toEqual(filings.map(({ id }) => id).sort());
    for (const filing of filings) {
      const items = await eventually(
        () => itemsOf(filing),
        (found) => found.length > 0,
      );
      expect(items).toMatchObject([
        { kind: 'number-shared', state: 'open', facts: { 'theirs.filingNumber': filingNumber } },
      ]);
      expect(items[0]!.text).toContain('同一备案号');
      expect(items[0]!.nextStep).toContain('更正');
    }
    const [, { id, documentSha256 }] = filings as [FilingView, FilingView];
    const corrected = `${filingNumber!}-2`;
    await budget.alter(id, { filingNumber: corrected });
    const { receivedAt } = filings[1]!.receipt!;
    const receipt = signedReceipt(id, { filingNumber: corrected, documentSha256, receivedAt });
    await machine.post(`/filings/${id}/receipts`, receipt);
    await expectFiledOnce(second);
    await expectFiledOnce(first);
    for (const { id: itemId } of (await Promise.all(filings.map(itemsOf))).flat()) {
      await supervisor.post(`/filings/work-items/${itemId}/resolve`, {
        outcome: 'corrected',
        reason: '预算系统已更正备案号',
      });
    }
  }, 240_000);

  it('that lost one filing, altered another and has a third of its own is compared with', async () => {
    const [lost, altered] = [await signedContract(), await signedContract()];
    await expectFiledOnce(lost);
    await expectFiledOnce(altered);
    const before = await filed(lost);
    await budget.lose(before.filingId!);
    const key = (await filed(altered)).filingId!;
    await budget.alter(key, { packageSha256: '0'.repeat(64) });
    const asked = await supervisor.post<{ id: string }>('/filings/reconciliations', {});
    const run = await eventually(
      async () =>
        (
          await supervisor.get<{ state: string; counts: Readonly<Record<string, number>> }>(
            `/filings/reconciliations/${asked.body.id}`,
          )
        ).body,
      ({ state }) => state === 'done',
    );
    expect(run.counts).toMatchObject({ refiled: 1, differing: 1, unknownHere: 0 });
    const refiled = await eventually(
      () => contractNow(lost),
      ({ filingNumber }) => filingNumber !== before.filingNumber,
    );
    expect(refiled.state).toBe('filed');
    await expectFiledOnce(lost);
    const [item] = await itemsOf((await filingNow(altered))!);
    expect(item).toMatchObject({ kind: 'package-differs', state: 'open' });
    await budget.alter(key, { packageSha256: item!.facts['ours.packageSha256']! });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^qianyin_filing_work_items_open [1-9]/m);
    expect(metrics).toMatch(/^qianyin_reconciliation_finished_timestamp_seconds \d{10}/m);
  }, 240_000);
});

it('leaves registers that agree, receipts that stand alone, and an audit log that verifies', async () => {
  const { filings: ledger } = await budget.ledger();
  await server.stop();
  await using records = await openRecords(config, silentLogger);
  const collections = await openCollections(records);
  const blobs = await openBlobs(config);
  expect(await brokenInvariants({ ...collections, blobs }, { isSettled: true })).toEqual([]);
  expect(await disagreements(collections, ledger)).toEqual([]);
  const jwks = JSON.parse(
    readFileSync(join(installation.directory, 'keys', 'budget-system.jwks.json'), 'utf8'),
  ) as { keys: (JsonWebKey & { kid: string })[] };
  const keys = new Map(
    jwks.keys.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })] as const),
  );
  const { items } = await collections.filings.find({ limit: 100 }, { kind: 'all' });
  for (const { id, receipt } of items) {
    const { signature, ...plain } = receipt!;
    const jws = signature!.jws;
    expect(proveReceipt(id, { ...plain, jws }, { keys, acceptsUnsigned: false })).toEqual(receipt);
  }
  const run = qianyin(['audit', 'verify', '--data', installation.directory, '--json']);
  expect([run.status, run.stderr]).toEqual([0, '']);
}, 120_000);
