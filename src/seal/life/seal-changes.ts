/** One change of one seal: read within the caller's sight, then written with its event in one conditional write. */
import {
  actorOf,
  isRequestDone,
  scopeOf,
  withRequestDone,
  type Principal,
} from '../../access/index.js';
import type { AuditEvent } from '../../audit/index.js';
import { AppError, type Clock } from '../../kernel/index.js';
import type { Collection } from '../../store/index.js';
import { sealEvent, type SealEventFacts } from '../events.js';
import type { SealIndex, SealRecord } from '../record.js';

/** `expectedRevision` is the one the caller has seen (If-Match). */
export interface SealChange {
  readonly expectedRevision?: number;
}

export interface SealChangeFacts {
  readonly changes: Partial<SealRecord>;
  readonly what: SealEventFacts['what'];
  readonly details?: AuditEvent['details'];
}

export class SealChanges {
  readonly #seals: Collection<SealRecord, SealIndex>;
  readonly #clock: Clock;

  constructor(seals: Collection<SealRecord, SealIndex>, clock: Clock) {
    this.#seals = seals;
    this.#clock = clock;
  }

  /** @throws AppError `seal-not-found`, also where the principal may not see it */
  async load(principal: Principal, sealId: string): Promise<SealRecord> {
    const seal = await this.#seals.get(sealId, scopeOf(principal));
    if (seal === undefined) throw new AppError('seal-not-found', 'no such seal');
    return seal;
  }

  /** @throws AppError `seal-not-found`, `record-version-conflict`, and what `make` throws */
  async change(
    principal: Principal,
    sealId: string,
    request: SealChange,
    make: (seal: SealRecord, now: Date) => SealChangeFacts,
  ): Promise<SealRecord> {
    const seal = await this.load(principal, sealId);
    // Only its answer was lost.
    if (isRequestDone(seal, principal)) return seal;
    assertRevision(seal, request);
    const now = this.#clock.now();
    const { changes, what, details } = make(seal, now);
    const next: SealRecord = {
      ...seal,
      ...changes,
      version: seal.version + 1,
      revision: seal.revision + 1,
      pendingEvents: [
        ...seal.pendingEvents,
        sealEvent(seal, {
          what,
          actor: actorOf(principal),
          at: now,
          details: details ?? {},
          requestId: principal.requestId,
        }),
      ],
    };
    const done = withRequestDone(next, principal.requestKey);
    await this.#seals.replace(done);
    return done;
  }
}

/** @throws AppError `record-version-conflict`, params `expected`, `actual` */
export function assertRevision(seal: SealRecord, { expectedRevision }: SealChange): void {
  if (expectedRevision === undefined || expectedRevision === seal.revision) return;
  throw new AppError('record-version-conflict', 'the seal was changed meanwhile', {
    params: { expected: expectedRevision, actual: seal.revision },
  });
}
