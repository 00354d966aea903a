/** What the seal tests share: the font, a settable clock, and a register on the memory store. */
import { readFileSync } from 'node:fs';
import { fontFace } from '../../../src/font/index.js';
import { UNITS, type Principal, type UnitRecord } from '../../../src/access/index.js';
import {
  SEALS,
  createSealService,
  type IssueSeal,
  type SealIndex,
  type SealRecord,
  type SealService,
} from '../../../src/seal/index.js';
import type { BlobStore, Collection } from '../../../src/store/index.js';
import { openMemoryBlobStore, openMemoryStore } from '../../../src/store/memory/index.js';

export const FONT = fontFace(
  readFileSync(
    new URL(
      '../../../node_modules/@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf',
      import.meta.url,
    ),
  ),
);

/** Names of 2, 4, 8, 13, 20, 32 and 40 characters. */
export const NAMES = [
  '海关',
  '济南大学',
  '山东省财政厅机关',
  '济南市历下区教育和体育局办公室'.slice(0, 13),
  '山东省公共资源交易中心政府采购服务公司总部'.slice(0, 20),
  '中国（山东）自由贸易试验区济南片区管理委员会行政审批服务局综合窗口'.slice(0, 32),
  '中国（山东）自由贸易试验区济南片区管理委员会行政审批服务局综合窗口政务服务中心分部门'.slice(
    0,
    40,
  ),
] as const;

export const CERTIFICATE_A = 'a'.repeat(64);
export const CERTIFICATE_B = 'b'.repeat(64);
export const JANUARY = new Date('2026-01-01T00:00:00Z');
export const YEAR_END = new Date('2026-12-31T16:00:00Z');

const NOBODY: Principal = {
  accountId: 'acc_test',
  roles: [],
  unitId: undefined,
  regionCode: undefined,
  certificateSha256: undefined,
  requestId: 'req_1',
};
export const ADMINISTRATOR: Principal = {
  ...NOBODY,
  roles: ['seal-administrator'],
  regionCode: '370100',
};
export const ELSEWHERE: Principal = { ...ADMINISTRATOR, regionCode: '370200' };
export const SUPERVISOR: Principal = { ...NOBODY, roles: ['supervisor'], regionCode: '370000' };
export const SIGNER: Principal = { ...NOBODY, roles: ['unit-signer'], unitId: 'unit_a' };
export const OTHER_SIGNER: Principal = { ...NOBODY, roles: ['unit-signer'], unitId: 'unit_b' };

export function unit(id: string, changes: Partial<UnitRecord> = {}): UnitRecord {
  return {
    id,
    version: 1,
    revision: 1,
    kind: 'budget-unit',
    name: '济南市历下区教育和体育局',
    creditCode: `credit-${id}`,
    regionCode: '370102',
    certificates: [CERTIFICATE_A, CERTIFICATE_B].map((digit) => ({
      sha256: id === 'unit_a' ? digit : digit.replace(/^../, 'cc'),
      derB64: '',
      tokenKind: 'budget-system',
      enrolledAt: '2026-01-01T00:00:00Z',
    })),
    createdAt: '2026-01-01T00:00:00Z',
    pendingEvents: [],
    ...changes,
  };
}

export interface Register {
  readonly service: SealService;
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly blobs: BlobStore;
  setTime(text: string): void;
  rename(name: string): Promise<void>;
}

/** A register with the units `unit_a` and `unit_b`, at 2026-03-01. */
export async function openRegister(): Promise<Register> {
  const store = openMemoryStore();
  const seals = await store.open(SEALS);
  const units = await store.open(UNITS);
  await units.insertAll([unit('unit_a'), unit('unit_b', { name: '山东海右科技有限公司' })]);
  const blobs = openMemoryBlobStore();
  let now = new Date('2026-03-01T00:00:00Z');
  return {
    service: createSealService({
      seals,
      units,
      blobs,
      clock: { now: () => now, monotonicMs: () => 0 },
      font: FONT,
    }),
    seals,
    blobs,
    setTime: (text) => {
      now = new Date(text);
    },
    rename: (name) => units.replace(unit('unit_a', { version: 2, name })),
  };
}

export function contractSeal(changes: Partial<IssueSeal> = {}): IssueSeal {
  return {
    unitId: 'unit_a',
    kind: 'contract',
    validFrom: JANUARY,
    validUntil: YEAR_END,
    certificateSha256: [CERTIFICATE_A],
    ...changes,
  };
}
