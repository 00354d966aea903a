/**
 * 用印审批: a request to use one seal once on one document, decided by somebody else. Bound to the
 * digest of the document as it was sent, so that another text is another request.
 */
import { actorOf, idOfRequest, madeBefore, scopeOf, type Principal } from '../../access/index.js';
import {
  pendingSince,
  type AuditActor,
  type AuditEvent,
  type EventCarrier,
} from '../../audit/index.js';
import { AppError, isAppError, newId, toRfc3339, type Clock } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection, type CollectionSpec, type Page } from '../../store/index.js';
import type { SealIndex, SealRecord } from '../record.js';
import { unitScopeKeys } from './book-entry.js';
import { assertOtherPerson, assertRole, doerOf, type Doer } from './use-policy.js';

export const USE_REQUEST_STATES = [
  'requested',
  'approved',
  'returned',
  'withdrawn',
  'used',
] as const;
export type UseRequestState = (typeof USE_REQUEST_STATES)[number];

/** State → action → state; what is not here is refused. */
const TRANSITIONS = {
  requested: { approve: 'approved', return: 'returned', withdraw: 'withdrawn' },
  approved: { withdraw: 'withdrawn', use: 'used' },
  returned: {},
  // Withdrawn while the act that had taken it was under way: it was used all the same.
  withdrawn: { use: 'used' },
  used: {},
} as const satisfies Record<UseRequestState, Partial<Record<string, UseRequestState>>>;
type RequestAction = 'approve' | 'return' | 'withdraw' | 'use';

export interface SealUseRequest extends EventCarrier {
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  readonly unitId: string;
  readonly regionCode: string;
  readonly sealId: string;
  readonly sealCode: string;
  readonly contractId: string;
  readonly contractNumber: string;
  /** SHA-256 (hex) of the document before any signature. */
  readonly documentSha256: string;
  /** Integer fen. */
  readonly amountFen?: number;
  readonly purpose: string;
  readonly state: UseRequestState;
  readonly requestedBy: Doer;
  readonly requestedAt: string;
  /** After this instant it can neither be approved nor used. */
  readonly expiresAt: string;
  readonly decidedBy?: Doer;
  readonly decidedAt?: string;
  readonly reason?: string;
  /** The act that used it. */
  readonly usedBy?: string;
  readonly pendingEvents: readonly AuditEvent[];
}

export type SealUseRequestIndex =
  'sealContract' | 'unitId' | 'sealId' | 'createdAt' | 'pendingSince';

export const SEAL_USE_REQUESTS: CollectionSpec<SealUseRequest, SealUseRequestIndex> = {
  name: 'sealUseRequests',
  indexes: {
    sealContract: { of: ({ sealId, contractId }) => [`${sealId} ${contractId}`], many: true },
    unitId: { of: ({ unitId }) => unitId },
    sealId: { of: ({ sealId }) => sealId, thenBy: 'createdAt' },
    createdAt: { of: ({ requestedAt }) => requestedAt },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: ({ unitId, regionCode }) => unitScopeKeys(unitId, regionCode),
};

/** What is to be sealed, as the contract room knows it. */
export interface UseSubject {
  readonly contractId: string;
  readonly contractNumber: string;
  /** Of the document before any signature. */
  readonly documentSha256: string;
  readonly amountFen: number | undefined;
}

export interface SealUseRequests {
  /** @throws AppError `seal-not-found`, `input-invalid` (params `field`: `expiresAt`) */
  request(
    principal: Principal,
    wanted: {
      readonly sealId: string;
      readonly subject: UseSubject;
      readonly purpose: string;
      readonly expiresAt?: Date;
    },
  ): Promise<SealUseRequest>;
  /** @throws AppError `not-found` */
  get(principal: Principal, id: string): Promise<SealUseRequest>;
  list(
    principal: Principal,
    query: { readonly limit: number; readonly cursor?: string; readonly sealId?: string },
  ): Promise<Page<SealUseRequest>>;
  /**
   * @param documentSha256 - Of the document that the approver has read.
   * @throws AppError `not-found`, `seal-use-self-approval`, `conflict` (params `reason`:
   *   `other-document`, `state`, `expired`), `record-version-conflict`
   */
  approve(
    principal: Principal,
    id: string,
    decision: { readonly documentSha256: string; readonly expectedRevision?: number },
  ): Promise<SealUseRequest>;
  /** Sends it back with a reason. @throws AppError as `approve` */
  return(
    principal: Principal,
    id: string,
    decision: { readonly reason: string; readonly expectedRevision?: number },
  ): Promise<SealUseRequest>;
  /** By whoever asked. @throws AppError `not-found`, `forbidden`, `conflict` */
  withdraw(principal: Principal, id: string): Promise<SealUseRequest>;
  /**
   * The approval that lets this account seal this document now.
   * @throws AppError `seal-use-approval-required`, params `why`
   */
  approvalFor(use: ApprovedUse): Promise<SealUseRequest>;
  /** Uses it up; the same act twice is once. */
  use(id: string, useId: string, actor: AuditActor): Promise<void>;
}

export interface ApprovedUse {
  readonly sealId: string;
  readonly subject: UseSubject;
  readonly accountId: string;
  readonly at: Date;
}

export interface SealUseRequestsOptions {
  readonly requests: Collection<SealUseRequest, SealUseRequestIndex>;
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'get'>;
  readonly clock: Clock;
  readonly onWritten: () => void;
}

const DAY_MS = 86_400_000;
const DEFAULT_LIFE_DAYS = 7;
const MAX_LIFE_DAYS = 30;

export function createSealUseRequests(options: SealUseRequestsOptions): SealUseRequests {
  return new UseRequests(options);
}

class UseRequests implements SealUseRequests {
  readonly #options: SealUseRequestsOptions;

  constructor(options: SealUseRequestsOptions) {
    this.#options = options;
  }

  async request(
    principal: Principal,
    wanted: Parameters<SealUseRequests['request']>[1],
  ): Promise<SealUseRequest> {
    const { requests, seals, clock, onWritten } = this.#options;
    assertRole(principal, 'unit-handler', 'unit-signer');
    const seal = await seals.get(wanted.sealId, scopeOf(principal));
    if (seal === undefined) throw new AppError('seal-not-found', 'no such seal');
    const { contractId, contractNumber, documentSha256, amountFen } = wanted.subject;
    const before = await madeBefore(
      requests,
      'urq',
      principal,
      (made) => made.sealId === seal.id && made.documentSha256 === documentSha256,
    );
    if (before !== undefined) return before;
    const now = clock.now();
    const expiresAt = wanted.expiresAt ?? new Date(now.getTime() + DEFAULT_LIFE_DAYS * DAY_MS);
    const latest = now.getTime() + MAX_LIFE_DAYS * DAY_MS;
    if (!(expiresAt > now) || expiresAt.getTime() > latest) {
      throw new AppError('input-invalid', 'not a time to expire at', {
        params: { field: 'expiresAt', maxDays: MAX_LIFE_DAYS },
      });
    }
    const bare: SealUseRequest = {
      id: idOfRequest('urq', principal),
      version: 1,
      revision: 1,
      unitId: seal.unitId,
      regionCode: seal.regionCode,
      sealId: seal.id,
      sealCode: seal.code,
      contractId,
      contractNumber,
      documentSha256,
      ...(amountFen === undefined ? {} : { amountFen }),
      purpose: wanted.purpose,
      state: 'requested',
      requestedBy: doerOf(principal),
      requestedAt: toRfc3339(now),
      expiresAt: toRfc3339(expiresAt),
      pendingEvents: [],
    };
    const made = this.#withEvent(bare, 'requested', actorOf(principal), principal.requestId);
    await requests.insert(made);
    onWritten();
    return made;
  }

  async get(principal: Principal, id: string): Promise<SealUseRequest> {
    const request = await this.#options.requests.get(id, scopeOf(principal));
    if (request === undefined) throw new AppError('not-found', 'no such request');
    return request;
  }

  list(
    principal: Principal,
    { limit, cursor, sealId }: Parameters<SealUseRequests['list']>[1],
  ): Promise<Page<SealUseRequest>> {
    return this.#options.requests.find(
      {
        where: sealId === undefined ? {} : { sealId: { eq: sealId } },
        orderBy: 'createdAt',
        direction: 'desc',
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      },
      scopeOf(principal),
    );
  }

  approve(
    principal: Principal,
    id: string,
    { documentSha256, expectedRevision }: Parameters<SealUseRequests['approve']>[2],
  ): Promise<SealUseRequest> {
    return this.#decide(principal, id, 'approve', expectedRevision, (request) => {
      if (request.documentSha256 !== documentSha256) {
        throw new AppError('conflict', 'the request is for another document', {
          params: { reason: 'other-document', requested: request.documentSha256 },
        });
      }
      return {};
    });
  }

  return(
    principal: Principal,
    id: string,
    { reason, expectedRevision }: Parameters<SealUseRequests['return']>[2],
  ): Promise<SealUseRequest> {
    return this.#decide(principal, id, 'return', expectedRevision, () => ({ reason }));
  }

  async withdraw(principal: Principal, id: string): Promise<SealUseRequest> {
    const request = await this.get(principal, id);
    if (request.requestedBy.accountId !== principal.accountId) {
      throw new AppError('forbidden', 'only whoever asked withdraws');
    }
    return this.#move(request, 'withdraw', {}, actorOf(principal), principal.requestId);
  }

  async approvalFor({ sealId, subject, accountId, at }: ApprovedUse): Promise<SealUseRequest> {
    const { contractId, documentSha256 } = subject;
    const page = await this.#options.requests.find(
      { where: { sealContract: { eq: `${sealId} ${contractId}` } }, limit: 100 },
      SCOPE_ALL,
    );
    const standings = page.items.map((request) => ({
      request,
      standing: standingOf(request, documentSha256, accountId, at),
    }));
    const usable = standings.find(({ standing }) => standing === 'usable');
    if (usable !== undefined) return usable.request;
    // Of several requests the one that came furthest says what to do next.
    const why = STANDINGS.find((each) => standings.some(({ standing }) => standing === each));
    throw new AppError('seal-use-approval-required', 'the unit wants this use approved', {
      params: { why: why ?? 'not-requested', sealId, contractId, documentSha256 },
    });
  }

  async use(id: string, useId: string, actor: AuditActor): Promise<void> {
    for (;;) {
      const request = await this.#options.requests.get(id, SCOPE_ALL);
      if (request === undefined || request.usedBy === useId) return;
      try {
        await this.#move(request, 'use', { usedBy: useId }, actor, undefined);
        return;
      } catch (error) {
        if (!isAppError(error, 'record-version-conflict')) throw error;
      }
    }
  }

  async #decide(
    principal: Principal,
    id: string,
    action: 'approve' | 'return',
    expectedRevision: number | undefined,
    make: (request: SealUseRequest) => Partial<SealUseRequest>,
  ): Promise<SealUseRequest> {
    assertRole(principal, 'unit-seal-approver');
    const request = await this.get(principal, id);
    if (expectedRevision !== undefined && expectedRevision !== request.revision) {
      throw new AppError('record-version-conflict', 'the request was changed meanwhile', {
        params: { expected: expectedRevision, actual: request.revision },
      });
    }
    const by = doerOf(principal);
    assertOtherPerson(request.requestedBy, by);
    const now = this.#options.clock.now();
    if (action === 'approve' && now >= new Date(request.expiresAt)) {
      throw new AppError('conflict', 'the request has expired', {
        params: { reason: 'expired', expiresAt: request.expiresAt },
      });
    }
    const changes = { ...make(request), decidedBy: by, decidedAt: toRfc3339(now) };
    return this.#move(request, action, changes, actorOf(principal), principal.requestId);
  }

  async #move(
    request: SealUseRequest,
    action: RequestAction,
    changes: Partial<SealUseRequest>,
    actor: AuditActor,
    requestId: string | undefined,
  ): Promise<SealUseRequest> {
    const row: Partial<Record<RequestAction, UseRequestState>> = TRANSITIONS[request.state];
    const state = row[action];
    if (state === undefined) {
      throw new AppError('conflict', `${action} is not possible`, {
        params: { reason: 'state', state: request.state, action },
      });
    }
    const next = this.#withEvent(
      {
        ...request,
        ...changes,
        state,
        version: request.version + 1,
        revision: request.revision + 1,
      },
      state,
      actor,
      requestId,
    );
    await this.#options.requests.replace(next);
    this.#options.onWritten();
    return next;
  }

  #withEvent(
    request: SealUseRequest,
    what: UseRequestState,
    actor: AuditActor,
    requestId: string | undefined,
  ): SealUseRequest {
    const { id, sealId, contractId, documentSha256, purpose, reason, usedBy } = request;
    const event: AuditEvent = {
      id: newId('evt'),
      at: toRfc3339(this.#options.clock.now()),
      type: `seal-use-request.${what}`,
      actor,
      subject: { kind: 'seal', id: sealId },
      scopeKeys: SEAL_USE_REQUESTS.scopeKeys(request),
      details: {
        useRequestId: id,
        contractId,
        documentSha256,
        purpose,
        ...(reason === undefined ? {} : { reason }),
        ...(usedBy === undefined ? {} : { useId: usedBy }),
      },
      ...(requestId === undefined ? {} : { requestId }),
    };
    return { ...request, pendingEvents: [...request.pendingEvents, event] };
  }
}

/** Why a request does not let the account seal, the most telling first. */
const STANDINGS = [
  'approver-would-sign',
  'used',
  'pending',
  'expired',
  'other-document',
  'returned',
  'withdrawn',
] as const;

function standingOf(
  request: SealUseRequest,
  documentSha256: string,
  accountId: string,
  at: Date,
): (typeof STANDINGS)[number] | 'usable' {
  if (request.state === 'returned' || request.state === 'withdrawn' || request.state === 'used') {
    return request.state;
  }
  if (request.documentSha256 !== documentSha256) return 'other-document';
  if (at >= new Date(request.expiresAt)) return 'expired';
  if (request.state === 'requested') return 'pending';
  return request.decidedBy?.accountId === accountId ? 'approver-would-sign' : 'usable';
}
