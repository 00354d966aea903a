/**
 * `kill -9` at every arrow of the flow under load: two server processes share a store and die at named
 * points while contracts are in flight, and are started again. Every contract must be filed, once, and
 * nothing may be left behind.
 *
 * In `npm test` a few contracts and a few points, others each time; `npm run test:kill` runs it whole:
 * KILL_CONTRACTS in flight (50), every point KILL_ROUNDS times (3), reproducible by KILL_SEED.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBlobs, openCollections, openRecords } from '../../src/app/data-folder/stores.js';
import { loadConfig } from '../../src/config/index.js';
import { currentBlobId } from '../../src/contract/index.js';
import { FAULT_POINTS, silentLogger } from '../../src/kernel/index.js';
import {
  startSampleBudgetSystem,
  type SampleBudgetSystem,
} from '../../src/sandbox/budget-system/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { openTrustFolder } from '../../src/trust/file/index.js';
import { verifyPdf } from '../../src/verification/index.js';
import { configureWith, makeInstallation, type Installation } from '../support/installation.js';
import { brokenInvariants, unfinishedWork } from '../support/invariants.js';
import { peopleOf, runCampaign, type CampaignResult } from '../support/kill-load/campaign.js';
import type { PlannedDeath } from '../support/kill-load/dying-servers.js';
import {
  startFlakyAuthority,
  startWebhookReceiver,
  type Peer,
  type WebhookReceiver,
} from '../support/kill-load/peers.js';
import {
  freePort,
  qianyin,
  startPki,
  startServer,
  type ServerProcess,
} from '../support/processes.js';

const IN_FLIGHT = Number(process.env['KILL_CONTRACTS'] ?? 6);
/** Every point this often; without it, a few points once. */
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 0);
const FEW_POINTS = 6;
const SEED = Number(process.env['KILL_SEED'] ?? Math.floor(Date.now() / 1000));
/** Deaths are spread over this many passes of their point. */
const MOST_PASSES = Math.max(2, Math.floor(IN_FLIGHT / 6));
const PATIENCE_MS = 180_000;
/** How long claims and leases of the dead may hold things up after the last contract is filed. */
const REST_MS = 120_000;

let installation: Installation;
let budget: SampleBudgetSystem;
let receiver: WebhookReceiver;
let authority: Peer;
let pki: ServerProcess;
let configFiles: readonly string[];
let urls: readonly string[];
let result: CampaignResult | undefined;

function done(): CampaignResult {
  if (result === undefined) throw new Error('the campaign did not end');
  return result;
}

/** Reproducible: a linear congruential generator (Numerical Recipes). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What happens to seals themselves is in seal-kill.test.ts. */
const POINTS = FAULT_POINTS.filter((point) => !point.startsWith('seal:'));

/** Every point once a round, in an order of its own; or the first few of one. */
function planOf(seed: number): readonly PlannedDeath[] {
  const random = numbersFrom(seed);
  const rounds = Array.from({ length: Math.max(1, ROUNDS) }, () => {
    const points = [...POINTS];
    return POINTS.map((): PlannedDeath => {
      const [point = 'signing:prepared'] = points.splice(random(points.length), 1);
      return { point, pass: 1 + random(MOST_PASSES) };
    });
  });
  return ROUNDS === 0 ? rounds.flat().slice(0, FEW_POINTS) : rounds.flat();
}

beforeAll(async () => {
  const pkiPort = await freePort();
  installation = makeInstallation(pkiPort);
  pki = await startPki(join(installation.directory, 'pki'), pkiPort);
  authority = await startFlakyAuthority(`http://127.0.0.1:${pkiPort}/tsa`);
  receiver = await startWebhookReceiver();
  // The register that the installation's own contract is in already: numbers go on from there.
  budget = await startSampleBudgetSystem({
    directory: join(installation.directory, 'budget-system'),
    port: 0,
  });
  const ports = [await freePort(), await freePort()];
  urls = ports.map((port) => `http://127.0.0.1:${port}`);
  configFiles = ports.map((port) =>
    configureWith(installation, {
      port,
      // One service to its clients, whichever process answers.
      publicUrl: urls[0],
      jwt: { ttlSeconds: 3600 },
      rateLimits: { requestsPerMinute: 1_000_000, loginsPerMinute: 1000 },
      // A killed delivery is taken up again when its lease ends, after three of these.
      budgetSystem: {
        url: budget.url,
        keyId: 'qianyin-quickstart',
        signingKeyFile: join(installation.directory, 'keys', 'filing.pem'),
        timeoutMs: 3000,
      },
      // Every other time-stamp fails, so that there are levels to be raised in the background.
      signing: {
        level: 'B-T',
        tsaUrls: `${authority.url}/tsa`,
        levelFailure: 'wait',
        levelRetrySeconds: 1,
      },
    }),
  );
  const server = await startServer(configFiles[0] ?? '');
  await peopleOf(installation, [server.url], PATIENCE_MS).handler.post('/webhooks', {
    url: receiver.url,
    events: ['contract.*'],
  });
  await server.stop();
}, 180_000);

afterAll(async () => {
  await result?.servers.stop();
  await Promise.all([budget.stop(), receiver.stop(), authority.stop(), pki.stop()]);
  if (process.env['KILL_KEEP'] === undefined) {
    rmSync(installation.directory, { recursive: true, force: true });
  }
});

it(
  'dies at every arrow, and every contract is filed',
  async () => {
    const plan = planOf(SEED);
    const startedAt = Date.now();
    const campaign = await runCampaign({
      installation,
      configFiles,
      urls,
      plan,
      inFlight: IN_FLIGHT,
      contracts: IN_FLIGHT,
      patienceMs: PATIENCE_MS,
    });
    result = campaign;
    const { servers, driven, contradicted } = campaign;
    const slowest = Math.max(...driven.map(({ tookMs }) => tookMs));
    process.stderr.write(
      `seed ${SEED}: ${driven.length} contracts, ${servers.deaths.length} of ${plan.length} deaths ` +
        `in ${Math.round((Date.now() - startedAt) / 1000)} s, slowest ${Math.round(slowest / 1000)} s\n`,
    );
    if (process.env['KILL_KEEP'] !== undefined) {
      writeFileSync(join(installation.directory, 'servers.log'), servers.log());
      process.stderr.write(`kept in ${installation.directory}\n`);
    }
    const notDied = plan.filter((death) => !servers.deaths.includes(death));
    expect(notDied).toEqual([]);
    expect(contradicted).toEqual([]);
  },
  60 * 60_000,
);

it(
  'leaves nothing behind, and every record and document as it must be',
  async () => {
    const config = loadConfig({
      env: {},
      fileText: JSON.stringify({
        environment: 'development',
        dataDirectory: installation.directory,
      }),
    });
    await using records = await openRecords(config, silentLogger);
    const collections = await openCollections(records);
    const deadline = Date.now() + REST_MS;
    let left = await unfinishedWork(collections);
    while (left.length > 0 && Date.now() < deadline) {
      await sleep(1000);
      left = await unfinishedWork(collections);
    }
    expect(left).toEqual([]);
    await done().servers.stop();
    const blobs = await openBlobs(config);
    expect(await brokenInvariants({ ...collections, blobs }, { isSettled: true })).toEqual([]);
    for (const { id } of done().driven) {
      const contract = await collections.contracts.get(id, SCOPE_ALL);
      if (contract === undefined) throw new Error(`${id} is gone`);
      const pdf = await blobs.read(currentBlobId(contract) ?? '');
      const report = await verifyPdf(pdf, {
        fileName: id,
        trust: openTrustFolder(installation.trust),
        at: new Date(),
      });
      const kinds = report.signatures.filter(({ kind }) => kind === 'signature');
      expect([id, report.indication, kinds.length]).toEqual([id, 'TOTAL-PASSED', 2]);
    }
  },
  REST_MS + 300_000,
);

it('has filed every contract once, with the number that it knows', () => {
  const filed = budget.filings();
  for (const { number, filingNumber } of done().driven) {
    const own = filed.filter((each) => each.contractNumber === number);
    expect([number, own.map((each) => each.filingNumber)]).toEqual([number, [filingNumber]]);
  }
});

it('leaves an audit log that verifies', () => {
  const run = qianyin(['audit', 'verify', '--data', installation.directory, '--json']);
  expect([run.status, run.stderr]).toEqual([0, '']);
});
