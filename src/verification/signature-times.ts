/**
 * When the signatures of a file are proved to have existed. Document time-stamps are looked at from
 * the newest to the oldest, since each proves the age of what is needed to believe the one before;
 * then the time-stamps inside the signatures.
 *
 * @see ETSI EN 319 102-1, 5.6.3 (validation of signatures with archival data), steps 3 to 5
 */
import {
  digestBytes,
  digestSpans,
  equalBytes,
  toRfc3339,
  type ByteSource,
} from '../kernel/index.js';
import { OID } from '../pki/index.js';
import type { RevocationSource, TrustStore } from '../trust/index.js';
import { digestEnd, judgeAlgorithm } from './algorithm-policy.js';
import { checkCertificate, type CertificateCheck } from './certificate-check.js';
import type { CryptographicResult } from './cryptography.js';
import type { FileEvidence } from './file-evidence.js';
import type { LocatedSignature } from './locate.js';
import { message } from './messages.js';
import type { ReportMessage } from './report.js';
import { verifyTimestamp, type TimestampResult } from './timestamp-token.js';
import { Verdict } from './verdict.js';

export interface TimestampOptions {
  readonly trust: TrustStore;
  readonly at: Date;
  readonly now?: Date;
  readonly revocation?: RevocationSource;
}

/** A document time-stamp, looked at. */
export interface DocumentTimestamp {
  readonly result: TimestampResult;
  readonly certificate: CertificateCheck | undefined;
  /** Of the token and its authority alone: what later revisions did to the file is not in it. */
  readonly verdict: Verdict;
  /** What it proves of everything before its end; `undefined`: nothing. */
  readonly provesAt: Date | undefined;
  /** It is proved to be older than it says. */
  readonly isContradicted: boolean;
}

/** The time-stamps inside one signature. */
export interface SignatureTimestamps {
  /** The earliest that is trusted. */
  readonly provedAt: Date | undefined;
  /** Of its authority. */
  readonly certificate: CertificateCheck | undefined;
  /** What they mean for the signature: nothing, where they are merely not trusted. */
  readonly verdict: Verdict;
}

/** Of CAdES; PAdES has document time-stamps instead (EN 319 142-1, 6.3). */
const ARCHIVE_TIMESTAMPS: readonly string[] = [OID.archiveTimeStampV2, OID.archiveTimeStampV3];
/** Time-stamps may be out of order by this much: authorities' clocks differ. */
const ORDER_TOLERANCE_MS = 60_000;
/** A time-stamp may be this much ahead of the verifier's clock. */
const CLOCK_SKEW_MS = 5 * 60_000;
/** A signature has one or two; each costs a path. */
const MOST_TOKENS = 16;

export class SignatureTimes {
  readonly #source: ByteSource;
  readonly #evidence: FileEvidence;
  readonly #options: TimestampOptions;
  readonly #documents = new Map<LocatedSignature, DocumentTimestamp>();

  constructor(source: ByteSource, evidence: FileEvidence, options: TimestampOptions) {
    this.#source = source;
    this.#evidence = evidence;
    this.#options = options;
  }

  /** Looks at all document time-stamps; to be called once, before anything is asked. */
  async readDocumentTimestamps(
    timestamps: readonly { readonly located: LocatedSignature; readonly result: TimestampResult }[],
  ): Promise<void> {
    const newestFirst = timestamps.toSorted((a, b) => b.located.signedEnd - a.located.signedEnd);
    for (const { located, result } of newestFirst) {
      const judged = await this.#judge(result, located.signedEnd);
      this.#documents.set(located, judged);
      if (judged.provesAt !== undefined) {
        this.#evidence.proofs.add(located.signedEnd, judged.provesAt);
      }
    }
  }

  /** The document time-stamp that is the earliest proof of the signature's age. */
  coveringTimestamp(located: LocatedSignature): DocumentTimestamp | undefined {
    let best: DocumentTimestamp | undefined;
    for (const [{ signedEnd }, timestamp] of this.#documents) {
      const { provesAt } = timestamp;
      if (provesAt === undefined || signedEnd < located.signedEnd) continue;
      if (best?.provesAt === undefined || provesAt < best.provesAt) best = timestamp;
    }
    return best;
  }

  documentTimestamp(located: LocatedSignature): DocumentTimestamp | undefined {
    return this.#documents.get(located);
  }

  /** The imprint of a document time-stamp is over its own byte ranges. */
  readToken(located: LocatedSignature): TimestampResult {
    const { contents, signedEnd } = located;
    return verifyTimestamp(
      located.contentsBytes,
      (algorithm) =>
        digestSpans(algorithm, this.#source, [
          [0, contents.start],
          [contents.end, signedEnd],
        ]),
      this.#evidence.certificates,
    );
  }

  /** The time-stamps among a signature's unsigned attributes. */
  async ofSignature(
    located: LocatedSignature,
    crypto: CryptographicResult,
  ): Promise<SignatureTimestamps> {
    const { signer } = crypto;
    const verdict = new Verdict();
    if (signer === undefined) return { provedAt: undefined, certificate: undefined, verdict };
    const note = (...messages: readonly ReportMessage[]): void => {
      verdict.add('TOTAL-PASSED', null, ...messages);
    };
    if (signer.unsignedAttributes.some(({ oid }) => ARCHIVE_TIMESTAMPS.includes(oid))) {
      note(message('archive-timestamp-ignored'));
    }
    const tokens = signer.signatureTimeStamps.slice(0, MOST_TOKENS);
    const distinct = tokens.filter(
      (token, index) => tokens.findIndex((other) => equalBytes(other, token)) === index,
    );
    if (distinct.length < tokens.length) note(message('timestamp-duplicate'));
    let best: DocumentTimestamp | undefined;
    for (const token of distinct) {
      const result = verifyTimestamp(
        token,
        (algorithm) => digestBytes(algorithm, signer.signature),
        this.#evidence.certificates,
      );
      const judged = await this.#judge(result, located.signedEnd);
      const { messages } = judged.verdict;
      // No product puts one there that is not the signature's own: somebody touched the unsigned part.
      if (result.isFalse) verdict.add('INDETERMINATE', 'FORMAT_FAILURE', ...messages);
      if (judged.isContradicted) {
        verdict.add('INDETERMINATE', 'TIMESTAMP_ORDER_FAILURE', ...messages);
      }
      note(...messages);
      if (judged.provesAt === undefined) note(message('timestamp-not-trusted'));
      else if (best?.provesAt === undefined || judged.provesAt < best.provesAt) best = judged;
    }
    return { provedAt: best?.provesAt, certificate: best?.certificate, verdict };
  }

  /** @param end - Where in the file the token ends, at the latest. */
  async #judge(result: TimestampResult, end: number): Promise<DocumentTimestamp> {
    const verdict = new Verdict();
    verdict.add(result.indication, result.subIndication, ...result.messages);
    const { certificate: signer, generatedAt, signedData } = result;
    if (signer === undefined || generatedAt === undefined || signedData === undefined) {
      return {
        result,
        certificate: undefined,
        verdict,
        provesAt: undefined,
        isContradicted: false,
      };
    }
    const { at, now, trust, revocation } = this.#options;
    const provedAt = this.#evidence.proofs.earliest(end);
    const isContradicted = this.#judgeTime(generatedAt, provedAt, verdict);
    for (const digest of new Set(result.digests)) {
      const weak = judgeAlgorithm(digest, digestEnd(digest), provedAt, generatedAt);
      if (weak !== undefined) verdict.add(weak.indication, weak.subIndication, weak.message);
    }
    this.#evidence.addFromCms(signedData, end);
    const isOffline = revocation === undefined;
    const certificate = await checkCertificate({
      certificate: signer,
      usage: 'time-stamping',
      embedded: result.certificates,
      evidence: this.#evidence,
      claimedAt: generatedAt,
      provedAt,
      at,
      now,
      trust,
      revocation,
      mayFallBack: isOffline && provedAt === undefined,
    });
    const { indication, subIndication } = certificate.verdict;
    verdict.add(indication, subIndication, ...certificate.messages);
    const provesAt = verdict.indication === 'TOTAL-PASSED' ? generatedAt : undefined;
    return { result, certificate, verdict, provesAt, isContradicted };
  }

  /** @returns whether it is proved to be older than it says */
  #judgeTime(generatedAt: Date, provedAt: Date | undefined, verdict: Verdict): boolean {
    const when = toRfc3339(generatedAt);
    if (generatedAt.getTime() > this.#options.at.getTime() + CLOCK_SKEW_MS) {
      verdict.add('INDETERMINATE', 'SIG_CONSTRAINTS_FAILURE', message('timestamp-future', when));
      return false;
    }
    if (provedAt === undefined) return false;
    const isContradicted = generatedAt.getTime() > provedAt.getTime() + ORDER_TOLERANCE_MS;
    if (isContradicted) {
      verdict.add('INDETERMINATE', 'TIMESTAMP_ORDER_FAILURE', message('timestamp-order', when));
    }
    return isContradicted;
  }
}
