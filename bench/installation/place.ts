/** A service to measure on: its own store and files, units, seals, accounts, people logged in. */
import { ApiClient } from '../../src/app/quickstart/api-client.js';
import { createLogger } from '../../src/app/logger.js';
import { SampleSeals } from '../../src/app/quickstart/sample-seals.js';
import { seedAccounts, type Seeded } from '../../src/app/quickstart/seed-accounts.js';
import { loadResources } from '../../src/app/resources.js';
import { serve, type Serving } from '../../src/app/serve.js';
import { loadConfig } from '../../src/config/index.js';
import type { ContractRecord } from '../../src/contract/index.js';
import { noFaults, systemClock, type FaultHook } from '../../src/kernel/index.js';
import { SAMPLE_BUYER, SAMPLE_SUPPLIER } from '../../src/sandbox/sample/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { TOKENS, type Ground } from './ground.js';
import { longContractData } from './long-contract.js';

export interface Place extends AsyncDisposable {
  readonly ground: Ground;
  readonly serving: Serving;
  readonly accounts: Seeded;
  readonly handler: ApiClient;
  readonly supplier: ApiClient;
  readonly buyer: ApiClient;
}

export interface PlaceOptions {
  /** Of the service's store and files. */
  readonly directory: string;
  readonly ground: Ground;
  /** Told of the arrows of a signature under way. */
  readonly faults?: FaultHook;
  /** Where filings are delivered; nothing is delivered where absent. */
  readonly budgetSystem?: { readonly url: string; readonly signingKeyFile: string };
}

export async function openPlace(options: PlaceOptions): Promise<Place> {
  const { directory, ground, faults = noFaults, budgetSystem } = options;
  const config = loadConfig({
    env: {},
    baseDirectory: directory,
    fileText: JSON.stringify({
      environment: 'development',
      logLevel: 'error',
      dataDirectory: directory,
      port: 0,
      trustDirectory: ground.trustDirectory,
      pkcs11: { modules: ground.modulePath, softhsmConf: ground.softHsmConf },
      seals: { makerP12File: ground.makerP12File, makerSecretFile: ground.makerSecretFile },
      rateLimits: { requestsPerMinute: 1_000_000 },
      ...(budgetSystem === undefined
        ? {}
        : { budgetSystem: { ...budgetSystem, keyId: 'qianyin-bench' } }),
    }),
  });
  const serving = await serve({ config, logger: createLogger('error'), faults });
  const accounts = await seedAccounts(serving, directory, ground.certificates);
  const loginWithKey = async (label: string): Promise<ApiClient> => {
    await using key = await serving.service.services.tokens.open({ label }, { pin: ground.pin });
    return await ApiClient.loginWithKey(serving.url, key);
  };
  const seals = new SampleSeals(
    serving.service,
    {
      administrator: await loginWithKey(TOKENS.sealAdministrator),
      reviewer: await loginWithKey(TOKENS.sealReviewer),
    },
    loadResources().fonts,
  );
  const handler = await ApiClient.login(serving.url, accounts.handler);
  const supplier = await ApiClient.login(serving.url, accounts.supplierSigner);
  await seals.ensure({
    unit: accounts.buyer,
    sample: SAMPLE_BUYER,
    certificateDer: ground.certificates.buyer,
    applicant: handler,
  });
  await seals.ensure({
    unit: accounts.supplier,
    sample: SAMPLE_SUPPLIER,
    certificateDer: ground.certificates.supplier,
    applicant: supplier,
  });
  return {
    ground,
    serving,
    accounts,
    handler,
    supplier,
    buyer: await ApiClient.login(serving.url, accounts.buyerSigner),
    [Symbol.asyncDispose]: () => serving.stop(),
  };
}

/** A contract that was drafted, sent and confirmed by the API: the supplier may sign it. */
export async function confirmedContract(
  place: Place,
  number: string,
  itemRepeats: number,
): Promise<ContractRecord> {
  const { handler, supplier, serving } = place;
  const data = longContractData(number, systemClock.now(), itemRepeats);
  const created = await handler.post<{ readonly id: string }>('/contracts', {
    template: 'goods',
    data,
  });
  const path = `/contracts/${created.body.id}`;
  const sent = await handler.post(`${path}/submit`, { acknowledged: [] }, created.etag);
  await supplier.post(`${path}/confirm`, {}, sent.etag);
  const record = await serving.service.collections.contracts.get(created.body.id, SCOPE_ALL);
  if (record === undefined) throw new Error('the contract is not there');
  return record;
}
