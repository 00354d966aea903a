/**
 * Revokes all seals of a unit together. The order is written first; each seal is then revoked by its own write, which
 * names the order. Whoever is killed in between leaves an open order, which is carried out anew and skips what is done.
 */
import {
  actorOf,
  hasRole,
  idOfRequest,
  madeBefore,
  scopeOf,
  type Principal,
  type UnitIndex,
  type UnitRecord,
} from '../../access/index.js';
import { recordEvent } from '../../audit/index.js';
import { AppError, isAppError, toRfc3339, type Clock } from '../../kernel/index.js';
import { SCOPE_ALL, type BlobStore, type Collection } from '../../store/index.js';
import { sealEvent } from '../events.js';
import { keepEvidence, type NewEvidence } from '../evidence.js';
import type { RevocationReason, SealIndex, SealRecord } from '../record.js';
import {
  REVOCATION_ORDERS,
  type RevocationOrderIndex,
  type RevocationOrderRecord,
} from './revocation-order.js';
import { withRevocation } from './status-changes.js';
import type { StoppedUses } from './stopped-uses.js';

export interface RevocationOrderParts {
  readonly orders: Collection<RevocationOrderRecord, RevocationOrderIndex>;
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get'>;
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly clock: Clock;
  readonly stoppedUses: StoppedUses;
}

export interface OrderRevocation {
  readonly unitId: string;
  readonly reason: RevocationReason;
  readonly note?: string;
  /** Not in the past; now where absent. */
  readonly effectiveAt?: Date;
  readonly evidence: readonly NewEvidence[];
}

const PAGE = 100;

export class RevocationOrders {
  readonly #parts: RevocationOrderParts;

  constructor(parts: RevocationOrderParts) {
    this.#parts = parts;
  }

  /**
   * @returns The order, carried out.
   * @throws AppError `forbidden`, `not-found` (unit), `input-invalid` (params `field`),
   *   `seal-attachment-refused`
   */
  async order(principal: Principal, request: OrderRevocation): Promise<RevocationOrderRecord> {
    if (!hasRole(principal, 'seal-administrator')) {
      throw new AppError('forbidden', 'seals are revoked by the seal administrator');
    }
    const { units, blobs, orders, clock } = this.#parts;
    const unit = await units.get(request.unitId, scopeOf(principal));
    if (unit === undefined) throw new AppError('not-found', 'no such unit');
    const { reason, note, effectiveAt } = request;
    const before = await madeBefore(
      orders,
      'sro',
      principal,
      (made) => made.unitId === unit.id && made.reason === reason,
    );
    if (before !== undefined) return before.state === 'open' ? this.#carryOut(before) : before;
    const now = clock.now();
    if (effectiveAt !== undefined && effectiveAt < now) {
      throw new AppError('input-invalid', 'a revocation takes effect now or later', {
        params: { field: 'effectiveAt' },
      });
    }
    const bare: RevocationOrderRecord = {
      id: idOfRequest('sro', principal),
      version: 1,
      revision: 1,
      unitId: unit.id,
      regionCode: unit.regionCode,
      reason,
      effectiveAt: toRfc3339(effectiveAt ?? now),
      evidence: await keepEvidence(blobs, request.evidence),
      orderedBy: actorOf(principal),
      state: 'open',
      sealIds: [],
      createdAt: toRfc3339(now),
      pendingEvents: [],
      ...(note === undefined ? {} : { note }),
    };
    const subject = { kind: 'seal-revocation', id: bare.id };
    const event = recordEvent(subject, REVOCATION_ORDERS.scopeKeys(bare), {
      what: 'ordered',
      actor: bare.orderedBy,
      at: now,
      details: { unitId: unit.id, reason, effectiveAt: bare.effectiveAt },
      requestId: principal.requestId,
    });
    const order = { ...bare, pendingEvents: [event] };
    await orders.insert(order);
    return this.#carryOut(order);
  }

  /** Carries out what is open. @returns How many orders were. */
  async runOnce(): Promise<number> {
    const open = await this.#parts.orders.find(
      { where: { openSince: {} }, orderBy: 'openSince', limit: PAGE },
      SCOPE_ALL,
    );
    for (const order of open.items) await this.#carryOut(order);
    return open.items.length;
  }

  /** @throws AppError `seal-unit-closed` where the unit was dissolved or merged */
  async assertOpen(unitId: string): Promise<void> {
    const where = { closedUnitId: { eq: unitId } };
    if ((await this.#parts.orders.count({ where }, SCOPE_ALL)) === 0) return;
    throw new AppError('seal-unit-closed', 'the unit was dissolved or merged');
  }

  async #carryOut(order: RevocationOrderRecord): Promise<RevocationOrderRecord> {
    const { seals, orders } = this.#parts;
    const sealIds: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await seals.find(
        {
          where: { unitId: { eq: order.unitId } },
          limit: PAGE,
          ...(cursor === undefined ? {} : { cursor }),
        },
        SCOPE_ALL,
      );
      for (const { id } of page.items) if (await this.#revoke(id, order)) sealIds.push(id);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const { version, revision } = order;
    const done = {
      ...order,
      version: version + 1,
      revision: revision + 1,
      state: 'done',
      sealIds,
    } as const;
    try {
      await orders.replace(done);
    } catch (error) {
      // Another process carried it out at the same time: to the same end.
      if (!isAppError(error, 'record-version-conflict')) throw error;
    }
    return done;
  }

  /** @returns Whether the seal is revoked by this order, now or before. */
  async #revoke(sealId: string, order: RevocationOrderRecord): Promise<boolean> {
    const { seals, clock, stoppedUses } = this.#parts;
    for (;;) {
      const seal = await seals.get(sealId, SCOPE_ALL);
      if (seal === undefined) return false;
      if (seal.revocation?.orderId === order.id) {
        // The process that revoked it may have died before it ended the uses.
        await stoppedUses.end(seal);
        return true;
      }
      // One that is revoked, or will be no later, stays as it is.
      if (seal.revocation !== undefined && seal.revocation.at <= order.effectiveAt) return false;
      const revoked = revokedBy(seal, order, clock.now());
      const next =
        revoked.status === 'revoked' ? { ...revoked, ...stoppedUses.noted(seal) } : revoked;
      try {
        await seals.replace(next);
      } catch (error) {
        if (isAppError(error, 'record-version-conflict')) continue;
        throw error;
      }
      if (revoked.status === 'revoked') await stoppedUses.end(next);
      return true;
    }
  }
}

function revokedBy(seal: SealRecord, order: RevocationOrderRecord, now: Date): SealRecord {
  const { reason, note, evidence, id: orderId, orderedBy } = order;
  const wanted = new Date(order.effectiveAt);
  const changes = withRevocation(
    seal,
    {
      reason,
      evidence,
      orderId,
      ...(note === undefined ? {} : { note }),
      // An order that was taken up late takes effect when it is.
      ...(wanted > now ? { effectiveAt: wanted } : {}),
    },
    now,
  );
  const event = sealEvent(seal, {
    what: 'revoked',
    actor: orderedBy,
    at: now,
    details: { reason, orderId, effectiveAt: changes.revocation?.at ?? null },
    requestId: undefined,
  });
  return {
    ...seal,
    ...changes,
    version: seal.version + 1,
    revision: seal.revision + 1,
    pendingEvents: [...seal.pendingEvents, event],
  };
}
