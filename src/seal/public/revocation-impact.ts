/**
 * What the end of a seal means for what was sealed with it: which contracts, when, and whether each
 * stays valid, with the reason. A revocation takes nothing back that was done before it; what remains
 * to be asked is what proves that it was before.
 */
import { scopeOf, type Principal } from '../../access/index.js';
import {
  allSignatures,
  type ContractIndex,
  type ContractRecord,
  type SignedRevision,
} from '../../contract/index.js';
import { AppError } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../../store/index.js';
import type { RevocationReason, SealIndex, SealRecord } from '../record.js';

/**
 * - `time-stamped-before`: an authority's time-stamp on the signature is older than the revocation.
 * - `recorded-before`: the service's own record is older; only that proves it.
 * - `time-stamped-after`: recorded before, stamped only since: the record proves it alone.
 * - `key-compromised`: recorded before, but who holds the key can date a signature back; without an
 *   older time-stamp others need not believe it.
 * - `after-revocation`: should not be; the seal counts as revoked.
 */
export const IMPACT_BASES = [
  'time-stamped-before',
  'recorded-before',
  'time-stamped-after',
  'key-compromised',
  'after-revocation',
] as const;
export type ImpactBasis = (typeof IMPACT_BASES)[number];

export interface ImpactedContract {
  readonly contractId: string;
  readonly contractNumber: string;
  readonly title: string;
  readonly state: ContractRecord['state'];
  readonly signedAt: string;
  /** When the service itself took in a time-stamp on the signature; absent where there is none. */
  readonly stampedBy?: string;
  readonly documentSha256: string;
  readonly verdict: 'stays-valid' | 'doubtful' | 'invalid';
  readonly basis: ImpactBasis;
}

export interface RevocationImpact {
  readonly seal: SealRecord;
  /** The revocation that is looked at: the seal's own, or one supposed. */
  readonly revokedAt: string;
  readonly reason: RevocationReason;
  readonly isSupposed: boolean;
  /** Contracts sealed with it, whatever the page. */
  readonly total: number;
  readonly items: readonly ImpactedContract[];
  readonly nextCursor: string | undefined;
}

export interface ImpactQuery {
  readonly limit: number;
  readonly cursor?: string;
  /** For a seal that is not revoked: suppose it were, for this reason, now or at `at`. */
  readonly reason?: RevocationReason;
  readonly at?: Date;
}

export interface RevocationImpacts {
  /** @throws AppError `seal-not-found` */
  report(principal: Principal, sealId: string, query: ImpactQuery): Promise<RevocationImpact>;
}

export function createRevocationImpacts(options: {
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'get'>;
  readonly contracts: Pick<Collection<ContractRecord, ContractIndex>, 'find' | 'count'>;
  readonly now: () => string;
}): RevocationImpacts {
  const { seals, contracts, now } = options;
  return {
    async report(principal, sealId, { limit, cursor, reason, at }) {
      const seal = await seals.get(sealId, scopeOf(principal));
      if (seal === undefined) throw new AppError('seal-not-found', 'no such seal');
      const { revocation } = seal;
      const revokedAt = revocation?.at ?? at?.toISOString() ?? now();
      const why = revocation?.reason ?? reason ?? 'other';
      const where = { sealId: { eq: sealId } };
      // Whoever may see the seal may see what was sealed with it: the unit is a party of each.
      const page = await contracts.find(
        { where, limit, ...(cursor === undefined ? {} : { cursor }) },
        SCOPE_ALL,
      );
      return {
        seal,
        revokedAt,
        reason: why,
        isSupposed: revocation === undefined,
        total: await contracts.count({ where }, SCOPE_ALL),
        items: page.items.flatMap((contract) =>
          allSignatures(contract)
            .filter((signature) => signature.sealId === sealId)
            .map((signature) => impactOf(contract, signature, revokedAt, why)),
        ),
        nextCursor: page.nextCursor,
      };
    },
  };
}

function impactOf(
  contract: ContractRecord,
  signature: SignedRevision,
  revokedAt: string,
  reason: RevocationReason,
): ImpactedContract {
  const stampedBy = stampOf(contract, signature);
  const basis = basisOf(signature.signedAt, stampedBy, revokedAt, reason);
  return {
    contractId: contract.id,
    contractNumber: contract.number,
    title: contract.title,
    state: contract.state,
    signedAt: signature.signedAt,
    ...(stampedBy === undefined ? {} : { stampedBy }),
    documentSha256: signature.blobId,
    verdict: VERDICTS[basis],
    basis,
  };
}

const VERDICTS = {
  'time-stamped-before': 'stays-valid',
  'recorded-before': 'stays-valid',
  'time-stamped-after': 'stays-valid',
  'key-compromised': 'doubtful',
  'after-revocation': 'invalid',
} as const satisfies Record<ImpactBasis, ImpactedContract['verdict']>;

function basisOf(
  signedAt: string,
  stampedBy: string | undefined,
  revokedAt: string,
  reason: RevocationReason,
): ImpactBasis {
  const isBefore = (instant: string): boolean => Date.parse(instant) < Date.parse(revokedAt);
  if (!isBefore(signedAt)) return 'after-revocation';
  if (stampedBy !== undefined && isBefore(stampedBy)) return 'time-stamped-before';
  if (reason === 'key-compromise') return 'key-compromised';
  return stampedBy === undefined ? 'recorded-before' : 'time-stamped-after';
}

/** When the first time-stamp over the signature was taken in: with it, or with a later revision. */
function stampOf(contract: ContractRecord, signature: SignedRevision): string | undefined {
  if (signature.level !== 'B-B') return signature.signedAt;
  // Of a round of signing that was begun anew, later revisions are no longer kept apart.
  if (!contract.signatures.includes(signature)) return undefined;
  return contract.extensions?.find(
    ({ afterSignature, level }) => afterSignature >= signature.number && level !== 'B-B',
  )?.extendedAt;
}
