/**
 * Levels through the service with real processes: both parties sign by their tokens, the authorities
 * answer, are down, come back; the service dies while it raises what waits.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FAULT_POINTS, type FaultPoint } from '../../src/kernel/index.js';
import { openTrustFolder } from '../../src/trust/file/index.js';
import { verifyPdf } from '../../src/verification/index.js';
import { judgeLevels } from '../interop/levels/judge.js';
import { hasPyhanko, whereThereIs } from '../interop/verification/peers.js';
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
import {
  freePort,
  qianyin,
  startPki,
  startServer,
  type ServerProcess,
} from '../support/processes.js';

let installation: Installation;
let pkiPort: number;
let pki: ServerProcess | undefined;
let server: ServerProcess | undefined;

const at = (...names: string[]): string => join(installation.directory, ...names);

async function servePki(): Promise<void> {
  pki ??= await startPki(at('pki'), pkiPort);
}

async function stopPki(): Promise<void> {
  await pki?.stop();
  pki = undefined;
}

async function serve(
  levelFailure: 'wait' | 'refuse',
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const signing = {
    level: 'B-LTA',
    tsaUrls: `http://127.0.0.1:${pkiPort}/tsa`,
    levelFailure,
    levelRetrySeconds: 1,
  };
  server = await startServer(
    configureWith(installation, { port: await freePort(), budgetSystem: undefined, signing }),
    env,
  );
  return server;
}

beforeAll(async () => {
  pkiPort = await freePort();
  installation = makeInstallation(pkiPort);
}, 120_000);

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

afterAll(async () => {
  await stopPki();
  rmSync(installation.directory, { recursive: true, force: true });
});

const contractOf = async (people: People, id: string): Promise<ContractView> =>
  (await people.handler.get<ContractView>(`/contracts/${id}`)).body;

/** The contract once the background has brought it to its level. */
async function untilKept(people: People, id: string): Promise<ContractView> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const contract = await contractOf(people, id);
    if (contract.level?.state === 'kept') return contract;
    if (Date.now() > deadline) throw new Error(`stuck: ${JSON.stringify(contract.level)}`);
    await new Promise((wake) => setTimeout(wake, 250));
  }
}

/** Keeps the file for the judge, and expects our verifier to find each signature at `levels`. */
async function expectLevels(
  people: People,
  id: string,
  name: string,
  levels: readonly string[],
): Promise<void> {
  const pdf = await people.handler.bytes(`/contracts/${id}/document`);
  writeFileSync(at(`${name}.pdf`), pdf);
  const report = await verifyPdf(pdf, {
    fileName: name,
    trust: openTrustFolder(installation.trust),
    at: new Date(),
  });
  expect([name, report.indication]).toEqual([name, 'TOTAL-PASSED']);
  const signatures = report.signatures.filter(({ kind }) => kind === 'signature');
  expect(signatures.map(({ level }) => level)).toEqual(levels);
}

it('signs by both parties at B-LTA', async () => {
  await servePki();
  const people = await logIn(installation, (await serve('refuse')).url);
  const { id } = await confirmedContract(people);
  await signAs(people, installation, id, 'supplier');
  const contract = await signAs(people, installation, id, 'buyer');
  expect(contract).toMatchObject({
    state: 'signed',
    level: { reached: 'B-LTA', state: 'kept', lastFailure: null },
    signatures: [{ level: 'B-LTA' }, { level: 'B-LTA' }],
    extensions: [],
  });
  await expectLevels(people, id, 'both', ['B-LTA', 'B-LTA']);
}, 60_000);

it('waits at B-B where the authority is down, and raises both when it is back', async () => {
  await stopPki();
  const people = await logIn(installation, (await serve('wait')).url);
  const { id } = await confirmedContract(people);
  await signAs(people, installation, id, 'supplier');
  const waiting = await signAs(people, installation, id, 'buyer');
  expect(waiting).toMatchObject({
    state: 'signed',
    level: { reached: 'B-B', state: 'waiting', lastFailure: 'tsa-unavailable' },
    signatures: [{ level: 'B-B' }, { level: 'B-B' }],
  });
  await expectLevels(people, id, 'waiting', ['B-B', 'B-B']);
  await servePki();
  const raised = await untilKept(people, id);
  expect(raised.level?.reached).toBe('B-LTA');
  expect(raised.extensions.map(({ level }) => level)).toEqual(['B-LTA']);
  await expectLevels(people, id, 'raised', ['B-LTA', 'B-LTA']);
}, 120_000);

it('refuses a signature below the level where the policy says so, and frees the contract', async () => {
  await stopPki();
  const people = await logIn(installation, (await serve('refuse')).url);
  const { id } = await confirmedContract(people);
  await expect(signAs(people, installation, id, 'supplier')).rejects.toMatchObject({
    params: { status: 503, answer: expect.stringContaining('tsa-unavailable') },
  });
  expect(await contractOf(people, id)).toMatchObject({ state: 'confirmed', signatures: [] });
  await servePki();
  expect(await signAs(people, installation, id, 'supplier')).toMatchObject({
    state: 'supplier-signed',
    level: { reached: 'B-LTA', state: 'kept' },
  });
}, 120_000);

describe('killed at', () => {
  it.each(FAULT_POINTS.filter((point) => point.startsWith('level:')))(
    '%s, the contract is raised once',
    async (point: FaultPoint) => {
      await stopPki();
      const dying = await serve('wait', { QIANYIN_TEST_KILL_AT: point });
      const people = await logIn(installation, dying.url);
      const { id } = await confirmedContract(people);
      await signAs(people, installation, id, 'supplier');
      await servePki();
      // The point must have been reached, or this test proves nothing.
      expect(await dying.ended).toBe('SIGKILL');

      const again = await logIn(installation, (await serve('wait')).url);
      const raised = await untilKept(again, id);
      expect(raised.extensions.map(({ level }) => level)).toEqual(['B-LTA']);
      await expectLevels(again, id, point.replace(':', '-'), ['B-LTA']);
      expect(await signAs(again, installation, id, 'buyer')).toMatchObject({ state: 'signed' });
    },
    120_000,
  );
});

it('leaves an audit log that verifies', () => {
  const run = qianyin(['audit', 'verify', '--data', installation.directory, '--json']);
  expect([run.status, run.stderr]).toEqual([0, '']);
});

whereThereIs(
  hasPyhanko,
  'pyHanko',
  describe,
)('pyHanko', () => {
  it('finds both signatures archived, with the authorities down', async () => {
    await stopPki();
    // Not asked of files raised later: it wants the time-stamp inside the signature itself, and takes
    // no document time-stamp for it.
    const root = join(installation.trust, 'anchors', 'root.pem');
    const verdicts = judgeLevels(root, [{ do: 'lta', in: at('both.pdf') }]);
    expect(new Set(verdicts)).toEqual(new Set(['PASSED']));
  });
});
