/** The checker of the store must be able to say no: a sound contract passes, each defect is named. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { AUDIT_ENTRIES } from '../../../src/audit/index.js';
import { CONTRACTS, type ContractRecord } from '../../../src/contract/index.js';
import { FILINGS, type FilingRecord } from '../../../src/filing/index.js';
import type { RegisteredFiling } from '../../../src/sandbox/budget-system/index.js';
import { openMemoryBlobStore, openMemoryStore } from '../../../src/store/memory/index.js';
import { brokenInvariants, disagreements, type StoreUnderCheck } from '../../support/invariants.js';

let store: StoreUnderCheck;
let insert: (changes: Partial<ContractRecord>) => Promise<void>;

beforeEach(async () => {
  const records = openMemoryStore();
  const blobs = openMemoryBlobStore();
  const contracts = await records.open(CONTRACTS);
  const base = new TextEncoder().encode('base');
  const first = new TextEncoder().encode('base, signed');
  const blobId = await blobs.put([base]);
  const signature = {
    number: 1,
    blobId: await blobs.put([first]),
    sizeBytes: first.length,
    role: 'supplier' as const,
    unitId: 'unt_supplier',
    fieldName: 'Supplier1',
    certificateSha256: '00',
    signerSubject: 'CN=x',
    level: 'B-B' as const,
    signedAt: '2026-05-12T02:00:00Z',
    attemptId: 'sgn_1',
  };
  const event = (what: string) => ({
    id: `evt_${what}`,
    at: '2026-05-12T02:00:00Z',
    type: `contract.${what}`,
    actor: { accountId: 'a', role: 'x' },
    subject: { kind: 'contract' as const, id: 'ctr_1' },
    scopeKeys: [],
    details: {},
  });
  const sound: ContractRecord = {
    id: 'ctr_1',
    version: 5,
    revision: 4,
    number: 'N-1',
    title: '合同',
    regionCode: '370100',
    buyerUnitId: 'unt_buyer',
    state: 'supplier-signed',
    parties: [
      {
        role: 'supplier',
        unitId: 'unt_supplier',
        name: 's',
        creditCode: '',
        order: 1,
        signedAt: signature.signedAt,
      },
      { role: 'buyer', unitId: 'unt_buyer', name: 'b', creditCode: '', order: 2 },
    ],
    document: {
      blobId,
      fileName: 'c.pdf',
      sizeBytes: base.length,
      pageCount: 1,
      source: 'template',
      sealPlaces: [],
    },
    signatures: [signature],
    returns: [],
    times: { createdAt: '2026-05-10T00:00:00Z', sentAt: '2026-05-11T00:00:00Z' },
    pendingEvents: [event('created'), event('sent'), event('party-signed')],
  };
  insert = async (changes) => contracts.insert({ ...sound, ...changes, version: 1, revision: 1 });
  store = {
    contracts,
    filings: await records.open(FILINGS),
    auditEntries: await records.open(AUDIT_ENTRIES),
    blobs,
  };
});

describe('the checker of the store', () => {
  it('passes a sound contract, and names events that wait once all is at rest', async () => {
    await insert({});
    expect(await brokenInvariants(store)).toEqual([]);
    expect(await brokenInvariants(store, { isSettled: true })).toEqual([
      expect.stringContaining('events wait'),
    ]);
  });

  it.each<[string, Partial<ContractRecord>, string]>([
    ['concluded by one party', { state: 'signed' }, 'concluded without every party'],
    ['a draft that is signed', { state: 'draft' }, 'signed before its time'],
    ['the wrong party', { state: 'buyer-signed' }, 'not the buyer alone'],
    [
      'times that run backwards',
      { times: { createdAt: '2027-01-01T00:00:00Z', sentAt: '2026-05-11T00:00:00Z' } },
      'times run backwards',
    ],
    ['a missing event', { pendingEvents: [] }, 'no event contract.created'],
    ['a state without its filing', { state: 'filed' }, 'filed at no time'],
  ])('names %s', async (_name, changes, fault) => {
    await insert(changes);
    expect(await brokenInvariants(store)).toEqual(
      expect.arrayContaining([expect.stringContaining(fault)]),
    );
  });

  it('names bytes that are gone', async () => {
    await insert({});
    const blobs = openMemoryBlobStore();
    expect(await brokenInvariants({ ...store, blobs })).toEqual([
      expect.stringContaining('the document is gone'),
    ]);
  });
});

describe('the two registers', () => {
  const ours = {
    id: 'fil_1',
    documentSha256: 'd',
    packageBlobId: 'p',
    receipt: { filingNumber: 'n', documentSha256: 'd', receivedAt: '2026-05-12T02:00:00Z' },
  } as FilingRecord;
  const theirs: RegisteredFiling = {
    filingNumber: 'n',
    idempotencyKey: 'fil_1',
    packageSha256: 'p',
    documentSha256: 'd',
    contractNumber: 'c',
    title: 't',
    regionCode: '370100',
    receivedAt: '2026-05-12T02:00:00Z',
  };
  const between = (
    filings: readonly FilingRecord[],
    ledger: readonly RegisteredFiling[],
  ): Promise<readonly string[]> =>
    disagreements(
      { filings: { find: () => Promise.resolve({ items: filings, nextCursor: undefined }) } },
      ledger,
    );

  it('agree where both say the same', async () => {
    expect(await between([ours], [theirs])).toEqual([]);
  });

  it.each<[string, readonly FilingRecord[], readonly RegisteredFiling[], number]>([
    ['another number', [ours], [{ ...theirs, filingNumber: 'm' }], 1],
    ['another package', [ours], [{ ...theirs, packageSha256: 'q' }], 1],
    ['one missing there', [ours], [], 1],
    ['one missing here', [], [theirs], 1],
    ['one filed twice', [ours], [theirs, { ...theirs, idempotencyKey: 'fil_2' }], 2],
  ])('do not agree with %s', async (_, filings, ledger, faults) => {
    expect(await between(filings, ledger)).toHaveLength(faults);
  });
});
