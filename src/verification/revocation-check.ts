/** Revocation status from what is at hand, and, where that says nothing, from where the certificate points to. */
import { isAppError } from '../kernel/index.js';
import {
  buildOcspRequest,
  evaluateRevocation,
  parseCrl,
  parseOcspResponse,
  type Certificate,
  type Crl,
  type OcspResponse,
  type RevocationStatus,
} from '../pki/index.js';
import type { CertificateCheckInput } from './certificate-check.js';
import { parseEach, type ParsedProfile } from './trust-material.js';

type Source = 'embedded' | 'ocsp' | 'crl';

export type RevocationAnswer =
  | { readonly status: 'good'; readonly source: Source }
  | { readonly status: 'revoked'; readonly source: Source; readonly revokedAt: Date }
  | {
      readonly status: 'unknown';
      readonly source: null;
      /** The certificate says where to ask; one that does not cannot be asked about. */
      readonly isDeclared: boolean;
      readonly problem: string;
    };

export class RevocationCheck {
  readonly #input: CertificateCheckInput;
  readonly #embeddedCrls: readonly Crl[];
  readonly #embeddedOcsps: readonly OcspResponse[];
  readonly #profile: ParsedProfile;

  constructor(input: CertificateCheckInput, profile: ParsedProfile) {
    this.#input = input;
    this.#profile = profile;
    this.#embeddedCrls = parseEach(input.embeddedCrlsDer, parseCrl);
    this.#embeddedOcsps = parseEach(input.embeddedOcspDer, parseOcspResponse);
  }

  /** Status of `certificate` as known at the time of validation. Never throws on bad evidence. */
  async status(certificate: Certificate, issuer: Certificate): Promise<RevocationAnswer> {
    const isDeclared = pointsSomewhere(certificate);
    const local = this.#evaluate(certificate, issuer, this.#profile.crls, this.#profile.ocsps);
    if (local.kind !== 'unknown') return this.#answer(local, false);
    const embedded = this.#evaluate(certificate, issuer, this.#embeddedCrls, this.#embeddedOcsps);
    if (embedded.kind !== 'unknown') return this.#answer(embedded, true);
    const fetched = await this.#fetch(certificate, issuer);
    const remote = this.#evaluate(certificate, issuer, fetched.crls, fetched.ocsps);
    if (remote.kind !== 'unknown') return this.#answer(remote, false);
    const problem = [remote, local].find((each) => each.problem !== 'no-evidence')?.problem;
    return { status: 'unknown', source: null, isDeclared, problem: problem ?? 'no-evidence' };
  }

  #evaluate(
    certificate: Certificate,
    issuer: Certificate,
    crls: readonly Crl[],
    ocsps: readonly OcspResponse[],
  ): RevocationStatus {
    return evaluateRevocation(certificate, issuer, {
      crls,
      ocsps,
      at: this.#input.at,
      signers: [...this.#input.embedded, ...this.#profile.intermediates],
    });
  }

  #answer(
    status: Exclude<RevocationStatus, { readonly kind: 'unknown' }>,
    isEmbedded: boolean,
  ): RevocationAnswer {
    const source = isEmbedded ? 'embedded' : status.evidence.kind;
    return status.kind === 'good'
      ? { status: 'good', source }
      : { status: 'revoked', source, revokedAt: status.revokedAt };
  }

  async #fetch(
    certificate: Certificate,
    issuer: Certificate,
  ): Promise<{ readonly crls: readonly Crl[]; readonly ocsps: readonly OcspResponse[] }> {
    const source = this.#input.revocation;
    if (source === undefined) return { crls: [], ocsps: [] };
    for (const url of certificate.extensions.ocspUrls) {
      const der = await optional(() =>
        source.fetchOcsp(url, buildOcspRequest({ certificate, issuer })),
      );
      const ocsps = der === undefined ? [] : parseEach([der], parseOcspResponse);
      if (ocsps.length > 0) return { crls: [], ocsps };
    }
    for (const url of crlUrls(certificate)) {
      const der = await optional(() => source.fetchCrl(url));
      const crls = der === undefined ? [] : parseEach([der], parseCrl);
      if (crls.length > 0) return { crls, ocsps: [] };
    }
    return { crls: [], ocsps: [] };
  }
}

function pointsSomewhere(certificate: Certificate): boolean {
  return certificate.extensions.ocspUrls.length > 0 || crlUrls(certificate).length > 0;
}

function crlUrls(certificate: Certificate): readonly string[] {
  return certificate.extensions.crlDistributionPoints.flatMap(({ fullName }) =>
    fullName.flatMap((name) => (name.kind === 'uri' ? [name.value] : [])),
  );
}

/** A source that does not answer is no evidence, not a failure of the verification. */
async function optional<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}
