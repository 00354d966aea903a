/** An installation made by quickstart, and a way to drive contracts through its API. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../src/app/quickstart/api-client.js';
import { Secret } from '../../src/kernel/index.js';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { qianyin } from './processes.js';

export interface Installation {
  readonly directory: string;
  readonly configFile: string;
  readonly trust: string;
  pin(name: 'buyer' | 'supplier' | 'agent'): string;
}

/**
 * Runs `quickstart --once` in a new folder.
 *
 * @param pkiPort - Where the authorities will be served; goes into the certificates.
 */
export function makeInstallation(pkiPort?: number): Installation {
  const directory = mkdtempSync(join(tmpdir(), 'qianyin-e2e-'));
  if (pkiPort !== undefined) {
    const baseUrl = `http://127.0.0.1:${pkiPort}`;
    const made = qianyin(['pki', 'init', '--out', join(directory, 'pki'), '--base-url', baseUrl]);
    if (made.status !== 0) throw new Error(`pki init failed: ${made.stderr}`);
  }
  const run = qianyin(['quickstart', '--once', '--data', directory]);
  if (run.status !== 0) throw new Error(`quickstart failed: ${run.stderr}`);
  return {
    directory,
    configFile: join(directory, 'config.json'),
    trust: join(directory, 'pki', 'trust'),
    pin: (name) => readFileSync(join(directory, 'pins', `${name}.txt`), 'utf8').trim(),
  };
}

/** The installation's configuration with other settings, as a file of its own. */
export function configureWith(
  installation: Installation,
  changes: Readonly<Record<string, unknown>>,
): string {
  const config = JSON.parse(readFileSync(installation.configFile, 'utf8')) as Record<
    string,
    unknown
  >;
  const path = join(installation.directory, `config-${Date.now()}-${Math.random()}.json`);
  writeFileSync(path, JSON.stringify({ ...config, ...changes }));
  return path;
}

export interface ContractView {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly filingId: string | null;
  readonly filingNumber: string | null;
  readonly signatures: readonly { readonly level: string }[];
  readonly extensions: readonly { readonly level: string }[];
  readonly level: {
    readonly reached: string;
    readonly state: string;
    readonly lastFailure: string | null;
  } | null;
}

export const TOKENS = { buyer: '预算一体化UKey', supplier: '交易中心UKey' } as const;

/** The people of the sample installation, logged in at a server. */
export async function logIn(installation: Installation, url: string) {
  const login = (name: string): Promise<ApiClient> => {
    const password = readFileSync(
      join(installation.directory, 'accounts', `${name}.txt`),
      'utf8',
    ).trim();
    return ApiClient.login(url, { name, password: Secret.fromText(password) });
  };
  return {
    handler: await login('handler'),
    buyer: await login('buyer-signer'),
    supplier: await login('supplier-signer'),
  };
}

export type People = Awaited<ReturnType<typeof logIn>>;

let counter = 0;

/** A contract that both sides have agreed on and nobody has signed. */
export async function confirmedContract(people: People): Promise<ContractView> {
  const number = `E2E-${Date.now()}-${++counter}`;
  const data = sampleContractData({ number, today: new Date() });
  const created = await people.handler.post<ContractView>('/contracts', {
    template: 'goods',
    data,
  });
  const path = `/contracts/${created.body.id}`;
  const sent = await people.handler.post<ContractView>(
    `${path}/submit`,
    { acknowledged: [] },
    created.etag,
  );
  return (await people.supplier.post<ContractView>(`${path}/confirm`, {}, sent.etag)).body;
}

export async function signAs(
  people: People,
  installation: Installation,
  contractId: string,
  party: 'buyer' | 'supplier',
): Promise<ContractView> {
  const body = { token: { label: TOKENS[party] }, pin: installation.pin(party) };
  return (await people[party].post<ContractView>(`/contracts/${contractId}/signatures`, body)).body;
}
