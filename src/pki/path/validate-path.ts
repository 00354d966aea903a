/** Validates one certification path by RFC 5280 6.1. Revocation is evaluated apart, with evidence. */
import { OID } from '../asn1/index.js';
import { equalNames, keyWeaknesses, type Certificate } from '../x509/index.js';
import type { CertificatePath } from './build-paths.js';
import { checkIssuance } from './issuance.js';
import {
  addNameConstraints,
  NO_NAME_CONSTRAINTS,
  satisfiesNameConstraints,
} from './name-constraints.js';
import {
  applyPolicies,
  finishPolicies,
  initialPolicyState,
  isPolicyFailure,
  prepareNextPolicies,
} from './policy-tree.js';

/** Why a path is not valid; each has one sub-indication of EN 319 102-1 it leads to. */
export type PathProblem =
  | 'empty-path'
  | 'expired'
  | 'not-yet-valid'
  | 'signature-invalid'
  | 'algorithm-unsupported'
  | 'algorithm-mismatch'
  | 'name-chaining'
  | 'not-a-ca'
  | 'path-length'
  | 'key-usage'
  | 'unknown-critical'
  | 'malformed-extension'
  | 'name-constraint'
  | 'policy'
  | 'weak-key'
  | 'weak-digest';

export interface PathOptions {
  /** The time at which every certificate below the anchor must be within its validity. */
  readonly at: Date;
  /** Policies of which one must hold; empty or absent: any. */
  readonly acceptedPolicies?: readonly string[];
  readonly requireExplicitPolicy?: boolean;
  readonly inhibitPolicyMapping?: boolean;
  readonly inhibitAnyPolicy?: boolean;
  /** Accept MD5, SHA-1 and short RSA keys, which are still reported in `weaknesses`. */
  readonly allowsWeakAlgorithms?: boolean;
  /** Whether the anchor must be within its validity as well; `false` unless given (RFC 5280 trusts the key). */
  readonly checksAnchorValidity?: boolean;
}

export interface PathFault {
  readonly problem: PathProblem;
  /** Position in the path given: 0 is the target. */
  readonly index: number;
  /** Identifier of the extension or algorithm at fault, where there is one. */
  readonly detail: string | undefined;
}

export interface PathValidation {
  readonly isValid: boolean;
  /** All faults, those nearest the anchor first; empty for a valid path. */
  readonly faults: readonly PathFault[];
  /** Weak keys and digests on the path, also where they are allowed. */
  readonly weaknesses: readonly PathFault[];
  /** Policies that hold for the whole path, in the anchor's terms; `2.5.29.32.0` for any. */
  readonly policies: readonly string[];
}

/**
 * Validates `path`, target first, trust anchor last.
 *
 * All faults are gathered, not only the first, so that a report can tell an expired certificate
 * from a forged one. Never throws on a bad path.
 */
export function validatePath(path: CertificatePath, options: PathOptions): PathValidation {
  const anchor = path.at(-1);
  if (anchor === undefined) return empty();
  const run = new PathRun(path, options);
  // A target that is itself trusted has nobody above it to vouch for it after its end.
  if (options.checksAnchorValidity === true || path.length === 1) {
    run.checkTime(anchor, path.length - 1);
  }
  run.checkKey(anchor, path.length - 1);
  for (let index = path.length - 2; index >= 0; index--) run.step(index);
  return run.finish();
}

function empty(): PathValidation {
  return {
    isValid: false,
    faults: [{ problem: 'empty-path', index: 0, detail: undefined }],
    weaknesses: [],
    policies: [],
  };
}

class PathRun {
  readonly #path: CertificatePath;
  readonly #options: PathOptions;
  readonly #faults: PathFault[] = [];
  readonly #weaknesses: PathFault[] = [];
  #names = NO_NAME_CONSTRAINTS;
  #policies;
  #policyResult: readonly string[] = [OID.anyPolicy];
  /** Intermediates that may still follow; RFC 5280 max_path_length. */
  #lengthLeft: number;

  constructor(path: CertificatePath, options: PathOptions) {
    this.#path = path;
    this.#options = options;
    this.#lengthLeft = path.length;
    this.#policies = initialPolicyState(path.length - 1, {
      requireExplicitPolicy: options.requireExplicitPolicy ?? false,
      inhibitPolicyMapping: options.inhibitPolicyMapping ?? false,
      inhibitAnyPolicy: options.inhibitAnyPolicy ?? false,
    });
    // An anchor's own constraints hold for what it issues (RFC 5937), as users expect of a CA certificate.
    const constraints = path.at(-1)?.extensions;
    if (constraints?.basicConstraints?.pathLength !== undefined) {
      this.#lengthLeft = constraints.basicConstraints.pathLength;
    }
    this.#names = addNameConstraints(this.#names, constraints?.nameConstraints);
  }

  /** One certificate below the anchor, by 6.1.3, and 6.1.4 or 6.1.5. */
  step(index: number): void {
    const certificate = this.#path[index];
    const issuer = this.#path[index + 1];
    if (certificate === undefined || issuer === undefined) return;
    const isLast = index === 0;
    this.#checkIssuance(certificate, issuer, index);
    this.checkTime(certificate, index);
    this.checkKey(certificate, index);
    this.#checkExtensions(certificate, index);
    if (
      !(certificate.isSelfIssued && !isLast) &&
      !satisfiesNameConstraints(this.#names, certificate)
    ) {
      this.#fail('name-constraint', index, OID.nameConstraints);
    }
    this.#checkPolicies(certificate, index, isLast);
    if (!isLast) this.#checkAuthority(certificate, index);
  }

  finish(): PathValidation {
    return {
      isValid: this.#faults.length === 0,
      faults: this.#faults,
      weaknesses: this.#weaknesses,
      policies: this.#faults.length === 0 ? this.#policyResult : [],
    };
  }

  checkTime(certificate: Certificate, index: number): void {
    const { at } = this.#options;
    if (at < certificate.notBefore) this.#fail('not-yet-valid', index);
    if (at > certificate.notAfter) this.#fail('expired', index);
  }

  checkKey(certificate: Certificate, index: number): void {
    for (const weakness of keyWeaknesses(certificate.publicKey.key)) {
      this.#weak('weak-key', index, weakness);
    }
  }

  #checkIssuance(certificate: Certificate, issuer: Certificate, index: number): void {
    if (!equalNames(certificate.issuer, issuer.subject)) this.#fail('name-chaining', index);
    const { oid } = certificate.signatureAlgorithm;
    if (!certificate.hasConsistentAlgorithm) this.#fail('algorithm-mismatch', index, oid);
    const { outcome, method } = checkIssuance(certificate, issuer);
    if (outcome === 'invalid') this.#fail('signature-invalid', index);
    if (outcome === 'unsupported') this.#fail('algorithm-unsupported', index, oid);
    if (method?.digest === 'sha1' || method?.digest === 'md5')
      this.#weak('weak-digest', index, oid);
  }

  #checkExtensions({ extensions }: Certificate, index: number): void {
    for (const oid of extensions.unknownCritical) this.#fail('unknown-critical', index, oid);
    for (const oid of extensions.malformed) this.#fail('malformed-extension', index, oid);
  }

  #checkPolicies(certificate: Certificate, index: number, isLast: boolean): void {
    const applied = applyPolicies(this.#policies, certificate, isLast);
    if (isPolicyFailure(applied)) this.#fail('policy', index, OID.certificatePolicies);
    if (isLast) {
      const accepted = this.#options.acceptedPolicies ?? [];
      const { isFailure, policies } = finishPolicies(applied, certificate, accepted);
      if (isFailure) this.#fail('policy', index, OID.certificatePolicies);
      this.#policyResult = policies;
      return;
    }
    const next = prepareNextPolicies(applied, certificate);
    if (next === undefined) this.#fail('policy', index, OID.policyMappings);
    this.#policies = next ?? applied;
  }

  /** 6.1.4 (g), (k) to (n): a certificate that issued the next one must be a CA's. */
  #checkAuthority({ extensions, isSelfIssued, version }: Certificate, index: number): void {
    const { basicConstraints, keyUsage } = extensions;
    if (version !== 3 || basicConstraints?.isCa !== true) {
      this.#fail('not-a-ca', index, OID.basicConstraints);
    }
    if (!isSelfIssued) {
      if (this.#lengthLeft <= 0) this.#fail('path-length', index, OID.basicConstraints);
      this.#lengthLeft--;
    }
    const limit = basicConstraints?.pathLength;
    if (limit !== undefined) this.#lengthLeft = Math.min(this.#lengthLeft, limit);
    if (keyUsage !== undefined && !keyUsage.has('keyCertSign')) {
      this.#fail('key-usage', index, OID.keyUsage);
    }
    this.#names = addNameConstraints(this.#names, extensions.nameConstraints);
  }

  #weak(problem: 'weak-key' | 'weak-digest', index: number, detail: string): void {
    this.#weaknesses.push({ problem, index, detail });
    if (this.#options.allowsWeakAlgorithms !== true) this.#fail(problem, index, detail);
  }

  #fail(problem: PathProblem, index: number, detail?: string): void {
    const isKnown = this.#faults.some(
      (fault) => fault.problem === problem && fault.index === index && fault.detail === detail,
    );
    if (!isKnown) this.#faults.push({ problem, index, detail });
  }
}
