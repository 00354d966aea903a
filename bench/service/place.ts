/** An installation to measure on: development PKI, SoftHSM tokens, the service, units, seals, accounts. */
import { mkdirSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { ApiClient } from '../../src/app/api-client.js';
import { createLogger } from '../../src/app/logger.js';
import { seedAccounts } from '../../src/app/quickstart-seed.js';
import { serve, type Serving } from '../../src/app/serve.js';
import { loadConfig } from '../../src/config/index.js';
import type { ContractRecord } from '../../src/contract/index.js';
import { Secret, systemClock, type FaultHook } from '../../src/kernel/index.js';
import { initPki } from '../../src/sandbox/pki/index.js';
import { SAMPLE_BUYER, SAMPLE_SUPPLIER, type SampleUnit } from '../../src/sandbox/sample/index.js';
import { provisionSoftHsm } from '../../src/sandbox/softhsm/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { longContractData } from './long-contract.js';

export const TOKENS = { raw: 'raw', buyer: 'buyer', supplier: 'supplier' } as const;

export interface Place extends AsyncDisposable {
  readonly serving: Serving;
  readonly modulePath: string;
  readonly trustDirectory: string;
  readonly pin: Secret;
  readonly handler: ApiClient;
  readonly supplier: ApiClient;
}

export interface PlaceOptions {
  readonly directory: string;
  readonly modulePath: string;
  /** Told of the arrows of a signature under way. */
  readonly faults: FaultHook;
}

export async function openPlace(options: PlaceOptions): Promise<Place> {
  const { directory, modulePath, faults } = options;
  const pkiDirectory = join(directory, 'pki');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await initPki({
    directory: pkiDirectory,
    baseUrl: 'http://127.0.0.1:9',
    clock: systemClock,
  });
  const pin = Secret.fromText(String(randomInt(10_000_000, 99_999_999)));
  const token = (label: string, unit: SampleUnit, issuerId: string) => ({
    label,
    pin,
    soPin: pin,
    subject: `CN=${label},2.5.4.97=${unit.creditCode},O=${unit.name},C=CN`,
    keyType: 'rsa-2048' as const,
    issuerId,
  });
  const provisioned = await provisionSoftHsm({
    directory: join(directory, 'softhsm'),
    modulePath,
    pkiDirectory,
    clock: systemClock,
    tokens: [
      token(TOKENS.raw, SAMPLE_BUYER, 'budget-system'),
      token(TOKENS.buyer, SAMPLE_BUYER, 'budget-system'),
      token(TOKENS.supplier, SAMPLE_SUPPLIER, 'trading-centre'),
    ],
  });
  const certificateOf = (label: string): Uint8Array => {
    const found = provisioned.tokens.find((each) => each.label === label);
    if (found === undefined) throw new Error(`no token ${label}`);
    return found.signingCertificateDer;
  };
  const trustDirectory = join(pkiDirectory, 'trust');
  const config = loadConfig({
    env: {},
    baseDirectory: directory,
    fileText: JSON.stringify({
      environment: 'development',
      logLevel: 'error',
      dataDirectory: join(directory, 'service'),
      port: 0,
      trustDirectory,
      pkcs11: { modules: modulePath, softhsmConf: provisioned.confPath },
      rateLimits: { requestsPerMinute: 1_000_000 },
    }),
  });
  const serving = await serve({ config, logger: createLogger('error'), faults });
  const accounts = await seedAccounts(serving, join(directory, 'service'), {
    buyer: certificateOf(TOKENS.buyer),
    supplier: certificateOf(TOKENS.supplier),
  });
  return {
    serving,
    modulePath,
    trustDirectory,
    pin,
    handler: await ApiClient.login(serving.url, accounts.handler),
    supplier: await ApiClient.login(serving.url, accounts.supplierSigner),
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
