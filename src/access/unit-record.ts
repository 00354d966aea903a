/** Budget units and suppliers: who contracts, signs and owns seals. */
import type { AuditEvent, EventCarrier } from '../audit/index.js';
import { pendingSince } from '../audit/index.js';
import type { CollectionSpec } from '../store/index.js';
import { regionKeys, unitKey } from './roles.js';

export type UnitKind = 'budget-unit' | 'supplier' | 'agency';

export interface UnitRecord extends EventCarrier {
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  readonly kind: UnitKind;
  /** 单位法定名称. */
  readonly name: string;
  /** 统一社会信用代码, GB 32100. */
  readonly creditCode: string;
  /** 行政区划, GB/T 2260. */
  readonly regionCode: string;
  /** 预算单位编码; absent for suppliers. */
  readonly budgetCode?: string;
  readonly address?: string;
  /** Certificates enrolled for signing and login, by SHA-256 of their DER. */
  readonly certificates: readonly EnrolledCertificate[];
  readonly createdAt: string;
  readonly pendingEvents: readonly AuditEvent[];
}

export interface EnrolledCertificate {
  readonly sha256: string;
  readonly derB64: string;
  /** Which UKey it sits on: 预算管理一体化系统 or 公共资源交易中心. */
  readonly tokenKind: 'budget-system' | 'trading-centre' | 'other';
  readonly enrolledAt: string;
}

export type UnitIndex = 'creditCode' | 'certificateSha256' | 'kind' | 'pendingSince';

export const UNITS: CollectionSpec<UnitRecord, UnitIndex> = {
  name: 'units',
  indexes: {
    creditCode: { of: (unit) => unit.creditCode, unique: true },
    certificateSha256: {
      of: (unit) => unit.certificates.map((certificate) => certificate.sha256),
      many: true,
    },
    kind: { of: (unit) => unit.kind },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: (unit) => [unitKey(unit.id), ...regionKeys(unit.regionCode)],
};
