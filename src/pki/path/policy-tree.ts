/**
 * Certificate policies along a path (RFC 5280 6.1.2 to 6.1.5), as sets and not as a tree: a level
 * maps each policy valid there to the policies it stands for at the anchor. That is equivalent for
 * the question asked here (is any policy left, and which), and cannot grow exponentially.
 */
import { OID } from '../asn1/index.js';
import type { Certificate } from '../x509/index.js';

export interface PolicyState {
  /** Policy expected of the next certificate → policies of the anchor's domain; `undefined`: no valid tree. */
  readonly valid: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  /** Certificates until an explicit policy is required, mapping and any-policy forbidden. */
  readonly explicit: number;
  readonly mapping: number;
  readonly anyPolicy: number;
}

export interface PolicyOptions {
  readonly requireExplicitPolicy: boolean;
  readonly inhibitPolicyMapping: boolean;
  readonly inhibitAnyPolicy: boolean;
}

/** @param pathLength - Certificates below the anchor. */
export function initialPolicyState(pathLength: number, options: PolicyOptions): PolicyState {
  const never = pathLength + 1;
  return {
    valid: new Map([[OID.anyPolicy, new Set([OID.anyPolicy])]]),
    explicit: options.requireExplicitPolicy ? 0 : never,
    mapping: options.inhibitPolicyMapping ? 0 : never,
    anyPolicy: options.inhibitAnyPolicy ? 0 : never,
  };
}

/** RFC 5280 6.1.3 (d) to (f). The caller fails the path where `isPolicyFailure` says so afterwards. */
export function applyPolicies(
  state: PolicyState,
  certificate: Certificate,
  isLast: boolean,
): PolicyState {
  const { policies } = certificate.extensions;
  if (policies === undefined || state.valid === undefined) return { ...state, valid: undefined };
  const mayUseAny = state.anyPolicy > 0 || (!isLast && certificate.isSelfIssued);
  const next = new Map<string, ReadonlySet<string>>();
  const fromAny = state.valid.get(OID.anyPolicy);
  for (const policy of policies) {
    if (policy === OID.anyPolicy) continue;
    const roots = state.valid.get(policy);
    if (roots !== undefined) next.set(policy, roots);
    else if (fromAny !== undefined) {
      // Under any-policy of the anchor a policy stands for itself.
      next.set(policy, replaceAny(fromAny, policy));
    }
  }
  if (policies.includes(OID.anyPolicy) && mayUseAny) {
    for (const [policy, roots] of state.valid) if (!next.has(policy)) next.set(policy, roots);
  }
  return { ...state, valid: next.size === 0 ? undefined : next };
}

function replaceAny(roots: ReadonlySet<string>, policy: string): ReadonlySet<string> {
  return new Set([...roots].map((root) => (root === OID.anyPolicy ? policy : root)));
}

export function isPolicyFailure(state: PolicyState): boolean {
  return state.explicit <= 0 && state.valid === undefined;
}

/** RFC 5280 6.1.4 (a), (b), (h) to (j). @returns `undefined` where any-policy is mapped */
export function prepareNextPolicies(
  state: PolicyState,
  certificate: Certificate,
): PolicyState | undefined {
  const { policyMappings, policyConstraints, inhibitAnyPolicy } = certificate.extensions;
  const mapsAny = policyMappings.some(
    ({ issuerDomainPolicy, subjectDomainPolicy }) =>
      issuerDomainPolicy === OID.anyPolicy || subjectDomainPolicy === OID.anyPolicy,
  );
  if (mapsAny) return undefined;
  const valid = mapPolicies(state, certificate);
  const step = certificate.isSelfIssued ? 0 : 1;
  const lower = (count: number, limit: number | undefined): number =>
    Math.min(Math.max(count - step, 0), limit ?? Number.POSITIVE_INFINITY);
  return {
    valid,
    explicit: lower(state.explicit, policyConstraints?.requireExplicitPolicy),
    mapping: lower(state.mapping, policyConstraints?.inhibitPolicyMapping),
    anyPolicy: lower(state.anyPolicy, inhibitAnyPolicy),
  };
}

function mapPolicies(state: PolicyState, certificate: Certificate): PolicyState['valid'] {
  const { policyMappings } = certificate.extensions;
  if (state.valid === undefined || policyMappings.length === 0) return state.valid;
  const mapped = new Set(policyMappings.map(({ issuerDomainPolicy }) => issuerDomainPolicy));
  const next = new Map<string, Set<string>>();
  for (const [policy, roots] of state.valid) {
    if (!mapped.has(policy)) next.set(policy, new Set(roots));
  }
  // Mapping forbidden: policies that would be mapped fall away.
  if (state.mapping > 0) {
    const fromAny = state.valid.get(OID.anyPolicy);
    for (const { issuerDomainPolicy, subjectDomainPolicy } of policyMappings) {
      const roots =
        state.valid.get(issuerDomainPolicy) ??
        (fromAny === undefined ? undefined : replaceAny(fromAny, issuerDomainPolicy));
      if (roots === undefined) continue;
      const present = next.get(subjectDomainPolicy) ?? new Set<string>();
      for (const root of roots) present.add(root);
      next.set(subjectDomainPolicy, present);
    }
  }
  return next.size === 0 ? undefined : next;
}

/**
 * RFC 5280 6.1.5 (a), (b), (g): what is left for the policies the caller accepts.
 * @param accepted - Empty: any policy.
 */
export function finishPolicies(
  state: PolicyState,
  certificate: Certificate,
  accepted: readonly string[],
): { readonly isFailure: boolean; readonly policies: readonly string[] } {
  const constraint = certificate.extensions.policyConstraints?.requireExplicitPolicy;
  const explicit = constraint === 0 ? 0 : Math.max(state.explicit - 1, 0);
  const roots = new Set([...(state.valid?.values() ?? [])].flatMap((set) => [...set]));
  const isAnyAccepted = accepted.length === 0 || accepted.includes(OID.anyPolicy);
  const policies = isAnyAccepted
    ? [...roots]
    : roots.has(OID.anyPolicy)
      ? [...accepted]
      : [...roots].filter((policy) => accepted.includes(policy));
  return { isFailure: explicit <= 0 && policies.length === 0, policies };
}
