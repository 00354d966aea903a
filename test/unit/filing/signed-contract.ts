/** A contract that both parties have signed, and its bytes: the start of every filing. */
import type { ContractData, ContractRecord } from '../../../src/contract/index.js';
import { readFileSync } from 'node:fs';
import { sha256Hex, utf8ToBytes } from '../../../src/kernel/index.js';
import type { SealRecord } from '../../../src/seal/index.js';

/** Signed by both at level B-LT: see test/vectors/filing/SOURCES.md. */
const VECTOR = new URL('../../vectors/filing/contract.pdf', import.meta.url);
export const SIGNED_DOCUMENT = new Uint8Array(readFileSync(VECTOR));
/** Up to the evidence for the supplier's signature. */
export const FIRST_REVISION = SIGNED_DOCUMENT.subarray(0, 23_404);

const CERTIFICATES = {
  supplier: '2ff7765028d7e30cfabf88e63d843b719b1fa11082b9d831edc2c8eb928b58f9',
  buyer: 'a98da704beb93c03c33b82fe24e0f00986fe3ea3ddf20168c5cdc15ab559af24',
} as const;

const DATA: ContractData = {
  id: 'SDGP370100-2026-0001',
  title: '办公家具采购合同',
  tenderId: 'ZFCG-2026-17',
  tenderTitle: '办公家具采购',
  procurementMethod: '公开招标',
  award: { date: '2026-11-02', amount: '1409.50' },
  regionCode: '370102',
  buyer: {
    name: '示例市财政局',
    creditCode: '11370100004188888X',
    address: '示例路 1 号',
    representative: '张三',
    contactPhone: '0531-00000000',
    budgetCode: '101001',
  },
  supplier: {
    name: '示例家具有限公司',
    creditCode: '91370100MA3C000000',
    address: '示例路 2 号',
    representative: '李四',
    contactPhone: '0531-11111111',
  },
  items: [
    {
      description: '办公桌',
      specification: '1.4 m',
      quantity: 2,
      unit: '张',
      unitPrice: '704.75',
      amount: '1409.50',
    },
  ],
  value: { amount: '1409.50', currency: 'CNY' },
  period: { startDate: '2026-12-01', endDate: '2026-12-31' },
  deliveryPlace: '示例市',
  signingPlace: '示例市',
  warrantyMonths: 12,
  payments: [{ condition: '验收合格后', percent: 100, amount: '1409.50' }],
};

export function signedContract(changes: Partial<ContractRecord> = {}): ContractRecord {
  return {
    id: 'ctr_0123456789abcdefghjkmnpqrs',
    version: 7,
    revision: 7,
    number: DATA.id,
    title: DATA.title,
    regionCode: DATA.regionCode,
    buyerUnitId: 'unit_buyer',
    state: 'signed',
    data: DATA,
    amountFen: 140_950,
    parties: [
      {
        role: 'buyer',
        unitId: 'unit_buyer',
        name: DATA.buyer.name,
        creditCode: DATA.buyer.creditCode,
        order: 2,
        signedAt: '2026-11-20T02:00:00Z',
      },
      {
        role: 'supplier',
        unitId: 'unit_supplier',
        name: DATA.supplier.name,
        creditCode: DATA.supplier.creditCode,
        order: 1,
        signedAt: '2026-11-19T02:00:00Z',
      },
    ],
    document: {
      blobId: sha256Hex(utf8ToBytes('unsigned')),
      fileName: '合同.pdf',
      sizeBytes: 8,
      pageCount: 3,
      source: 'template',
      sealPlaces: [],
    },
    signatures: [
      {
        number: 1,
        blobId: sha256Hex(FIRST_REVISION),
        sizeBytes: FIRST_REVISION.length,
        role: 'supplier',
        unitId: 'unit_supplier',
        fieldName: 'supplier',
        certificateSha256: CERTIFICATES.supplier,
        signerSubject: 'CN=示例家具有限公司',
        level: 'B-LT',
        signedAt: '2026-11-19T02:00:00Z',
        attemptId: 'att_1',
      },
      {
        number: 2,
        blobId: sha256Hex(SIGNED_DOCUMENT),
        sizeBytes: SIGNED_DOCUMENT.length,
        role: 'buyer',
        unitId: 'unit_buyer',
        fieldName: 'buyer',
        sealId: 'seal_buyer',
        sealVersion: 2,
        certificateSha256: CERTIFICATES.buyer,
        signerSubject: 'CN=示例市财政局',
        level: 'B-LT',
        signedAt: '2026-11-20T02:00:00Z',
        attemptId: 'att_2',
      },
    ],
    returns: [],
    times: {
      createdAt: '2026-11-10T02:00:00Z',
      sentAt: '2026-11-11T02:00:00Z',
      confirmedAt: '2026-11-12T02:00:00Z',
      signedAt: '2026-11-20T02:00:00Z',
    },
    pendingEvents: [],
    ...changes,
  };
}

export const BUYER_SEAL_PICTURE = utf8ToBytes(
  '<svg xmlns="http://www.w3.org/2000/svg" width="42mm" height="42mm"/>',
);

export const BUYER_SEAL: SealRecord = {
  id: 'seal_buyer',
  version: 1,
  revision: 1,
  code: '3701020000001',
  name: DATA.buyer.name,
  kind: 'contract',
  unitId: 'unit_buyer',
  regionCode: DATA.regionCode,
  status: 'active',
  statusHistory: [{ at: '2026-01-01T00:00:00Z', status: 'active' }],
  versions: [1, 2].map((number) => ({
    number,
    validFrom: '2026-01-01T00:00:00Z',
    validUntil: '2029-01-01T00:00:00Z',
    certificateSha256: [number === 2 ? CERTIFICATES.buyer : '33'.repeat(32)],
    pictureBlobId: sha256Hex(BUYER_SEAL_PICTURE),
    widthMm: 42,
    heightMm: 42,
    madeAt: '2026-01-01T00:00:00Z',
  })),
  createdAt: '2026-01-01T00:00:00Z',
  pendingEvents: [],
};

/** What the annex of {@link byAgent} holds. */
export const AUTHORISATION = utf8ToBytes('%PDF-1.7 授权委托书');

/** The contract, signed for the buyer by a procurement agent. */
export function byAgent(): ContractRecord {
  const contract = signedContract();
  const agent = {
    unitId: 'unit_agent',
    name: '示例采购代理有限公司',
    creditCode: '91370100MA3AGENT0X',
    authorisation: {
      blobId: sha256Hex(AUTHORISATION),
      fileName: '授权委托书.pdf',
      sizeBytes: AUTHORISATION.length,
      addedAt: '2026-11-18T02:00:00Z',
    },
  };
  return {
    ...contract,
    parties: contract.parties.map((party) =>
      party.role === 'buyer' ? { ...party, agent } : party,
    ),
  };
}
