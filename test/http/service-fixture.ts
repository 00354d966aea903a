/** A whole service on loopback for tests of the API: embedded store, software keys, one account a role. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROLES, createAccessTokens, loadAccessKey } from '../../src/access/index.js';
import type { AccessTokens, Principal, Role, UnitRecord } from '../../src/access/index.js';
import { openService, type Service } from '../../src/app/service.js';
import { loadConfig, type Config } from '../../src/config/index.js';
import {
  consolePages,
  createHttpApp,
  startHttpServer,
  type HttpAppOptions,
} from '../../src/http/index.js';
import {
  AppError,
  sha256Hex,
  silentLogger,
  type Clock,
  type Logger,
} from '../../src/kernel/index.js';
import type { Signer } from '../../src/pades/index.js';
import { SAMPLE_BUYER, SAMPLE_REGION, SAMPLE_SUPPLIER } from '../../src/sandbox/sample/index.js';
import type { SealRecord } from '../../src/seal/index.js';
import type { TokenProvider } from '../../src/token/index.js';
import { childArguments } from '../support/child-process.js';
import {
  createSealPki,
  makeSeals,
  trustSealRoot,
  type MakeSealsRequest,
} from '../support/seal-making.js';
import { TestPki } from '../support/test-pki.js';

export const PIN = '13572468';
const CONSOLE = fileURLToPath(new URL('../../dist/console', import.meta.url));

/** The system clock, which a test may move. */
export class MovableClock implements Clock {
  offsetMs = 0;
  /** Time that has passed besides what really has; no setting of the clock takes it back. */
  passedMs = 0;

  now(): Date {
    return new Date(Date.now() + this.offsetMs + this.passedMs);
  }

  monotonicMs(): number {
    return performance.now() + this.passedMs;
  }
}

export interface FixtureOptions {
  readonly limits?: Partial<HttpAppOptions['limits']>;
  readonly rateLimits?: Partial<HttpAppOptions['rateLimits']>;
  readonly logger?: Logger;
  /** Serves the console's pages, as they were built. */
  readonly hasPages?: boolean;
}

/** What tests look at in answers, of whatever resource; the server compares each with its schema. */
export interface AnswerBody {
  readonly id: string;
  readonly name: string;
  readonly number: string;
  readonly state: string;
  readonly code: string;
  readonly detail: string;
  readonly instance: string;
  readonly text: string;
  readonly openapi: string;
  readonly nextCursor: string | null;
  readonly accessToken: string;
  readonly secret: string;
  readonly account: { readonly id: string };
  readonly items: readonly (AnswerBody & { readonly event: { readonly type: string } })[];
  readonly findings: readonly AnswerBody[];
  readonly signatures: readonly AnswerBody[];
  readonly document: AnswerBody;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
  readonly params: Readonly<Record<string, unknown>> | undefined;
  readonly keys: readonly unknown[];
  readonly padding: 'ecdsa' | 'pkcs1-v1_5';
  readonly digestAlgorithm: 'sha256';
  readonly signedAttributesB64: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where the answer is JSON. */
  readonly body: AnswerBody;
  readonly bytes: Uint8Array;
}

export interface CallOptions {
  /** Whose token is sent; an account's name in the fixture, or a token itself. */
  readonly as?: string;
  readonly json?: unknown;
  readonly body?: Uint8Array | string | FormData;
  readonly headers?: Readonly<Record<string, string>>;
}

export class ServiceFixture {
  readonly pki: TestPki;
  readonly config: Config;
  readonly clock: MovableClock;
  readonly service: Service;
  readonly tokens: AccessTokens;
  readonly url: string;
  /** Account ids by name. */
  readonly accounts = new Map<string, string>();
  readonly units = new Map<string, UnitRecord>();
  readonly signers: ReadonlyMap<string, Signer>;
  readonly #stop: () => Promise<void>;

  private constructor(parts: {
    pki: TestPki;
    config: Config;
    clock: MovableClock;
    service: Service;
    tokens: AccessTokens;
    url: string;
    signers: ReadonlyMap<string, Signer>;
    stop: () => Promise<void>;
  }) {
    this.pki = parts.pki;
    this.config = parts.config;
    this.clock = parts.clock;
    this.service = parts.service;
    this.tokens = parts.tokens;
    this.url = parts.url;
    this.signers = parts.signers;
    this.#stop = parts.stop;
  }

  static async start(options: FixtureOptions = {}): Promise<ServiceFixture> {
    const directory = mkdtempSync(join(tmpdir(), 'qianyin-http-'));
    mkdirSync(join(directory, 'trust'), { recursive: true });
    const pki = await TestPki.create();
    const pem = Buffer.from(pki.rootDer).toString('base64');
    writeFileSync(
      join(directory, 'trust', 'root.pem'),
      `-----BEGIN CERTIFICATE-----\n${pem}\n-----END CERTIFICATE-----\n`,
    );
    const sealPki = await createSealPki();
    trustSealRoot(join(directory, 'trust'), sealPki);
    const signers = new Map<string, Signer>([
      ['buyer', await issueTo(pki, SAMPLE_BUYER.name, SAMPLE_BUYER.creditCode)],
      ['supplier', await issueTo(pki, SAMPLE_SUPPLIER.name, SAMPLE_SUPPLIER.creditCode)],
    ]);
    const clock = new MovableClock();
    const config = loadConfig({
      env: { QIANYIN_ENVIRONMENT: 'development', QIANYIN_DATA_DIRECTORY: directory },
    });
    const logger = options.logger ?? silentLogger;
    const service = await openService({
      config,
      clock,
      logger,
      tokens: softwareTokens(signers),
      sealMaker: sealPki.open,
      isolation: { program: childArguments('src/app/isolation/main.ts', []) },
    });
    const app = createHttpApp(service.services, {
      version: '0.0.0-test',
      limits: { bodyBytes: 64 * 1024, uploadBytes: 4 * 1024 * 1024, ...options.limits },
      rateLimits: {
        requestsPerMinute: 1_000_000,
        loginsPerMinute: 1_000_000,
        verificationsPerMinute: 1_000_000,
        ...options.rateLimits,
      },
      trustedProxies: 0,
      checksAnswers: true,
      ...(options.hasPages === true ? { pages: consolePages(CONSOLE) } : {}),
    });
    const server = await startHttpServer(app, { host: '127.0.0.1', port: 0, graceMs: 1000 });
    const tokens = createAccessTokens({
      keys: [loadAccessKey(readFileSync(config.jwt.keyFile, 'utf8'))],
      issuer: config.jwt.issuer,
      audience: config.jwt.audience,
      ttlSeconds: config.jwt.ttlSeconds,
      clock,
    });
    const fixture = new ServiceFixture({
      pki,
      config,
      clock,
      service,
      tokens,
      url: server.url,
      signers,
      stop: async () => {
        await server.stop();
        await service[Symbol.asyncDispose]();
        rmSync(directory, { recursive: true, force: true });
      },
    });
    await fixture.#seed();
    return fixture;
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  /** An access token of the account, as a log-in would give it. */
  tokenOf(name: string): string {
    const accountId = this.accounts.get(name);
    if (accountId === undefined) throw new Error(`no account ${name} in the fixture`);
    const claims = { accountId, sessionEpoch: 1, certificateSha256: undefined };
    return this.tokens.issue(claims).accessToken;
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    const { as, json } = options;
    const bearer = as === undefined ? undefined : this.accounts.has(as) ? this.tokenOf(as) : as;
    const address = path.startsWith('/api/') || path.startsWith('//') ? path : `/api/v1${path}`;
    const response = await fetch(`${this.url}${address.replace(/^\/\//, '/')}`, {
      method,
      headers: {
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(options.body === undefined ? {} : { body: options.body as string | FormData }),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const body: unknown = isJson ? JSON.parse(Buffer.from(bytes).toString('utf8')) : undefined;
    return {
      status: response.status,
      headers: response.headers,
      body: body as AnswerBody,
      bytes,
    };
  }

  unitId(name: string): string {
    const unit = this.units.get(name);
    if (unit === undefined) throw new Error(`no unit ${name} in the fixture`);
    return unit.id;
  }

  certificateSha256(name: 'buyer' | 'supplier'): string {
    return sha256Hex(this.signers.get(name)!.certificateDer);
  }

  /** A seal of the unit by the whole way; bound to the unit's own certificate. */
  async issueSeal(
    name: 'buyer' | 'supplier',
    request: Omit<MakeSealsRequest, 'unit'> = {},
  ): Promise<SealRecord> {
    const unit = this.units.get(name)!;
    const day = 86_400_000;
    const form = {
      validFrom: new Date(Date.now() - day).toISOString(),
      validUntil: new Date(Date.now() + 365 * day).toISOString(),
      ...request.form,
    };
    const [id] = await makeSeals(this.service.services.sealApplications, {
      ...request,
      unit,
      form,
    });
    return (await this.service.collections.seals.get(id!, { kind: 'all' }))!;
  }

  async #seed(): Promise<void> {
    const { units, accounts } = this.service.services;
    const root = principal(['system-administrator']);
    for (const [name, sample] of [
      ['buyer', SAMPLE_BUYER],
      ['supplier', SAMPLE_SUPPLIER],
    ] as const) {
      const { creditCode, regionCode, kind } = sample;
      const unit = await units.create(root, { name: sample.name, creditCode, regionCode, kind });
      const enrolled = await units.enrolCertificate(root, unit.id, {
        certificateDer: this.signers.get(name)!.certificateDer,
        tokenKind: 'other',
      });
      this.units.set(name, enrolled);
    }
    const stranger = {
      name: '示例无关单位',
      creditCode: '91370100MA3STRNG0T',
      kind: 'budget-unit',
    };
    this.units.set(
      'stranger',
      await units.create(root, { ...stranger, kind: 'budget-unit', regionCode: SAMPLE_REGION }),
    );
    const add = async (
      name: string,
      role: Role,
      place: { readonly unitId?: string; readonly regionCode?: string },
    ): Promise<void> => {
      const kind = role === 'budget-system' ? 'machine' : 'person';
      const made = await accounts.create(root, { name, kind, roles: [role], ...place });
      this.accounts.set(name, made.account.id);
    };
    for (const role of ROLES) {
      if (role === 'supplier-signer') await add(role, role, { unitId: this.unitId('supplier') });
      else if (role.startsWith('unit-')) await add(role, role, { unitId: this.unitId('buyer') });
      else await add(role, role, { regionCode: SAMPLE_REGION });
    }
    for (const role of ['unit-handler', 'unit-signer', 'supplier-signer'] as const) {
      await add(`stranger-${role}`, role, { unitId: this.unitId('stranger') });
    }
  }
}

export function principal(roles: readonly Role[], more: Partial<Principal> = {}): Principal {
  return {
    accountId: 'installation',
    roles,
    unitId: undefined,
    regionCode: SAMPLE_REGION,
    certificateSha256: undefined,
    requestId: undefined,
    ...more,
  };
}

function issueTo(pki: TestPki, name: string, creditCode: string): Promise<Signer> {
  return pki.issue(`CN=${name},O=${name},2.5.4.97=${creditCode},C=CN`, { key: 'P-256' });
}

/** Tokens with the labels `buyer` and `supplier`; three wrong PINs lock one, as on a UKey. */
export function softwareTokens(signers: ReadonlyMap<string, Signer>): TokenProvider {
  const wrongTries = new Map<string, number>();
  return {
    list: () => Promise.resolve({ slots: [], faults: [] }),
    open(selector, { pin, confirmFinalTry }) {
      const label = selector.label ?? '';
      const signer = signers.get(label);
      if (signer === undefined) throw new AppError('token-absent', 'no such token');
      const tries = wrongTries.get(label) ?? 0;
      if (tries >= 3) throw new AppError('token-pin-locked', 'locked');
      if (tries === 2 && confirmFinalTry !== true) {
        throw new AppError('token-pin-final-try', 'last try');
      }
      if (pin.revealText() !== PIN) {
        wrongTries.set(label, tries + 1);
        throw new AppError('token-pin-incorrect', 'wrong', { params: { triesLeft: 'low' } });
      }
      wrongTries.delete(label);
      return Promise.resolve({
        authentication: 'once',
        ...signer,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
