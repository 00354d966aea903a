/** What the seal tests share: the font, a settable clock, and a register on the memory store. */
import { readFileSync } from 'node:fs';
import { fontFace } from '../../../src/font/index.js';
import { UNITS, type Principal, type UnitRecord } from '../../../src/access/index.js';
import {
  digestBytes,
  noFaults,
  sha256Hex,
  type Clock,
  type FaultHook,
} from '../../../src/kernel/index.js';
import {
  SEALS,
  SEAL_APPLICATIONS,
  StoppedUses,
  cleanSpecimen,
  createSealApplications,
  createSealService,
  type SealApplicationIndex,
  type SealApplicationRecord,
  type SealApplications,
  type SealIndex,
  type SealRecord,
  type SealService,
} from '../../../src/seal/index.js';
import type { BlobStore, Collection, RecordStore } from '../../../src/store/index.js';
import { openMemoryBlobStore, openMemoryStore } from '../../../src/store/memory/index.js';
import { createSealPki, makeSeals, type MakeSealsRequest } from '../../support/seal-making.js';
import { testAuthority, testLeaf } from '../pki/test-pki.js';

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

export const JANUARY = new Date('2026-01-01T00:00:00Z');
const LIFE = {
  notBefore: new Date('2024-01-01T00:00:00Z'),
  notAfter: new Date('2030-01-01T00:00:00Z'),
};

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
    creditCode: id === 'unit_a' ? '11370102MB0A000011' : '91370102MA0B00002C',
    regionCode: '370102',
    certificates: (id === 'unit_a' ? CERTIFICATES.slice(0, 2) : CERTIFICATES.slice(2)).map(
      (der) => ({
        sha256: sha256Hex(der),
        derB64: Buffer.from(der).toString('base64'),
        tokenKind: 'budget-system',
        enrolledAt: '2026-01-01T00:00:00Z',
      }),
    ),
    createdAt: '2026-01-01T00:00:00Z',
    pendingEvents: [],
    ...changes,
  };
}

const sealPki = await createSealPki();
const authority = await testAuthority('CN=测试CA,C=CN', undefined, LIFE);
/** Two UKeys of `unit_a`, one of `unit_b`. */
const CERTIFICATES = await Promise.all(
  ['甲', '乙', '丙'].map(
    async (person) => (await testLeaf(`CN=${person},C=CN`, authority, LIFE)).certificate.der,
  ),
);
export const [CERTIFICATE_A = '', CERTIFICATE_B = '', CERTIFICATE_C = ''] =
  CERTIFICATES.map(sha256Hex);

export interface Register {
  readonly service: SealService;
  readonly applications: SealApplications;
  readonly records: Collection<SealApplicationRecord, SealApplicationIndex>;
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly blobs: BlobStore;
  /** Seals whose uses were ended, in order. */
  readonly ended: string[];
  readonly stoppedUses: StoppedUses;
  /** As of a process that comes to such points. */
  stoppedUsesWith(faults: FaultHook): StoppedUses;
  readonly clock: Clock;
  /** A seal of `unit_a`, made by the whole way. */
  issue(request?: Omit<MakeSealsRequest, 'unit'>): Promise<SealRecord>;
  setTime(text: string): void;
  rename(name: string): Promise<void>;
}

/** A register with the units `unit_a` and `unit_b`, at 2026-03-01. */
export async function openRegister(store: RecordStore = openMemoryStore()): Promise<Register> {
  const seals = await store.open(SEALS);
  const records = await store.open(SEAL_APPLICATIONS);
  const units = await store.open(UNITS);
  const ownUnit = unit('unit_a');
  await units.insertAll([ownUnit, unit('unit_b', { name: '山东海右科技有限公司' })]);
  const blobs = openMemoryBlobStore();
  let now = new Date('2026-03-01T00:00:00Z');
  const clock = { now: () => now, monotonicMs: () => 0 };
  const ended: string[] = [];
  const stoppedUsesWith = (faults: FaultHook): StoppedUses =>
    new StoppedUses({
      seals,
      endUses: (sealId) => {
        ended.push(sealId);
        return Promise.resolve();
      },
      clock,
      faults,
      leaseMs: 30_000,
    });
  const stoppedUses = stoppedUsesWith(noFaults);
  const applications = createSealApplications({
    applications: records,
    seals,
    units,
    blobs,
    clock,
    faults: noFaults,
    font: FONT,
    cleanSpecimen: (scan, widthMm) => Promise.resolve(cleanSpecimen(scan, widthMm)),
    drawingDigest: (operators) => digestBytes('sha256', operators),
    maker: { open: sealPki.open },
    assertUnitOpen: () => Promise.resolve(),
    verifyMade: () => Promise.resolve(),
  });
  return {
    service: createSealService({
      seals,
      blobs,
      clock,
      stoppedUses,
    }),
    applications,
    records,
    seals,
    blobs,
    ended,
    stoppedUses,
    stoppedUsesWith,
    clock,
    async issue(request = {}) {
      const [id] = await makeSeals(applications, {
        unit: ownUnit,
        ...request,
        form: { validUntil: '2026-12-31T16:00:00Z', ...request.form },
      });
      return (await seals.get(id ?? '', { kind: 'all' }))!;
    },
    setTime: (text) => {
      now = new Date(text);
    },
    rename: (name) => units.replace(unit('unit_a', { version: 2, name })),
  };
}
