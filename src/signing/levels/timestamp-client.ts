/**
 * Time-stamps from authorities asked in turn. A token is handed out only after everything about it
 * was checked: status, imprint, nonce, policy, signature, purpose and signing-certificate reference,
 * path to an anchor, status of the authority's certificate, and the time itself.
 *
 * @see RFC 3161, 2.2 to 2.4; RFC 5816; ETSI EN 319 422
 */
import {
  AppError,
  digestBytes,
  isAppError,
  type Clock,
  type DigestAlgorithm,
  type RandomBytes,
} from '../../kernel/index.js';
import {
  buildTimestampRequest,
  certificateSha256Hex,
  checkTimestamp,
  parseTimestampResponse,
  parseTimestampToken,
  type Certificate,
  type TimestampCheck,
} from '../../pki/index.js';
import type { TimestampAuthority } from '../../trust/index.js';
import type { Evidence, EvidenceCollector } from './evidence-collector.js';

export interface TimestampClientOptions {
  /** Asked in this order. */
  readonly authorities: readonly TimestampAuthority[];
  readonly evidence: EvidenceCollector;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Asked for, and demanded of the token; any where absent. */
  readonly policyOid?: string | undefined;
  /** How far the authority's clock may be from ours; 5 minutes unless given. */
  readonly toleranceMs?: number;
}

export interface Stamp {
  readonly tokenDer: Uint8Array;
  readonly generatedAt: Date;
  /** End of validity of the authority's certificate: a document time-stamp is renewed before. */
  readonly authorityNotAfter: Date;
  readonly evidence: Evidence;
}

export interface TimestampClient {
  /**
   * A token over `digest`.
   * @throws AppError `tsa-unavailable`, `tsa-response-invalid`, params `attempts`: what each
   *   authority did; the second where any of them answered
   */
  stamp(digest: Uint8Array, algorithm: DigestAlgorithm): Promise<Stamp>;
  /**
   * Room that a token takes, in bytes: of the longest one so far, or of one asked for to learn it.
   * @throws AppError as `stamp`
   */
  expectedBytes(): Promise<number>;
}

const TOLERANCE_MS = 5 * 60_000;
/** RFC 3161 wants it large enough not to repeat; 8 octets are customary. */
const NONCE_BYTES = 8;
/** Serial number, time and signature of one authority's tokens differ in length by a few bytes. */
const MARGIN_BYTES = 64;
/** An authority's certificate is asked about once in so long, not with every token. */
const EVIDENCE_LIFE_MS = 5 * 60_000;

export function createTimestampClient(options: TimestampClientOptions): TimestampClient {
  return new CheckingClient(options);
}

class CheckingClient implements TimestampClient {
  readonly #options: TimestampClientOptions;
  readonly #evidence = new Map<string, { readonly evidence: Evidence; readonly until: number }>();
  #longestBytes = 0;

  constructor(options: TimestampClientOptions) {
    this.#options = options;
  }

  async stamp(digest: Uint8Array, algorithm: DigestAlgorithm): Promise<Stamp> {
    const attempts: string[] = [];
    let isAnswered = false;
    for (const authority of this.#options.authorities) {
      try {
        const stamp = await this.#ask(authority, digest, algorithm);
        this.#longestBytes = Math.max(this.#longestBytes, stamp.tokenDer.length);
        return stamp;
      } catch (error) {
        if (!isAppError(error)) throw error;
        if (error.code !== 'tsa-unavailable') isAnswered = true;
        attempts.push(`${placeOf(authority.url)}: ${reasonOf(error)}`);
      }
    }
    const code = isAnswered ? 'tsa-response-invalid' : 'tsa-unavailable';
    throw new AppError(code, 'no time-stamp was to be had', { params: { attempts } });
  }

  async expectedBytes(): Promise<number> {
    if (this.#longestBytes === 0) {
      const nothing = this.#options.random(32);
      await this.stamp(digestBytes('sha256', nothing), 'sha256');
    }
    return this.#longestBytes + MARGIN_BYTES;
  }

  async #ask(
    authority: TimestampAuthority,
    digest: Uint8Array,
    digestAlgorithm: DigestAlgorithm,
  ): Promise<Stamp> {
    const { random, clock, policyOid } = this.#options;
    const nonce = random(NONCE_BYTES);
    const request = buildTimestampRequest({
      digest,
      digestAlgorithm,
      nonce,
      ...(policyOid === undefined ? {} : { policyOid }),
    });
    const askedAt = clock.now();
    const answer = await authority.request(request);
    const response = parseTimestampResponse(answer);
    const isGranted = response.status === 'granted' || response.status === 'granted-with-mods';
    if (!isGranted || response.tokenDer === undefined) {
      throw invalid([response.status, ...response.failures].join(' '));
    }
    const token = parseTimestampToken(response.tokenDer);
    const isSameDigest = token.tstInfo.imprint.digestAlgorithm === digestAlgorithm;
    if (!isSameDigest) throw invalid('imprint-algorithm');
    const check = checkTimestamp(token, {
      imprint: digest,
      nonce,
      ...(policyOid === undefined ? {} : { policyOid }),
    });
    if (!check.isSound) throw invalid(check.findings.join(' '));
    this.#assertTime(check.generatedAt, askedAt);
    return this.#proved(response.tokenDer, check);
  }

  /** Between asking and now, by our clock, give or take the tolerance. */
  #assertTime(generatedAt: Date, askedAt: Date): void {
    const tolerance = this.#options.toleranceMs ?? TOLERANCE_MS;
    const isTooOld = generatedAt.getTime() < askedAt.getTime() - tolerance;
    const isAhead = generatedAt.getTime() > this.#options.clock.now().getTime() + tolerance;
    if (isTooOld || isAhead) throw invalid(isTooOld ? 'time-too-old' : 'time-in-future');
  }

  async #proved(tokenDer: Uint8Array, check: TimestampCheck): Promise<Stamp> {
    const { certificate, certificates, generatedAt } = check;
    if (certificate === undefined) throw invalid('certificate-missing');
    const evidence = await this.#evidenceOf(certificate, certificates);
    return { tokenDer, generatedAt, authorityNotAfter: certificate.notAfter, evidence };
  }

  async #evidenceOf(certificate: Certificate, embedded: readonly Certificate[]): Promise<Evidence> {
    const at = this.#options.clock.now();
    const key = certificateSha256Hex(certificate);
    const known = this.#evidence.get(key);
    if (known !== undefined && known.until > at.getTime()) return known.evidence;
    const evidence = await this.#options.evidence.collect(certificate, {
      usage: 'time-stamping',
      embedded,
      at,
    });
    this.#evidence.set(key, { evidence, until: at.getTime() + EVIDENCE_LIFE_MS });
    return evidence;
  }
}

const invalid = (reason: string): AppError =>
  new AppError('tsa-response-invalid', reason, { params: { reason } });

/** Codes and findings of our own; never text of the authority. */
function reasonOf(error: AppError): string {
  const { reason, problem } = error.params;
  const detail = reason ?? problem;
  return typeof detail === 'string' ? `${error.code} (${detail})` : error.code;
}

/** The address without its query, which may hold an access key. */
function placeOf(url: string): string {
  return url.replace(/[?#].*$/s, '');
}
