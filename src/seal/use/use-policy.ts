/**
 * The rules in force for one seal, and those proposed. One person proposes, another agrees to exactly
 * what was proposed (its digest): nobody widens his own limits.
 */
import { actorOf, hasRole, scopeOf, type Principal, type Role } from '../../access/index.js';
import {
  pendingSince,
  recordEvent,
  type AuditEvent,
  type EventCarrier,
} from '../../audit/index.js';
import { AppError, isAppError, toRfc3339, type Clock } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection, type CollectionSpec } from '../../store/index.js';
import type { SealIndex, SealRecord } from '../record.js';
import { unitScopeKeys } from './book-entry.js';
import { rulesDigest, type SealUseRules } from './use-rules.js';

/** Who did a step, as dual control compares people. */
export interface Doer {
  readonly accountId: string;
  /** The certificate that logged in, where a UKey did. */
  readonly certificateSha256?: string;
}

export interface ProposedRules {
  readonly rules: SealUseRules;
  readonly digest: string;
  readonly by: Doer;
  readonly at: string;
}

export interface RulesInForce extends ProposedRules {
  readonly approvedBy: Doer;
  readonly approvedAt: string;
}

export interface SealUsePolicy extends EventCarrier {
  /** The seal's id. */
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  readonly sealCode: string;
  readonly unitId: string;
  readonly regionCode: string;
  readonly inForce?: RulesInForce;
  readonly proposed?: ProposedRules;
  readonly pendingEvents: readonly AuditEvent[];
}

export type SealUsePolicyIndex = 'unitId' | 'pendingSince';

export const SEAL_USE_POLICIES: CollectionSpec<SealUsePolicy, SealUsePolicyIndex> = {
  name: 'sealUsePolicies',
  indexes: {
    unitId: { of: ({ unitId }) => unitId },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: ({ unitId, regionCode }) => unitScopeKeys(unitId, regionCode),
};

export interface SealUsePolicies {
  /** `undefined` where nothing was ever proposed. @throws AppError `seal-not-found` */
  get(principal: Principal, sealId: string): Promise<SealUsePolicy | undefined>;
  /**
   * Takes the place of an earlier proposal.
   * @throws AppError `seal-not-found`, `record-version-conflict`, `input-invalid`
   */
  propose(
    principal: Principal,
    sealId: string,
    request: { readonly rules: SealUseRules; readonly expectedRevision?: number },
  ): Promise<SealUsePolicy>;
  /**
   * @param digest - Of the rules that the approver has read.
   * @throws AppError `seal-not-found`, `not-found` without a proposal, `seal-use-self-approval`,
   *   `conflict` (params `reason`: `changed-meanwhile`), `record-version-conflict`
   */
  decide(
    principal: Principal,
    sealId: string,
    decision: { readonly digest: string; readonly isApproved: boolean; readonly reason?: string },
  ): Promise<SealUsePolicy>;
}

export interface SealUsePoliciesOptions {
  readonly policies: Collection<SealUsePolicy, SealUsePolicyIndex>;
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'get'>;
  readonly clock: Clock;
  readonly onWritten: () => void;
}

export function createSealUsePolicies(options: SealUsePoliciesOptions): SealUsePolicies {
  const { policies, seals, clock, onWritten } = options;

  /** Of the caller's own unit: rules are the unit's affair, whoever else may read them. */
  async function ownSeal(principal: Principal, sealId: string): Promise<SealRecord> {
    const seal = await seals.get(sealId, scopeOf(principal));
    if (seal === undefined) throw new AppError('seal-not-found', 'no such seal');
    return seal;
  }

  function changed(
    policy: SealUsePolicy,
    what: string,
    principal: Principal,
    details: AuditEvent['details'],
  ): SealUsePolicy {
    const event = recordEvent(
      { kind: 'seal', id: policy.id },
      SEAL_USE_POLICIES.scopeKeys(policy),
      {
        what: `use-rules-${what}`,
        actor: actorOf(principal),
        at: clock.now(),
        details: { code: policy.sealCode, ...details },
        requestId: principal.requestId,
      },
    );
    return { ...policy, pendingEvents: [...policy.pendingEvents, event] };
  }

  return {
    async get(principal, sealId) {
      await ownSeal(principal, sealId);
      return policies.get(sealId, scopeOf(principal));
    },

    async propose(principal, sealId, { rules, expectedRevision }) {
      assertRole(principal, 'unit-handler', 'unit-seal-approver');
      const seal = await ownSeal(principal, sealId);
      assertSound(rules);
      const before = await policies.get(sealId, SCOPE_ALL);
      if (expectedRevision !== undefined && expectedRevision !== (before?.revision ?? 0)) {
        throw new AppError('record-version-conflict', 'the rules were changed meanwhile', {
          params: { expected: expectedRevision, actual: before?.revision ?? 0 },
        });
      }
      const digest = rulesDigest(rules);
      const by = doerOf(principal);
      const next = changed(
        {
          ...(before ?? {
            id: seal.id,
            sealCode: seal.code,
            unitId: seal.unitId,
            regionCode: seal.regionCode,
            pendingEvents: [],
          }),
          version: (before?.version ?? 0) + 1,
          revision: (before?.revision ?? 0) + 1,
          proposed: { rules, digest, by, at: toRfc3339(clock.now()) },
        },
        'proposed',
        principal,
        { digest, rules: JSON.stringify(rules) },
      );
      await (before === undefined ? insertFirst(policies, next) : policies.replace(next));
      onWritten();
      return next;
    },

    async decide(principal, sealId, { digest, isApproved, reason }) {
      assertRole(principal, 'unit-seal-approver');
      await ownSeal(principal, sealId);
      const before = await policies.get(sealId, SCOPE_ALL);
      if (before?.proposed === undefined) throw new AppError('not-found', 'nothing is proposed');
      const { proposed, ...rest } = before;
      const by = doerOf(principal);
      assertOtherPerson(proposed.by, by);
      if (proposed.digest !== digest) {
        throw new AppError('conflict', 'other rules are proposed by now', {
          params: { reason: 'changed-meanwhile', proposed: proposed.digest },
        });
      }
      const approved = { ...proposed, approvedBy: by, approvedAt: toRfc3339(clock.now()) };
      const next = changed(
        {
          ...rest,
          version: before.version + 1,
          revision: before.revision + 1,
          ...(isApproved ? { inForce: approved } : {}),
        },
        isApproved ? 'approved' : 'returned',
        principal,
        { digest, proposedBy: proposed.by.accountId, ...(reason === undefined ? {} : { reason }) },
      );
      await policies.replace(next);
      onWritten();
      return next;
    },
  };
}

export function doerOf({ accountId, certificateSha256 }: Principal): Doer {
  return { accountId, ...(certificateSha256 === undefined ? {} : { certificateSha256 }) };
}

/** Another account and, where both used one, another certificate. @throws AppError `seal-use-self-approval` */
export function assertOtherPerson(first: Doer, second: Doer): void {
  const isSame =
    first.accountId === second.accountId ||
    (first.certificateSha256 !== undefined && first.certificateSha256 === second.certificateSha256);
  if (isSame) throw new AppError('seal-use-self-approval', 'the same person took both steps');
}

/** @throws AppError `forbidden` */
export function assertRole(principal: Principal, ...roles: readonly Role[]): void {
  if (!hasRole(principal, ...roles)) throw new AppError('forbidden', 'not for this role');
}

async function insertFirst(
  policies: Collection<SealUsePolicy, SealUsePolicyIndex>,
  policy: SealUsePolicy,
): Promise<void> {
  try {
    await policies.insert(policy);
  } catch (error) {
    if (!isAppError(error, 'record-exists')) throw error;
    throw new AppError('record-version-conflict', 'somebody else proposed first', { cause: error });
  }
}

/** @throws AppError `input-invalid`, params `field` */
function assertSound(rules: SealUseRules): void {
  const { validFrom, validUntil, hours, approval, approvalAboveFen } = rules;
  const fault = (field: string): AppError =>
    new AppError('input-invalid', `${field} does not fit`, { params: { field } });
  if (validFrom !== undefined && validUntil !== undefined && validFrom >= validUntil) {
    throw fault('validUntil');
  }
  if (hours !== undefined && hours.from >= hours.to) throw fault('hours');
  if ((approval === 'above-amount') !== (approvalAboveFen !== undefined)) {
    throw fault('approvalAboveFen');
  }
}
