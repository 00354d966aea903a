/**
 * One contract through the whole way on a development set-up: authorities, UKeys, units, seals,
 * contract, two signatures, filing, verification. Runs again on what is there.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createPublicKey, randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { QuickstartOptions, QuickstartResult } from '../../cli/index.js';
import { loadConfig, type Config } from '../../config/index.js';
import { messageSigner, type MessageSigner } from '../../filing/index.js';
import { AppError, Secret, systemClock, type Logger } from '../../kernel/index.js';
import { startSampleBudgetSystem } from '../../sandbox/budget-system/index.js';
import { initPki, sealMakerPkcs12, servePki } from '../../sandbox/pki/index.js';
import { SAMPLE_BUYER, SAMPLE_SUPPLIER, sampleContractData } from '../../sandbox/sample/index.js';
import { provisionSoftHsm } from '../../sandbox/softhsm/index.js';
import { ApiClient } from './api-client.js';
import { generateEd25519Pem, keyFile } from '../data-folder/keys.js';
import { createLogger } from '../logger.js';
import { pdfsigVerdict } from './pdfsig.js';
import { SampleSeals } from './sample-seals.js';
import { seedAccounts, type SampleCertificates, type Seeded } from './seed-accounts.js';
import { loadResources } from '../resources.js';
import { SERVICE_KEYS_FILE } from '../verify-package.js';
import { serve, type Serving } from '../serve.js';

const SOFTHSM_LIBRARIES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];
const TOKENS = {
  buyer: '预算一体化UKey',
  supplier: '交易中心UKey',
  sealAdministrator: '印章管理员UKey',
  sealReviewer: '印章复核员UKey',
} as const;
const DEFAULT_PORT = 8316;
const PKI_PORT = 8318;
const BUDGET_PORT = 8317;

interface Place {
  readonly data: string;
  readonly pki: string;
  readonly files: string;
}

export function softHsmLibrary(): string {
  const found = SOFTHSM_LIBRARIES.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new AppError('package-missing', 'SoftHSM is not installed', {
    params: { packages: ['softhsm2'], command: 'sudo apt-get install softhsm2' },
  });
}

function pinFile(place: Place, name: string): string {
  return join(place.data, 'pins', `${name}.txt`);
}

/** A PIN of this installation: made once, kept in a file that only its owner reads. */
function pinOf(place: Place, name: string): Secret {
  const text = keyFile(pinFile(place, name), () => String(randomInt(10_000_000, 99_999_999)));
  return Secret.fromText(text.trim());
}

function configOf(
  place: Place,
  options: QuickstartOptions,
  modulePath: string,
  softHsmConf: string,
  budgetUrl: string,
): Config {
  const settings = {
    environment: 'development',
    logLevel: 'warn',
    dataDirectory: place.data,
    port: options.port ?? DEFAULT_PORT,
    trustDirectory: join(place.pki, 'trust'),
    seals: {
      makerP12File: join(place.data, 'keys', 'seal-maker.p12'),
      makerSecretFile: pinFile(place, 'seal-maker'),
    },
    pkcs11: { modules: modulePath, softhsmConf: softHsmConf },
    budgetSystem: {
      url: budgetUrl,
      keyId: 'qianyin-quickstart',
      signingKeyFile: join(place.data, 'keys', 'filing.pem'),
      receiptKeysFile: join(place.data, 'keys', 'budget-system.jwks.json'),
      // So that receipts can be tried by hand, with the budget system's account alone.
      unsignedReceipts: 'accept',
    },
  };
  const fileText = JSON.stringify(settings, null, 2);
  writeFileSync(join(place.data, 'config.json'), `${fileText}\n`, { mode: 0o600 });
  return loadConfig({ env: {}, fileText, baseDirectory: place.data });
}

/** @throws AppError `package-missing`, and whatever a step of the way throws */
export async function quickstart(
  options: QuickstartOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<QuickstartResult> {
  const { progress } = options;
  const data = resolve(options.dataDirectory);
  const place: Place = { data, pki: join(data, 'pki'), files: join(data, 'files') };
  for (const folder of [place.data, place.pki, place.files]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const modulePath = softHsmLibrary();
  const logger = createLogger(env['QIANYIN_LOG_LEVEL'] === 'debug' ? 'debug' : 'warn');

  progress('1/8 开发用证书体系 (development PKI)');
  await initPki({
    directory: place.pki,
    baseUrl: `http://127.0.0.1:${PKI_PORT}`,
    clock: systemClock,
  });

  progress('2/8 四把软件 UKey (four software UKeys): 预算一体化、交易中心、印章管理员、复核员');
  const tokens = await provisionTokens(place, modulePath);

  progress('3/8 示例预算系统 (sample budget system)');
  keyFile(join(data, 'keys', 'filing.pem'), generateEd25519Pem);
  await keepSealMaker(place);
  const budget = await startSampleBudgetSystem({
    directory: join(data, 'budget-system'),
    port: options.isOnce ? 0 : BUDGET_PORT,
    receiptSigner: budgetSystemKey(place),
  });
  let serving: Serving | undefined;
  let pki: { stop(): Promise<void> } | undefined;
  try {
    const config = configOf(place, options, modulePath, tokens.confPath, budget.url);
    pki = await servePki({
      directory: place.pki,
      port: options.isOnce ? 0 : PKI_PORT,
      clock: systemClock,
    });
    progress('4/8 服务、单位、账号与印章 (service, units, accounts, seals)');
    serving = await serve({ config: options.isOnce ? { ...config, port: 0 } : config, logger });
    // What a stranger would fetch from the service and keep beside its anchors.
    const published = { keys: serving.service.services.publishedKeys() };
    writeFileSync(
      join(config.trustDirectory, SERVICE_KEYS_FILE),
      JSON.stringify(published, null, 2),
    );
    const accounts = await seedAccounts(serving, place.data, tokens.certificates);
    await makeSeals(serving, place, accounts, tokens.certificates);
    const result = await runContract({
      place,
      options,
      serving,
      accounts,
      logger,
      pins: {
        buyer: pinOf(place, 'buyer'),
        supplier: pinOf(place, 'supplier'),
      },
    });
    const urls = {
      '网页：验真、印章查询 (web pages: verification, seals)': `${serving.url}/`,
      '接口文档 (API documentation)': `${serving.url}/docs`,
      '接口 (API)': `${serving.url}/api/v1`,
      '示例预算系统 (sample budget system)': `${budget.url}/filings`,
    };
    const stopAll = async (): Promise<void> => {
      await serving?.stop();
      await budget.stop();
      await pki?.stop();
    };
    if (!options.isOnce) return { ...result, urls, service: { url: serving.url, stop: stopAll } };
    await stopAll();
    return { ...result, urls, service: undefined };
  } catch (error) {
    await serving?.stop();
    await budget.stop();
    await pki?.stop();
    throw error;
  }
}

async function provisionTokens(place: Place, modulePath: string) {
  const dn = (
    person: string,
    unit: { readonly name: string; readonly creditCode: string },
  ): string => `CN=${person},2.5.4.97=${unit.creditCode},O=${unit.name},C=CN`;
  const provisioned = await provisionSoftHsm({
    directory: join(place.data, 'softhsm'),
    modulePath,
    pkiDirectory: place.pki,
    clock: systemClock,
    tokens: [
      {
        label: TOKENS.buyer,
        pin: pinOf(place, 'buyer'),
        soPin: pinOf(place, 'so'),
        subject: dn('示例签章人甲', SAMPLE_BUYER),
        keyType: 'rsa-2048',
        issuerId: 'budget-system',
      },
      {
        label: TOKENS.supplier,
        pin: pinOf(place, 'supplier'),
        soPin: pinOf(place, 'so'),
        subject: dn('示例签章人乙', SAMPLE_SUPPLIER),
        keyType: 'rsa-2048',
        issuerId: 'trading-centre',
      },
      {
        label: TOKENS.sealAdministrator,
        pin: pinOf(place, 'seal-admin'),
        soPin: pinOf(place, 'so'),
        subject: 'CN=示例印章管理员,O=示例市财政局,C=CN',
        keyType: 'rsa-2048',
        issuerId: 'budget-system',
      },
      {
        label: TOKENS.sealReviewer,
        pin: pinOf(place, 'seal-reviewer'),
        soPin: pinOf(place, 'so'),
        subject: 'CN=示例印章复核员,O=示例市财政局,C=CN',
        keyType: 'rsa-2048',
        issuerId: 'budget-system',
      },
    ],
  });
  const certificateOf = (label: string): Uint8Array => {
    const token = provisioned.tokens.find((each) => each.label === label);
    if (token === undefined) throw new AppError('internal', 'a token is missing');
    return token.signingCertificateDer;
  };
  return {
    confPath: provisioned.confPath,
    certificates: {
      buyer: certificateOf(TOKENS.buyer),
      supplier: certificateOf(TOKENS.supplier),
      sealAdministrator: certificateOf(TOKENS.sealAdministrator),
      sealReviewer: certificateOf(TOKENS.sealReviewer),
    },
  };
}

/** The sample budget system's key, with its public part where the service finds it. */
function budgetSystemKey(place: Place): MessageSigner {
  const path = join(place.data, 'keys', 'budget-system.pem');
  const signer = messageSigner({
    keyId: 'sample-budget-system',
    privateKeyPem: keyFile(path, generateEd25519Pem),
  });
  const jwk = createPublicKey(signer.privateKey).export({ format: 'jwk' });
  writeFileSync(
    join(place.data, 'keys', 'budget-system.jwks.json'),
    JSON.stringify({ keys: [{ ...jwk, kid: signer.keyId, alg: 'EdDSA', use: 'sig' }] }, null, 2),
  );
  return signer;
}

/** The development PKI's seal maker, as a file that the service opens. */
async function keepSealMaker(place: Place): Promise<void> {
  const path = join(place.data, 'keys', 'seal-maker.p12');
  if (existsSync(path)) return;
  const p12 = await sealMakerPkcs12(place.pki, pinOf(place, 'seal-maker'));
  writeFileSync(path, p12, { mode: 0o600, flush: true });
}

/** Both units' contract seals, by the way of an application; see `quickstart-seals.ts`. */
async function makeSeals(
  serving: Serving,
  place: Place,
  seeded: Seeded,
  certificates: SampleCertificates,
): Promise<void> {
  const login = async (label: string, pin: Secret): Promise<ApiClient> => {
    await using key = await serving.service.services.tokens.open({ label }, { pin });
    return await ApiClient.loginWithKey(serving.url, key);
  };
  const staff = {
    administrator: await login(TOKENS.sealAdministrator, pinOf(place, 'seal-admin')),
    reviewer: await login(TOKENS.sealReviewer, pinOf(place, 'seal-reviewer')),
  };
  const seals = new SampleSeals(serving.service, staff, loadResources().fonts);
  await seals.ensure({
    unit: seeded.buyer,
    sample: SAMPLE_BUYER,
    certificateDer: certificates.buyer,
    applicant: await ApiClient.login(serving.url, seeded.handler),
  });
  await seals.ensure({
    unit: seeded.supplier,
    sample: SAMPLE_SUPPLIER,
    certificateDer: certificates.supplier,
    applicant: await ApiClient.login(serving.url, seeded.supplierSigner),
  });
}

interface RunInput {
  readonly place: Place;
  readonly options: QuickstartOptions;
  readonly serving: Serving;
  readonly accounts: Seeded;
  readonly logger: Logger;
  readonly pins: { readonly buyer: Secret; readonly supplier: Secret };
}

interface ContractView {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly filingId: string | null;
  readonly filingNumber: string | null;
}

interface ReportView {
  readonly indication: string;
  readonly signatures: readonly { readonly field: string; readonly indication: string }[];
}

/** The way of one contract, by the API alone: what a budget system and two signers would call. */
async function runContract(input: RunInput): Promise<Omit<QuickstartResult, 'service' | 'urls'>> {
  const { place, options, serving, accounts, pins } = input;
  const { progress } = options;
  const handler = await ApiClient.login(serving.url, accounts.handler);
  const buyer = await ApiClient.login(serving.url, accounts.buyerSigner);
  const supplier = await ApiClient.login(serving.url, accounts.supplierSigner);
  const today = systemClock.now();
  const number = `SLCG-${today.toISOString().slice(0, 19).replace(/[-T:]/g, '')}`;

  progress('5/8 起草合同并确认 (draft, send, confirm)');
  const data = sampleContractData({ number, today });
  const created = await handler.post<ContractView>('/contracts', { template: 'goods', data });
  const path = `/contracts/${created.body.id}`;
  const draft = await handler.bytes(`${path}/document`);
  const sent = await handler.post<ContractView>(
    `${path}/submit`,
    { acknowledged: [] },
    created.etag,
  );
  const confirmed = await supplier.post<ContractView>(`${path}/confirm`, {}, sent.etag);

  progress('6/8 供应商签章，采购人签章 (the supplier signs, then the budget unit)');
  const first = await supplier.post<ContractView>(
    `${path}/signatures`,
    { token: { label: TOKENS.supplier }, pin: pins.supplier.revealText() },
    confirmed.etag,
  );
  const once = await handler.bytes(`${path}/document`);
  await buyer.post<ContractView>(
    `${path}/signatures`,
    { token: { label: TOKENS.buyer }, pin: pins.buyer.revealText() },
    first.etag,
  );
  const signed = await handler.bytes(`${path}/document`);

  progress('7/8 备案 (filing)');
  const filed = await untilFiled(handler, serving, path);
  const filingId = filed.filingId ?? '';
  const archive = await handler.bytes(`/filings/${filingId}/package`);

  progress('8/8 验证 (verification)');
  const report = await handler.postPdf<ReportView>('/verifications', signed);
  const files = {
    '合同 (signed contract)': join(place.files, `${number}.pdf`),
    '供应商签署后 (after the first signature)': join(place.files, `${number}-1.pdf`),
    '未签合同 (before signing)': join(place.files, `${number}-0.pdf`),
    '验证报告 (report)': join(place.files, `${number}-report.json`),
    '备案包 (filing package)': join(place.files, `${number}.zip`),
    '信任的根证书 (trust anchors)': join(place.pki, 'trust'),
    '配置 (configuration)': join(place.data, 'config.json'),
  };
  const contents = [
    signed,
    once,
    draft,
    new TextEncoder().encode(JSON.stringify(report, null, 2)),
    archive,
  ];
  Object.values(files).forEach((file, index) => {
    const content = contents[index];
    if (content !== undefined) writeFileSync(file, content);
  });
  const second = pdfsigVerdict(files['合同 (signed contract)']);
  progress(`    签印 (qianyin): ${report.indication}`);
  progress(`    pdfsig: ${second ?? '未安装，略过 (not installed, skipped)'}`);
  if (report.indication !== 'TOTAL-PASSED') {
    throw new AppError('signature-not-verified', 'the contract does not verify', {
      params: { reason: report.signatures.map((each) => `${each.field} ${each.indication}`) },
    });
  }
  return {
    contractId: created.body.id,
    filingNumber: filed.filingNumber ?? '',
    indication: report.indication,
    files,
  };
}

const FILING_TIMEOUT_MS = 30_000;
const POLL_MS = 100;

async function untilFiled(api: ApiClient, serving: Serving, path: string): Promise<ContractView> {
  const deadline = systemClock.monotonicMs() + FILING_TIMEOUT_MS;
  for (;;) {
    await serving.service.settle();
    const { body } = await api.get<ContractView>(path);
    if (body.state === 'filed') return body;
    if (systemClock.monotonicMs() > deadline) {
      throw new AppError('unavailable', 'the contract was not filed in time', {
        params: { state: body.state },
      });
    }
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}
