/** An installation to measure on: development PKI, SoftHSM tokens, the service, units, seals, accounts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { ApiClient } from '../../src/app/api-client.js';
import { createLogger } from '../../src/app/logger.js';
import { SampleSeals } from '../../src/app/quickstart-seals.js';
import { seedAccounts } from '../../src/app/quickstart-seed.js';
import { loadResources } from '../../src/app/resources.js';
import { serve, type Serving } from '../../src/app/serve.js';
import { loadConfig } from '../../src/config/index.js';
import type { ContractRecord } from '../../src/contract/index.js';
import { Secret, systemClock, type FaultHook } from '../../src/kernel/index.js';
import { initPki, sealMakerPkcs12 } from '../../src/sandbox/pki/index.js';
import { SAMPLE_BUYER, SAMPLE_SUPPLIER, type SampleUnit } from '../../src/sandbox/sample/index.js';
import { provisionSoftHsm } from '../../src/sandbox/softhsm/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { longContractData } from './long-contract.js';

export const TOKENS = {
  raw: 'raw',
  buyer: 'buyer',
  supplier: 'supplier',
  sealAdministrator: 'seal-administrator',
  sealReviewer: 'seal-reviewer',
} as const;

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
  const staffToken = (label: string) => ({
    label,
    pin,
    soPin: pin,
    subject: `CN=${label},O=示例市财政局,C=CN`,
    keyType: 'rsa-2048' as const,
    issuerId: 'budget-system',
  });
  const makerP12File = join(directory, 'seal-maker.p12');
  const makerSecretFile = join(directory, 'seal-maker.txt');
  writeFileSync(makerSecretFile, pin.revealText(), { mode: 0o600 });
  writeFileSync(makerP12File, await sealMakerPkcs12(pkiDirectory, pin), { mode: 0o600 });
  const provisioned = await provisionSoftHsm({
    directory: join(directory, 'softhsm'),
    modulePath,
    pkiDirectory,
    clock: systemClock,
    tokens: [
      token(TOKENS.raw, SAMPLE_BUYER, 'budget-system'),
      token(TOKENS.buyer, SAMPLE_BUYER, 'budget-system'),
      token(TOKENS.supplier, SAMPLE_SUPPLIER, 'trading-centre'),
      staffToken(TOKENS.sealAdministrator),
      staffToken(TOKENS.sealReviewer),
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
      seals: { makerP12File, makerSecretFile },
      rateLimits: { requestsPerMinute: 1_000_000 },
    }),
  });
  const serving = await serve({ config, logger: createLogger('error'), faults });
  const certificates = {
    buyer: certificateOf(TOKENS.buyer),
    supplier: certificateOf(TOKENS.supplier),
    sealAdministrator: certificateOf(TOKENS.sealAdministrator),
    sealReviewer: certificateOf(TOKENS.sealReviewer),
  };
  const accounts = await seedAccounts(serving, join(directory, 'service'), certificates);
  const login = async (label: string): Promise<ApiClient> => {
    await using key = await serving.service.services.tokens.open({ label }, { pin });
    return await ApiClient.loginWithKey(serving.url, key);
  };
  const seals = new SampleSeals(
    serving.service,
    {
      administrator: await login(TOKENS.sealAdministrator),
      reviewer: await login(TOKENS.sealReviewer),
    },
    loadResources().fonts,
  );
  await seals.ensure({
    unit: accounts.buyer,
    sample: SAMPLE_BUYER,
    certificateDer: certificates.buyer,
    applicant: await ApiClient.login(serving.url, accounts.handler),
  });
  await seals.ensure({
    unit: accounts.supplier,
    sample: SAMPLE_SUPPLIER,
    certificateDer: certificates.supplier,
    applicant: await ApiClient.login(serving.url, accounts.supplierSigner),
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
