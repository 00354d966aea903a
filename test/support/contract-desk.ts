/**
 * Contracts driven through the API of two real servers on one store, by the people of an installation:
 * each request goes to the other server than the last.
 */
import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { openService } from '../../src/app/service.js';
import { loadConfig, type Config } from '../../src/config/index.js';
import type { ContractData } from '../../src/contract/index.js';
import { messageSigner } from '../../src/filing/index.js';
import { Secret, silentLogger, systemClock } from '../../src/kernel/index.js';
import {
  startSampleBudgetSystem,
  type SampleBudgetSystem,
} from '../../src/sandbox/budget-system/index.js';
import { SAMPLE_REGION, sampleContractData } from '../../src/sandbox/sample/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { childArguments, childEnvironment } from './child-process.js';
import { TOKENS, configureWith, makeInstallation, type Installation } from './installation.js';
import { freePort, startServer, type ServerProcess } from './processes.js';
import { RawClient, type RawAnswer, type RawRequest } from './raw-client.js';
import { makeSeals } from './seal-making.js';

/** What the tests look at in a contract. */
export interface Contract {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly data: ContractData;
  readonly filingId: string | null;
  readonly filingNumber: string | null;
  readonly signatures: readonly {
    readonly role: string;
    readonly field: string;
    readonly unitId: string;
  }[];
  readonly times: { readonly signedAt: string | null; readonly announcedAt: string | null };
  readonly parties: readonly { readonly role: string; readonly openDuties: readonly string[] }[];
  readonly findings: readonly { readonly code: string }[];
}
export type Reply = RawAnswer<Contract>;
export type Side = 'buyer' | 'supplier';
/** `agent`: of the procurement agency {@link AGENCY}. */
export type Person = Side | 'handler' | 'machine' | 'agent';

export const AGENCY = { name: '示例采购代理有限公司', creditCode: '91370100MA3AGNCY1A' } as const;
const AGENT_TOKEN = '代理机构UKey';

/** A signed document or a package, written to a file. */
export interface KeptFile {
  readonly path: string;
  /** The signature fields of a document, in the order of signing. */
  readonly fields?: readonly string[];
}

const MACHINE = 'budget-machine';
const AGENT = 'agent-signer';
/** For what happens in the background. */
export const WAIT_MS = 180_000;

let count = 0;

export const newData = (): ContractData =>
  sampleContractData({ today: new Date(), number: `WAY-${String(++count)}` });

export const because = (reason: string): RawRequest => ({ json: { reason } });

export class ContractDesk {
  readonly config: Config;
  readonly budget: SampleBudgetSystem;
  readonly #installation: Installation;
  readonly #configFiles: readonly string[];
  #servers: readonly ServerProcess[] = [];
  #people: Readonly<Record<Person, RawClient>> | undefined;
  #requests = 0;
  readonly #kept: KeptFile[] = [];

  private constructor(
    installation: Installation,
    config: Config,
    { budget, configFiles }: { budget: SampleBudgetSystem; configFiles: readonly string[] },
  ) {
    this.#installation = installation;
    this.config = config;
    this.budget = budget;
    this.#configFiles = configFiles;
  }

  /** Makes an installation, starts its servers and its budget system, and logs everybody in. */
  static async open(): Promise<ContractDesk> {
    const installation = makeInstallation();
    const { directory } = installation;
    const config = loadConfig({
      env: {},
      fileText: readFileSync(installation.configFile, 'utf8'),
      baseDirectory: directory,
    });
    const secrets = await addPeopleAndSeals(config, directory);
    const keyId = 'qianyin-quickstart';
    const key = (name: string): string => join(directory, 'keys', name);
    // Its register has the installation's own contract already: numbers go on from there.
    const budget = await startSampleBudgetSystem({
      directory: join(directory, 'budget-system'),
      port: 0,
      verificationKeys: new Map([
        [keyId, createPublicKey(readFileSync(key('filing.pem'), 'utf8'))],
      ]),
      receiptSigner: messageSigner({
        keyId: 'sample-budget-system',
        privateKeyPem: readFileSync(key('budget-system.pem'), 'utf8'),
      }),
    });
    const ports = [await freePort(), await freePort()];
    const configFiles = ports.map((port) =>
      configureWith(installation, {
        port,
        // One service to its clients, whichever process answers.
        publicUrl: `http://127.0.0.1:${ports[0] ?? 0}`,
        jwt: { ttlSeconds: 3600 },
        rateLimits: { requestsPerMinute: 100_000, loginsPerMinute: 1000 },
        budgetSystem: {
          url: budget.url,
          keyId,
          signingKeyFile: key('filing.pem'),
          receiptKeysFile: key('budget-system.jwks.json'),
        },
      }),
    );
    const desk = new ContractDesk(installation, config, { budget, configFiles });
    try {
      await desk.serve();
      await desk.#logIn(secrets);
    } catch (error) {
      await desk.close();
      throw error;
    }
    return desk;
  }

  get directory(): string {
    return this.#installation.directory;
  }

  /** The folder of trust anchors. */
  get trust(): string {
    return this.#installation.trust;
  }

  /** Of the servers. */
  get urls(): readonly string[] {
    return this.#servers.map(({ url }) => url);
  }

  /** What was kept to be verified. */
  get kept(): readonly KeptFile[] {
    return this.#kept;
  }

  async serve(): Promise<void> {
    this.#servers = await Promise.all(this.#configFiles.map((file) => startServer(file)));
  }

  async stopServers(): Promise<void> {
    const servers = this.#servers;
    this.#servers = [];
    await Promise.all(servers.map((server) => server.stop()));
  }

  async close(): Promise<void> {
    await this.stopServers();
    await this.budget.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** @param server - Its URL; the other than last time, unless given. */
  async call<T>(
    who: Person,
    [method, path]: readonly [method: string, path: string],
    request: RawRequest = {},
    server = this.urls[++this.#requests % this.urls.length],
  ): Promise<RawAnswer<T>> {
    return this.#client(who).call<T>(method, `${server ?? ''}/api/v1${path}`, request);
  }

  async get(id: string): Promise<Contract> {
    return (await this.call<Contract>('handler', ['GET', `/contracts/${id}`])).body;
  }

  async post(who: Person, id: string, action: string, request: RawRequest = {}): Promise<Reply> {
    return this.call(who, ['POST', `/contracts/${id}/${action}`], request);
  }

  /** @param more - Of the request, besides or instead of goods with the sample data. */
  async draft(more: object = {}): Promise<Contract> {
    const json = { template: 'goods', data: newData(), ...more };
    const reply = await this.call<Contract>('handler', ['POST', '/contracts'], { json });
    expect([reply.body.code, reply.status]).toEqual([undefined, 201]);
    return reply.body;
  }

  /** Submits a draft, every warning acknowledged. */
  async submit(id: string): Promise<Reply> {
    const { findings } = (await this.post('handler', id, 'checks')).body;
    const acknowledged = findings.map(({ code }) => code);
    return this.post('handler', id, 'submit', { json: { acknowledged } });
  }

  async send(id: string): Promise<void> {
    expect((await this.submit(id)).body).toMatchObject({ state: 'sent' });
  }

  async confirm(id: string): Promise<Contract> {
    const { body } = await this.post('supplier', id, 'confirm');
    expect(body.state).toBe('confirmed');
    return body;
  }

  /** A contract that both sides have agreed on and nobody has signed. */
  async confirmed(more: object = {}): Promise<Contract> {
    const { id } = await this.draft(more);
    await this.send(id);
    return this.confirm(id);
  }

  /** Tries to sign with the token of the party, or of the buyer's agent. */
  async sign(
    id: string,
    side: Side | 'agent',
    { key, server }: { readonly key?: string; readonly server?: string } = {},
  ): Promise<Reply> {
    const label = side === 'agent' ? AGENT_TOKEN : TOKENS[side];
    const json = { token: { label }, pin: this.#installation.pin(side) };
    const request = { json, ...(key === undefined ? {} : { key }) };
    return this.call(side, ['POST', `/contracts/${id}/signatures`], request, server);
  }

  async signed(id: string, side: Side | 'agent'): Promise<Contract> {
    const reply = await this.sign(id, side);
    expect([reply.body.code, reply.status]).toEqual([undefined, 201]);
    return reply.body;
  }

  /** Waits for what happens in the background. */
  async until(id: string, state: string): Promise<Contract> {
    for (const deadline = Date.now() + WAIT_MS; ;) {
      const contract = await this.get(id);
      if (contract.state === state) return contract;
      if (Date.now() > deadline) throw new Error(`${id} is ${contract.state}, not ${state}`);
      await sleep(200);
    }
  }

  /** Waits for the filing, and keeps document and package to be verified. */
  async filed(id: string): Promise<Contract> {
    const contract = await this.until(id, 'filed');
    const file = (extension: string): string =>
      join(this.directory, `${contract.number}.${extension}`);
    writeFileSync(file('pdf'), await this.bytes('handler', `/contracts/${id}/document`));
    writeFileSync(
      file('zip'),
      await this.bytes('handler', `/filings/${contract.filingId ?? ''}/package`),
    );
    this.#kept.push({
      path: file('pdf'),
      fields: contract.signatures.map(({ field }) => field),
    });
    this.#kept.push({ path: file('zip') });
    return contract;
  }

  /** The bytes that a path answers with. */
  bytes(who: Person, path: string): Promise<Uint8Array> {
    return this.#client(who).bytes(`${this.urls[0] ?? ''}/api/v1${path}`);
  }

  async #logIn(secrets: { readonly machine: string; readonly agent: string }): Promise<void> {
    const [url = ''] = this.urls;
    const login = (account: string, password?: string): Promise<RawClient> =>
      RawClient.logIn(this.#installation, url, account, password);
    this.#people = {
      handler: await login('handler'),
      buyer: await login('buyer-signer'),
      supplier: await login('supplier-signer'),
      machine: await login(MACHINE, secrets.machine),
      agent: await login(AGENT, secrets.agent),
    };
  }

  #client(who: Person): RawClient {
    if (this.#people === undefined) throw new Error('nobody is logged in');
    return this.#people[who];
  }
}

/**
 * What an installation has not: a procurement agency with a UKey, seals of it and of the legal
 * representatives, and a machine's account.
 */
async function addPeopleAndSeals(
  config: Config,
  directory: string,
): Promise<{ readonly machine: string; readonly agent: string }> {
  const certificateDer = addAgentToken(directory);
  await using service = await openService({ config, clock: systemClock, logger: silentLogger });
  const { units, accounts, sealApplications } = service.services;
  const administrator = {
    accountId: 'installation',
    roles: ['system-administrator' as const],
    unitId: undefined,
    regionCode: SAMPLE_REGION,
    certificateSha256: undefined,
    requestId: undefined,
  };
  const { items: parties } = await service.collections.units.find({ limit: 10 }, SCOPE_ALL);
  for (const unit of parties) await makeSeals(sealApplications, { unit, kind: 'legal-person' });
  const agency = await units.create(administrator, {
    ...AGENCY,
    kind: 'agency',
    regionCode: SAMPLE_REGION,
  });
  const unit = await units.enrolCertificate(administrator, agency.id, {
    certificateDer,
    tokenKind: 'trading-centre',
  });
  await makeSeals(sealApplications, { unit });
  const agent = 'agent password of the tests';
  await accounts.create(administrator, {
    name: AGENT,
    kind: 'person',
    roles: ['unit-signer'],
    unitId: agency.id,
    password: Secret.fromText(agent),
  });
  const { secret } = await accounts.create(administrator, {
    name: MACHINE,
    kind: 'machine',
    roles: ['budget-system'],
    regionCode: SAMPLE_REGION,
  });
  return { machine: secret?.revealText() ?? '', agent };
}

function addAgentToken(directory: string): Uint8Array {
  writeFileSync(join(directory, 'pins', 'agent.txt'), '24681357\n');
  const { name, creditCode } = AGENCY;
  const subject = `CN=示例签章人丙,2.5.4.97=${creditCode},O=${name},C=CN`;
  const args = childArguments('test/support/agent-token.ts', [directory, AGENT_TOKEN, subject]);
  const env = { ...childEnvironment(), SOFTHSM2_CONF: join(directory, 'softhsm', 'softhsm2.conf') };
  const made = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  if (made.status !== 0) throw new Error(`no token for the agent: ${made.stderr}`);
  return new Uint8Array(Buffer.from(made.stdout, 'base64'));
}
