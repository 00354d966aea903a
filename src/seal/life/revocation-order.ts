/** An order to revoke all seals of a unit (单位撤销、合并): kept until it is carried out, by whoever is left to do it. */
import { regionKeys, unitKey } from '../../access/index.js';
import {
  pendingSince,
  type AuditActor,
  type AuditEvent,
  type EventCarrier,
} from '../../audit/index.js';
import type { CollectionSpec } from '../../store/index.js';
import type { RevocationEvidence, RevocationReason } from '../record.js';

export interface RevocationOrderRecord extends EventCarrier {
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  readonly unitId: string;
  readonly regionCode: string;
  readonly reason: RevocationReason;
  readonly note?: string;
  /** When the seals' revocations take effect. */
  readonly effectiveAt: string;
  readonly evidence: readonly RevocationEvidence[];
  readonly orderedBy: AuditActor;
  readonly state: 'open' | 'done';
  /** The seals it revoked, once it is done. */
  readonly sealIds: readonly string[];
  readonly createdAt: string;
  readonly pendingEvents: readonly AuditEvent[];
}

export type RevocationOrderIndex =
  'unitId' | 'openSince' | 'closedUnitId' | 'createdAt' | 'pendingSince';

export const REVOCATION_ORDERS: CollectionSpec<RevocationOrderRecord, RevocationOrderIndex> = {
  name: 'sealRevocationOrders',
  indexes: {
    unitId: { of: (order) => order.unitId },
    openSince: { of: (order) => (order.state === 'open' ? order.createdAt : undefined) },
    /** Units that are no more: no seal is made for them. */
    closedUnitId: {
      of: ({ reason, unitId }) =>
        reason === 'unit-dissolved' || reason === 'unit-merged' ? unitId : undefined,
    },
    createdAt: { of: (order) => order.createdAt },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: (order) => [unitKey(order.unitId), ...regionKeys(order.regionCode)],
};
