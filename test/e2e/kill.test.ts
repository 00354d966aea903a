/**
 * `kill -9` at every arrow from signing to filing, with real processes: the service dies at a named
 * point, is started again, and the contract must come through, once.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FAULT_POINTS, type FaultPoint } from '../../src/kernel/index.js';
import {
  startSampleBudgetSystem,
  type SampleBudgetSystem,
} from '../../src/sandbox/budget-system/index.js';
import { openTrustFolder } from '../../src/trust/file/index.js';
import { verifyPdf } from '../../src/verification/index.js';
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
import { freePort, qianyin, startServer } from '../support/processes.js';

let installation: Installation;
let budget: SampleBudgetSystem;
let configFile: string;

beforeAll(async () => {
  installation = makeInstallation();
  budget = await startSampleBudgetSystem({
    directory: join(installation.directory, 'budget-e2e'),
    port: 0,
  });
  const port = await freePort();
  const { keyId, signingKeyFile } = {
    keyId: 'qianyin-quickstart',
    signingKeyFile: join(installation.directory, 'keys', 'filing.pem'),
  };
  configFile = configureWith(installation, {
    port,
    // A killed delivery is taken up again when its lease ends, after three of these.
    budgetSystem: { url: budget.url, keyId, signingKeyFile, timeoutMs: 1500 },
  });
}, 120_000);

afterAll(async () => {
  await budget.stop();
  rmSync(installation.directory, { recursive: true, force: true });
});

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** Signs whatever is unsigned until the contract is filed: what people would do after an outage. */
async function bringThrough(people: People, id: string): Promise<ContractView> {
  const deadline = Date.now() + 45_000;
  for (;;) {
    const { body } = await people.handler.get<ContractView>(`/contracts/${id}`);
    if (body.state === 'filed') return body;
    if (Date.now() > deadline) throw new Error(`stuck in ${body.state}`);
    const party =
      body.state === 'confirmed'
        ? 'supplier'
        : body.state === 'supplier-signed'
          ? 'buyer'
          : undefined;
    // An attempt that died blocks others until it runs out.
    if (party !== undefined) await signAs(people, installation, id, party).catch(() => undefined);
    await sleep(300);
  }
}

/** Points that the service passes after the last signature, in the background. */
const isBackground = (point: FaultPoint): boolean => !point.startsWith('signing:');

/** A contract up to just before the signature that leads to `point`, with nothing left to relay. */
async function prepareFor(
  point: FaultPoint,
): Promise<{ readonly id: string; readonly people: People }> {
  const server = await startServer(configFile);
  try {
    const people = await logIn(installation, server.url);
    const { id } = await confirmedContract(people);
    if (isBackground(point)) await signAs(people, installation, id, 'supplier');
    await sleep(1500);
    return { id, people };
  } finally {
    await server.stop();
  }
}

describe('killed at', () => {
  // Those of levels are in levels.test.ts: they need authorities that answer; webhooks need one set up;
  // those of seals are in seal-kill.test.ts.
  it.each(FAULT_POINTS.filter((point) => !/^(?:level|seal|webhook):/.test(point)))(
    '%s, the contract is signed once, filed once, and not stuck',
    async (point: FaultPoint) => {
      // Logging in leaves an event too, so the sessions are those of the server before.
      const { id, people } = await prepareFor(point);
      const dying = await startServer(configFile, { QIANYIN_TEST_KILL_AT: point });
      try {
        const party = isBackground(point) ? 'buyer' : 'supplier';
        await signAs(people, installation, id, party).catch(() => undefined);
        // The point must have been reached, or this test proves nothing.
        const how = await Promise.race([dying.ended, sleep(15_000).then(() => 'alive')]);
        expect(how).toBe('SIGKILL');
      } finally {
        dying.child.kill('SIGKILL');
      }

      const server = await startServer(configFile);
      try {
        const filed = await bringThrough(people, id);
        const filings = budget.filings().filter((each) => each.contractNumber === filed.number);
        expect(filings).toHaveLength(1);
        expect(filings[0]?.filingNumber).toBe(filed.filingNumber);

        const pdf = await people.handler.bytes(`/contracts/${id}/document`);
        const report = await verifyPdf(pdf, {
          fileName: 'contract.pdf',
          trust: openTrustFolder(installation.trust),
          at: new Date(),
        });
        expect(report.indication).toBe('TOTAL-PASSED');
        expect(report.signatures).toHaveLength(2);
      } finally {
        await server.stop();
      }
    },
    120_000,
  );
});

it('leaves an audit log that verifies', () => {
  const run = qianyin(['audit', 'verify', '--data', installation.directory, '--json']);
  expect([run.status, run.stderr]).toEqual([0, '']);
});
