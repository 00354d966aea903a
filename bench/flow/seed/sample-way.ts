/** Every record that one contract left behind on its whole way through a running service. */
import type { AuditEntry } from '../../../src/audit/index.js';
import type { SealRecord } from '../../../src/seal/index.js';
import type { BookLine } from '../../../src/seal/use/book-entry.js';
import type { ContractRecord } from '../../../src/contract/index.js';
import type { FilingRecord } from '../../../src/filing/index.js';
import type { IdempotencyRecord } from '../../../src/http/idempotency.js';
import {
  SCOPE_ALL,
  type Collection,
  type Query,
  type StoredDocument,
} from '../../../src/store/index.js';
import type { UnitRecord } from '../../../src/access/index.js';
import type { Place } from '../../installation/place.js';

export interface SampleWay {
  readonly contract: ContractRecord;
  readonly filing: FilingRecord;
  /** In the order of the log. */
  readonly entries: readonly AuditEntry[];
  /** Of both parties' books, each in its order. */
  readonly lines: readonly BookLine[];
  readonly answers: readonly IdempotencyRecord[];
  readonly buyer: UnitRecord;
  readonly supplier: UnitRecord;
  readonly buyerSeal: SealRecord;
  readonly supplierSeal: SealRecord;
}

export async function sampleWay(place: Place, contractId: string): Promise<SampleWay> {
  const { collections } = place.serving.service;
  const { buyer, supplier } = place.accounts;
  const isOf = (record: unknown): boolean => JSON.stringify(record).includes(contractId);
  const seals = await all(collections.seals, {});
  const found = {
    contract: await collections.contracts.get(contractId, SCOPE_ALL),
    filing: (await all(collections.filings, { where: { contractId: { eq: contractId } } }))[0],
    buyerSeal: seals.find(({ unitId }) => unitId === buyer.id),
    supplierSeal: seals.find(({ unitId }) => unitId === supplier.id),
  };
  const { contract, filing, buyerSeal, supplierSeal } = found;
  if (
    contract === undefined ||
    filing === undefined ||
    buyerSeal === undefined ||
    supplierSeal === undefined
  ) {
    throw new Error('the sample contract did not go its way');
  }
  return {
    contract,
    filing,
    buyerSeal,
    supplierSeal,
    entries: (await all(collections.auditEntries, {})).filter(isOf),
    lines: (await all(collections.sealUseBook, {})).filter(isOf),
    answers: (await all(collections.idempotency, {})).filter(isOf),
    buyer,
    supplier,
  };
}

async function all<T extends StoredDocument, K extends string>(
  collection: Collection<T, K>,
  query: Pick<Query<K>, 'where'>,
): Promise<readonly T[]> {
  const { items, nextCursor } = await collection.find({ ...query, limit: 1000 }, SCOPE_ALL);
  if (nextCursor !== undefined) throw new Error('the store is not new');
  return items;
}
