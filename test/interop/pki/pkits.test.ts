/** NIST's suite for path validation, whole: paths are built, validated and checked for revocation. */
import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAppError } from '../../../src/kernel/index.js';
import {
  buildPaths,
  evaluateRevocation,
  OID,
  parseCertificate,
  parseCrl,
  validatePath,
  type Certificate,
  type CertificatePath,
  type Crl,
  type RevocationInput,
} from '../../../src/pki/index.js';
import { whereThereIs } from '../verification/peers.js';

interface Vector {
  readonly Name: string;
  readonly CertPath: readonly string[];
  readonly CRLPath: readonly string[];
  readonly ShouldValidate: boolean;
  readonly InitialPolicySet: readonly string[];
  readonly InitialPolicyMappingInhibit: boolean;
  readonly InitialExplicitPolicy: boolean;
  readonly InitialAnyPolicyInhibit: boolean;
}

const DATA = process.env['PKITS_DIR'] ?? '';
const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/pkits/vectors.json', import.meta.url), 'utf8'),
) as readonly Vector[];

/** DSA is not among the algorithms of this product; the suite leaves it to the implementation. */
const WITHOUT_DSA = /^4\.1\.[45] /;

/** The certificates of the suite end in 2030. */
const at = new Date('2015-06-01T00:00:00Z');

function policyOid(name: string): string {
  if (name === 'anyPolicy') return OID.anyPolicy;
  return `2.16.840.1.101.3.2.1.48.${name.replace('NIST-test-policy-', '')}`;
}

const read = (folder: string, name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(DATA, folder, name)));

/** What does not parse is not there. */
function readable<T>(parse: () => T): readonly T[] {
  try {
    return [parse()];
  } catch (error) {
    if (isAppError(error)) return [];
    throw error;
  }
}

class Validation {
  readonly #vector: Vector;
  readonly #certificates: readonly Certificate[];
  readonly #crls: readonly Crl[];

  constructor(vector: Vector) {
    this.#vector = vector;
    this.#certificates = vector.CertPath.flatMap((name) =>
      readable(() => parseCertificate(read('certs', name))),
    );
    this.#crls = vector.CRLPath.flatMap((name) => readable(() => parseCrl(read('crls', name))));
  }

  get isAccepted(): boolean {
    const target = this.#certificates.at(-1);
    if (target === undefined || this.#certificates.length < this.#vector.CertPath.length) {
      return false;
    }
    const vector = this.#vector;
    return this.#pathsOf(target).some(
      (path) =>
        validatePath(path, {
          at,
          acceptedPolicies: vector.InitialPolicySet.map(policyOid),
          requireExplicitPolicy: vector.InitialExplicitPolicy,
          inhibitPolicyMapping: vector.InitialPolicyMappingInhibit,
          inhibitAnyPolicy: vector.InitialAnyPolicyInhibit,
        }).isValid &&
        this.#isUnrevoked(
          path,
          (candidate) => path.includes(candidate) || this.#maySign(candidate),
        ),
    );
  }

  #pathsOf(target: Certificate): readonly CertificatePath[] {
    const [anchor] = this.#certificates;
    const anchors = anchor === undefined ? [] : [anchor];
    return buildPaths({ target, intermediates: this.#certificates.slice(1), anchors });
  }

  #maySign(candidate: Certificate): boolean {
    return this.#pathsOf(candidate).some(
      (path) => validatePath(path, { at }).isValid && this.#isUnrevoked(path, () => false),
    );
  }

  #isUnrevoked(
    path: CertificatePath,
    isTrustedSigner: NonNullable<RevocationInput['isTrustedSigner']>,
  ): boolean {
    const signers = this.#certificates.slice(1);
    const input = { crls: this.#crls, ocsps: [], at, signers, isTrustedSigner };
    return path.slice(0, -1).every((certificate, index) => {
      const issuer = path[index + 1];
      return issuer !== undefined && evaluateRevocation(certificate, issuer, input).kind === 'good';
    });
  }
}

whereThereIs(
  existsSync(DATA),
  'PKITS (cryptography-vectors)',
  describe,
)('NIST PKITS', () => {
  it.each(vectors.map((vector): [string, Vector] => [vector.Name, vector]))(
    '%s',
    (name, vector) => {
      const isExpected = vector.ShouldValidate && !WITHOUT_DSA.test(name);
      expect(new Validation(vector).isAccepted).toBe(isExpected);
    },
  );
});
