/**
 * The people around seals at an installation whose servers are processes of their own: they are given sessions as a
 * log-in with their UKey would give them, and the store is looked at from outside.
 */
import { readFileSync } from 'node:fs';
import { createAccessTokens, createAccountService, loadAccessKey } from '../../src/access/index.js';
import type { AccountRecord, Role, UnitRecord } from '../../src/access/index.js';
import {
  openBlobs,
  openCollections,
  openRecords,
  type Collections,
} from '../../src/app/data-folder/stores.js';
import { loadConfig } from '../../src/config/index.js';
import { sha256Hex, silentLogger, systemClock } from '../../src/kernel/index.js';
import {
  SAMPLE_BUYER,
  SAMPLE_REGION,
  SAMPLE_SUPPLIER,
  type SampleUnit,
} from '../../src/sandbox/sample/index.js';
import { SCOPE_ALL, type BlobStore, type RecordStore } from '../../src/store/index.js';
import { ApiCaller, done } from './api-caller.js';
import { LETTER } from './seal-making.js';

const DAY_MS = 86_400_000;
const SAMPLES = { buyer: SAMPLE_BUYER, supplier: SAMPLE_SUPPLIER } as const;

export class SealOffice implements AsyncDisposable {
  readonly collections: Collections;
  readonly blobs: BlobStore;
  readonly #records: RecordStore;
  readonly #tokens: ReturnType<typeof createAccessTokens>;

  private constructor(
    records: RecordStore,
    collections: Collections,
    blobs: BlobStore,
    tokens: ReturnType<typeof createAccessTokens>,
  ) {
    this.#records = records;
    this.collections = collections;
    this.blobs = blobs;
    this.#tokens = tokens;
  }

  static async open(configFile: string): Promise<SealOffice> {
    const config = loadConfig({ env: {}, fileText: readFileSync(configFile, 'utf8') });
    const records = await openRecords(config, silentLogger);
    const { keyFile, issuer, audience, ttlSeconds } = config.jwt;
    const tokens = createAccessTokens({
      keys: [loadAccessKey(readFileSync(keyFile, 'utf8'))],
      issuer,
      audience,
      ttlSeconds,
      clock: systemClock,
    });
    const collections = await openCollections(records);
    return new SealOffice(records, collections, await openBlobs(config), tokens);
  }

  /** One more account of a role that works by region, with a UKey of its own. */
  async add(name: string, role: Role): Promise<AccountRecord> {
    const { accounts, units } = this.collections;
    const installer = {
      accountId: 'installation',
      roles: ['system-administrator'],
      unitId: undefined,
      regionCode: SAMPLE_REGION,
      certificateSha256: undefined,
      requestId: undefined,
    } as const;
    const service = createAccountService({ accounts, units, clock: systemClock });
    const { account } = await service.create(installer, {
      name,
      kind: 'person',
      roles: [role],
      regionCode: SAMPLE_REGION,
      certificateSha256: [sha256Hex(new TextEncoder().encode(name))],
    });
    return account;
  }

  /** The account at one of the servers. */
  async callerAt(url: string, name: string): Promise<ApiCaller> {
    const account = await this.collections.accounts.getBy('name', name, SCOPE_ALL);
    if (account === undefined) throw new Error(`no account ${name}`);
    const { accessToken } = this.#tokens.issue({
      accountId: account.id,
      sessionEpoch: account.sessionEpoch,
      certificateSha256: account.certificateSha256[0],
    });
    return new ApiCaller(url, accessToken);
  }

  async unit(name: keyof typeof SAMPLES): Promise<UnitRecord> {
    const code = SAMPLES[name].creditCode;
    const unit = await this.collections.units.getBy('creditCode', code, SCOPE_ALL);
    if (unit === undefined) throw new Error(`no unit ${name}`);
    return unit;
  }

  /** @returns The application for 专用章 with these texts, submitted. */
  async apply(
    applicant: ApiCaller,
    name: keyof typeof SAMPLES,
    texts: readonly string[],
  ): Promise<string> {
    const unit = await this.unit(name);
    const form = formOf(unit, SAMPLES[name], texts);
    const { id } = done(await applicant.post('/seal-applications', { form }));
    const path = `/seal-applications/${String(id)}`;
    const letter = new Uint8Array(LETTER);
    done(await applicant.post(`${path}/attachments?kind=authorisation-letter`, letter));
    done(await applicant.post(`${path}/submit`));
    return String(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#records[Symbol.asyncDispose]();
  }
}

function formOf(unit: UnitRecord, sample: SampleUnit, texts: readonly string[]): object {
  const now = Date.now();
  return {
    unitName: unit.name,
    creditCode: unit.creditCode,
    regionCode: unit.regionCode,
    address: sample.address,
    ...(sample.budgetCode === undefined ? {} : { budgetCode: sample.budgetCode }),
    seals: texts.map((kindText) => ({ kind: 'other', kindText })),
    tokenKind: unit.certificates[0]?.tokenKind ?? 'other',
    certificateSha256: unit.certificates.map(({ sha256 }) => sha256),
    handler: { name: '示例经办人', mobile: '13800000000' },
    legalRepresentative: { name: sample.representative },
    purpose: '签订政府采购合同',
    validFrom: new Date(now).toISOString(),
    validUntil: new Date(now + 300 * DAY_MS).toISOString(),
  };
}
