/**
 * Contracts in flight on server processes that die at planned points: each is driven from draft to
 * filed by clients that ask again, until every planned death has come about and nothing is left to do.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleContractData } from '../../../src/sandbox/sample/index.js';
import { TOKENS, type ContractView, type Installation } from '../installation.js';
import { DyingServers, type PlannedDeath } from './dying-servers.js';
import { PersistentClient, Refused } from './persistent-client.js';

export interface CampaignOptions {
  readonly installation: Installation;
  /** One server each. */
  readonly configFiles: readonly string[];
  readonly urls: readonly string[];
  readonly plan: readonly PlannedDeath[];
  /** How many contracts are on their way at the same time. */
  readonly inFlight: number;
  /** How many are begun at least; more, while deaths of the plan have not come about. */
  readonly contracts: number;
  /** How long one step of one contract may take, all its tries together. */
  readonly patienceMs: number;
}

export interface DrivenContract {
  readonly id: string;
  readonly number: string;
  readonly filingNumber: string | null;
  readonly tookMs: number;
}

export interface CampaignResult {
  readonly servers: DyingServers;
  readonly people: People;
  readonly driven: readonly DrivenContract[];
  /** Steps that were refused to a client that asked again with the key of a request that broke off. */
  readonly contradicted: readonly string[];
}

export type People = Readonly<Record<'handler' | 'buyer' | 'supplier', PersistentClient>>;

export function peopleOf(
  installation: Installation,
  urls: readonly string[],
  patienceMs: number,
): People {
  const person = (account: string): PersistentClient => {
    const path = join(installation.directory, 'accounts', `${account}.txt`);
    const password = readFileSync(path, 'utf8').trim();
    return new PersistentClient(urls, { account, password }, patienceMs);
  };
  return {
    handler: person('handler'),
    buyer: person('buyer-signer'),
    supplier: person('supplier-signer'),
  };
}

export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { installation, configFiles, urls, plan, patienceMs } = options;
  const servers = new DyingServers(configFiles, plan);
  const people = peopleOf(installation, urls, patienceMs);
  const driven: DrivenContract[] = [];
  const contradicted: string[] = [];
  const mostContracts = Math.max(options.contracts, 3 * plan.length);
  let begun = 0;
  const isWanted = (): boolean =>
    begun < options.contracts || (servers.deaths.length < plan.length && begun < mostContracts);
  const worker = async (): Promise<void> => {
    while (isWanted()) {
      const number = `KILL-${String(++begun)}`;
      driven.push(await drive(number, { people, installation, contradicted }));
    }
  };
  try {
    const workers = Promise.all(Array.from({ length: options.inFlight }, worker));
    await Promise.race([workers, servers.failed]);
  } catch (error) {
    const log = servers.log().slice(-3000);
    await servers.stop().catch(() => undefined);
    throw new Error(`${String(error)}; the servers said: ${log}`, { cause: error });
  }
  return { servers, people, driven, contradicted };
}

async function drive(
  number: string,
  desk: Pick<CampaignOptions, 'installation'> & {
    readonly people: People;
    readonly contradicted: string[];
  },
): Promise<DrivenContract> {
  const { people, installation, contradicted } = desk;
  const startedAt = Date.now();
  const data = sampleContractData({ number, today: new Date() });
  const { id } = await people.handler.post<ContractView>('/contracts', { template: 'goods', data });
  const step = async (
    who: PersistentClient,
    name: string,
    body: unknown,
    isDone: (contract: ContractView) => boolean,
  ): Promise<void> => {
    for (;;) {
      try {
        await who.post(`/contracts/${id}/${name}`, body);
        return;
      } catch (error) {
        if (!(error instanceof Refused) || !error.isAfterBreak) throw error;
        contradicted.push(`${name}: ${error.code}`);
        if (isDone(await who.get<ContractView>(`/contracts/${id}`))) return;
      }
    }
  };
  const signature = (party: 'buyer' | 'supplier') => ({
    token: { label: TOKENS[party] },
    pin: installation.pin(party),
  });
  await step(people.handler, 'submit', { acknowledged: [] }, ({ state }) => state === 'sent');
  await step(people.supplier, 'confirm', {}, ({ state }) => state === 'confirmed');
  const hasSigned = (count: number) => (contract: ContractView) =>
    contract.signatures.length >= count;
  await step(people.supplier, 'signatures', signature('supplier'), hasSigned(1));
  await step(people.buyer, 'signatures', signature('buyer'), hasSigned(2));
  for (;;) {
    const contract = await people.handler.get<ContractView>(`/contracts/${id}`);
    if (contract.state === 'filed') {
      return { id, number, filingNumber: contract.filingNumber, tookMs: Date.now() - startedAt };
    }
    if (Date.now() - startedAt > 20 * 60_000) throw new Error(`stuck in ${contract.state}`);
    await sleep(1000 * (1 + Math.random()));
  }
}
