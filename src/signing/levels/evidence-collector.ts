/**
 * Collects what proves a certificate good for ever: its path, and for every certificate of it a
 * revocation answer that was checked before it is kept. OCSP first, lists where no responder gives
 * an answer that holds; several addresses in turn.
 *
 * @see RFC 5280, 6.3; RFC 6960, 3.2 and 4.2.2.2; ETSI EN 319 102-1, 5.2.5 (revocation freshness)
 */
import {
  AppError,
  equalBytes,
  isAppError,
  sha256Hex,
  wholeSecond,
  type Clock,
  type RandomBytes,
} from '../../kernel/index.js';
import type { ValidationMaterial } from '../../pades/index.js';
import {
  buildOcspRequest,
  cachedCertificate,
  certificateSha256Hex,
  evaluateRevocation,
  parseCrl,
  parseOcspResponse,
  type Certificate,
  type CertificatePath,
  type Crl,
  type OcspResponse,
  type RevocationEvidence,
} from '../../pki/index.js';
import type {
  CertificateSource,
  RevocationSource,
  TrustStore,
  TrustUsage,
} from '../../trust/index.js';
import { parseProfile, type ParsedProfile } from '../../verification/index.js';
import { findPath } from './certificate-path.js';

export interface EvidenceCollectorOptions {
  readonly trust: TrustStore;
  readonly revocation: RevocationSource;
  readonly certificates: CertificateSource;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

export interface EvidenceRequest {
  /** What the certificate is to be trusted for. */
  readonly usage: TrustUsage;
  /** Certificates that came along. */
  readonly embedded: readonly Certificate[];
  /** The time at which path and status must be good: a proved one, or now. */
  readonly at: Date;
  /** Evidence about the target must have been issued at or after this; absent: any that is in force. */
  readonly issuedAfter?: Date | undefined;
  /** What is at hand already, such as the DSS of the file. */
  readonly known?: ValidationMaterial;
}

export interface Evidence {
  readonly path: CertificatePath;
  readonly material: ValidationMaterial;
}

export interface EvidenceCollector {
  /**
   * @throws AppError `certificate-chain-incomplete`; `certificate-revoked`; `revocation-unavailable`
   *   (params `subject`, `problem`) where no good answer can be had, `unknown` and stale ones
   *   included
   */
  collect(target: Certificate, request: EvidenceRequest): Promise<Evidence>;
  /** The path alone. @throws AppError `certificate-chain-incomplete` */
  pathOf(
    target: Certificate,
    request: Pick<EvidenceRequest, 'usage' | 'embedded' | 'at'>,
  ): Promise<CertificatePath>;
}

export function createEvidenceCollector(options: EvidenceCollectorOptions): EvidenceCollector {
  const profilesFor = async (usage: TrustUsage): Promise<readonly ParsedProfile[]> =>
    (await options.trust.profiles()).map(parseProfile).filter((profile) => profile.allows(usage));
  const pathOf: EvidenceCollector['pathOf'] = async (target, { usage, embedded, at }) => {
    const profiles = await profilesFor(usage);
    return findPath({ target, embedded, profiles, at, source: options.certificates });
  };
  return {
    pathOf,
    async collect(target, request) {
      const path = await pathOf(target, request);
      return new Collection(options, request, await profilesFor(request.usage)).run(path);
    },
  };
}

/** A responder whose certificate another responder vouches for, and so on: no further than this. */
const DEEPEST = 3;
/** Clocks of others may run ahead of ours by so much. */
const SKEW_MS = 10_000;
const NONCE_BYTES = 32;

/** Answers that were weighed against one another for one certificate. */
interface Offer {
  readonly crls: readonly Crl[];
  readonly ocsps: readonly OcspResponse[];
}

/** One act of collecting: what it has gathered so far. */
class Collection {
  readonly #options: EvidenceCollectorOptions;
  readonly #request: EvidenceRequest;
  readonly #profiles: readonly ParsedProfile[];
  readonly #known: Offer;
  readonly #certificates = new Map<string, Uint8Array>();
  readonly #ocsps = new Map<string, Uint8Array>();
  readonly #crls = new Map<string, Uint8Array>();
  /** One list is fetched once, however many certificates of the path point at it. */
  readonly #fetchedCrls = new Map<string, Promise<readonly Crl[]>>();

  constructor(
    options: EvidenceCollectorOptions,
    request: EvidenceRequest,
    profiles: readonly ParsedProfile[],
  ) {
    this.#options = options;
    this.#request = request;
    this.#profiles = profiles;
    this.#known = {
      crls: readable(request.known?.crlsDer ?? [], parseCrl),
      ocsps: readable(request.known?.ocspsDer ?? [], parseOcspResponse),
    };
  }

  async run(path: CertificatePath): Promise<Evidence> {
    for (const { der } of path) this.#certificates.set(sha256Hex(der), der);
    const links = path.slice(0, -1).map((subject, index) => {
      const issuer = path[index + 1] ?? subject;
      return this.#prove(subject, issuer, 0, index === 0 ? this.#request.issuedAfter : undefined);
    });
    // The first refusal is thrown only when all have ended: no request is left running.
    const ended = await Promise.allSettled(links);
    const refused = ended.find((each) => each.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
    return {
      path,
      material: {
        certificatesDer: [...this.#certificates.values()],
        ocspsDer: [...this.#ocsps.values()],
        crlsDer: [...this.#crls.values()],
      },
    };
  }

  async #prove(
    subject: Certificate,
    issuer: Certificate,
    depth: number,
    issuedAfter: Date | undefined,
  ): Promise<void> {
    let problem = 'no-evidence';
    for await (const offer of this.#offers(subject, issuer)) {
      const verdict = await this.#weigh(subject, issuer, offer, depth, issuedAfter);
      if (verdict === 'good') return;
      if (verdict !== 'no-evidence' && verdict !== 'other-certificate') problem = verdict;
    }
    throw new AppError('revocation-unavailable', 'no revocation answer that holds', {
      params: { subject: subject.subject.text, problem },
    });
  }

  /** What may prove `subject` good, best first; each step asks only where the one before did not do. */
  async *#offers(subject: Certificate, issuer: Certificate): AsyncGenerator<Offer> {
    yield this.#knownSince();
    for (const url of subject.extensions.ocspUrls) {
      const ocsps = await this.#askOcsp(url, subject, issuer);
      if (ocsps.length > 0) yield { crls: [], ocsps };
    }
    for (const url of crlUrls(subject)) {
      const crls = await this.#fetchCrl(url);
      if (crls.length > 0) yield { crls, ocsps: [] };
    }
    yield {
      crls: this.#profiles.flatMap(({ crls }) => crls),
      ocsps: this.#profiles.flatMap(({ ocsps }) => ocsps),
    };
    yield this.#known;
  }

  /** Of what is at hand, that which was issued after the time in question: nothing newer says more. */
  #knownSince(): Offer {
    const { at } = this.#request;
    return {
      crls: this.#known.crls.filter(({ thisUpdate }) => thisUpdate >= at),
      ocsps: this.#known.ocsps.filter(({ basic }) =>
        basic?.responses.every(({ thisUpdate }) => thisUpdate >= at),
      ),
    };
  }

  /** @returns `good`, or why the offer does not prove it. @throws AppError `certificate-revoked` */
  async #weigh(
    subject: Certificate,
    issuer: Certificate,
    offer: Offer,
    depth: number,
    issuedAfter: Date | undefined,
  ): Promise<string> {
    const { at, embedded } = this.#request;
    const status = evaluateRevocation(subject, issuer, {
      ...offer,
      at,
      now: this.#options.clock.now(),
      graceMs: SKEW_MS,
      signers: [...embedded, ...this.#profiles.flatMap(({ intermediates }) => intermediates)],
    });
    if (status.kind === 'unknown') return status.problem;
    if (status.kind === 'revoked' && status.wasRevokedThen) {
      throw new AppError('certificate-revoked', 'the certificate is revoked', {
        params: { subject: subject.subject.text, revokedAt: status.revokedAt.toISOString() },
      });
    }
    const { evidence } = status;
    // RFC 5280 and 6960 times are whole seconds; ours are finer.
    const since = issuedAfter === undefined ? 0 : wholeSecond(issuedAfter).getTime();
    if (thisUpdateOf(evidence).getTime() < since) return 'not-fresh';
    const isSignerProved = await this.#proveSigner(evidence, issuer, depth);
    if (!isSignerProved) return 'signer-not-proved';
    const { signer } = evidence;
    this.#certificates.set(sha256Hex(signer.der), signer.der);
    if (evidence.kind === 'ocsp') {
      const { der } = evidence.ocsp;
      this.#ocsps.set(sha256Hex(der), der);
    } else {
      const { der } = evidence.crl;
      this.#crls.set(sha256Hex(der), der);
    }
    return 'good';
  }

  /** A delegated signer is itself a certificate of the path, unless its issuer vouched for its whole life. */
  async #proveSigner(
    evidence: RevocationEvidence,
    issuer: Certificate,
    depth: number,
  ): Promise<boolean> {
    const { signer } = evidence;
    const isIssuer = certificateSha256Hex(signer) === certificateSha256Hex(issuer);
    const needsCheck = evidence.kind === 'ocsp' ? evidence.signerNeedsCheck : !isIssuer;
    if (!needsCheck) return true;
    if (depth >= DEEPEST) return false;
    try {
      await this.#prove(signer, issuer, depth + 1, undefined);
      return true;
    } catch (error) {
      if (isAppError(error, 'revocation-unavailable', 'certificate-revoked')) return false;
      throw error;
    }
  }

  async #askOcsp(
    url: string,
    subject: Certificate,
    issuer: Certificate,
  ): Promise<readonly OcspResponse[]> {
    const nonce = this.#options.random(NONCE_BYTES);
    const request = buildOcspRequest({ certificate: subject, issuer, nonce });
    const der = await answerOf(() => this.#options.revocation.fetchOcsp(url, request));
    // A responder may leave the nonce out (RFC 5019); one that repeats another answers somebody else.
    return readable(der, parseOcspResponse).filter(({ basic }) => {
      const answered = basic?.nonce;
      return answered === undefined || equalBytes(answered, nonce);
    });
  }

  #fetchCrl(url: string): Promise<readonly Crl[]> {
    const known = this.#fetchedCrls.get(url);
    if (known !== undefined) return known;
    const asked = answerOf(() => this.#options.revocation.fetchCrl(url)).then((der) =>
      readable(der, parseCrl),
    );
    this.#fetchedCrls.set(url, asked);
    return asked;
  }
}

function thisUpdateOf(evidence: RevocationEvidence): Date {
  return (evidence.kind === 'ocsp' ? evidence.response : evidence.crl).thisUpdate;
}

function crlUrls({ extensions }: Certificate): readonly string[] {
  return extensions.crlDistributionPoints.flatMap(({ fullName }) =>
    fullName.flatMap((name) => (name.kind === 'uri' ? [name.value] : [])),
  );
}

/** An address that does not answer is one to pass over. */
async function answerOf(ask: () => Promise<Uint8Array>): Promise<readonly Uint8Array[]> {
  try {
    return [await ask()];
  } catch (error) {
    if (isAppError(error)) return [];
    throw error;
  }
}

function readable<T>(values: readonly Uint8Array[], parse: (der: Uint8Array) => T): readonly T[] {
  return values.flatMap((der) => {
    try {
      return [parse(der)];
    } catch (error) {
      if (isAppError(error)) return [];
      throw error;
    }
  });
}

/** Certificates among `values`; what is none is left out. */
export function readableCertificates(values: readonly Uint8Array[]): readonly Certificate[] {
  return readable(values, cachedCertificate);
}

/** Everything of both, each encoding once. */
export function joinMaterial(...parts: readonly ValidationMaterial[]): ValidationMaterial {
  const join = (key: keyof ValidationMaterial): readonly Uint8Array[] => [
    ...new Map(parts.flatMap((part) => part[key].map((der) => [sha256Hex(der), der]))).values(),
  ];
  return {
    certificatesDer: join('certificatesDer'),
    ocspsDer: join('ocspsDer'),
    crlsDer: join('crlsDer'),
  };
}
