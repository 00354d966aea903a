/** Time-stamp tokens made by hand, and files that carry them. */
import {
  MemorySource,
  concatBytes,
  digestBytes,
  type DigestAlgorithm,
} from '../../src/kernel/index.js';
import { embedCms, prepareDocumentTimestamp } from '../../src/pades/index.js';
import { openPdf } from '../../src/pdf/index.js';
import {
  OID,
  buildAttribute,
  buildExtension,
  derContext,
  derGeneralizedTime,
  derInteger,
  derNull,
  derOctets,
  derOid,
  derSequence,
  digestAlgorithmDer,
  extendedKeyUsageExtension,
  type Certificate,
} from '../../src/pki/index.js';
import type { Honest, Holders } from './attack.js';
import { issue, type Holder, type IssueRequest } from './authority.js';
import { attributeOf, buildCms, buildSignerInfo, signatureValueOf, withCms } from './workshop.js';

/** When the signer whose certificate has expired since says that it signed. */
export const THEN = new Date('2025-03-01T08:00:00Z');
/** When that certificate ended. */
export const ENDED = new Date('2025-06-01T00:00:00Z');
/** A time-stamp made while it was valid, and one made too late. */
export const IN_TIME = new Date('2025-03-01T08:05:00Z');
export const TOO_LATE = new Date('2025-12-01T08:00:00Z');

export interface TokenParts {
  readonly generatedAt?: Date;
  readonly imprintDigest?: DigestAlgorithm;
  readonly nonce?: bigint;
  readonly policy?: string;
  /** Names of critical extensions. */
  readonly critical?: readonly string[];
  /** What the authority's digest is over, where that is not the content. */
  readonly digested?: Uint8Array;
  /** The certificate that the token names as its signer's; `null`: none. */
  readonly names?: Certificate | null;
  /** The value, where another key made it. */
  readonly value?: (message: Uint8Array) => Uint8Array;
  /** Signs beside the authority. */
  readonly second?: Holder;
  /** `null`: detached. */
  readonly content?: Uint8Array | null;
  readonly certificates?: readonly Uint8Array[];
}

/** TSTInfo. @see RFC 3161, 2.4.2 */
export function tstInfo(over: Uint8Array, parts: TokenParts = {}): Uint8Array {
  const digest = parts.imprintDigest ?? 'sha256';
  const algorithm =
    digest === 'md5' ? derSequence(derOid(OID.md5), derNull()) : digestAlgorithmDer(digest);
  const critical = (parts.critical ?? []).map((oid) => buildExtension(oid, derNull(), true));
  return derSequence(
    derInteger(1),
    derOid(parts.policy ?? '1.2.3.4.1'),
    derSequence(algorithm, derOctets(digestBytes(digest, over))),
    derInteger(7),
    derGeneralizedTime(parts.generatedAt ?? IN_TIME),
    parts.nonce === undefined ? undefined : derInteger(parts.nonce),
    critical.length === 0 ? undefined : derContext(1, ...critical),
  );
}

export function token(tsa: Holder, over: Uint8Array, parts: TokenParts = {}): Uint8Array {
  const info = tstInfo(over, parts);
  const { names = tsa.certificate, content = info, second, value, certificates } = parts;
  const attributes = [
    attributeOf.contentType(OID.tstInfo),
    attributeOf.messageDigest(digestBytes('sha256', parts.digested ?? info)),
    ...(names === null ? [] : [attributeOf.signingCertificate(names)]),
  ];
  return buildCms(tsa, info, {
    dataVersion: derInteger(3),
    contentType: OID.tstInfo,
    ...(content === null ? {} : { content: derOctets(content) }),
    attributes,
    ...(value === undefined ? {} : { value }),
    ...(certificates === undefined ? {} : { certificates }),
    ...(second === undefined ? {} : { others: [buildSignerInfo(second, info, { attributes })] }),
  });
}

export const stampAttribute = (...tokens: readonly Uint8Array[]): readonly Uint8Array[] =>
  tokens.length === 0 ? [] : [buildAttribute(OID.signatureTimeStamp, ...tokens)];

/** An authority for time-stamps under the trusted root, as `request` and `purposes` have it. */
export const timeAuthority = (
  { root }: Pick<Holders, 'root'>,
  request: IssueRequest = {},
  purposes: Uint8Array | null = extendedKeyUsageExtension([OID.timeStamping], true),
): Promise<Holder> =>
  issue('CN=时间戳,O=示例机构,C=CN', {
    issuer: root,
    usages: ['digitalSignature'],
    extensions: purposes === null ? [] : [purposes],
    ...request,
  });

/** Tokens made for a signature value and the holders of keys. */
export type MakeTokens = (
  value: Uint8Array,
  honest: Honest,
) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;

/** A file signed by `signer` at `claimedAt`, with the tokens that `make` gives. */
export function stamped(
  honest: Honest,
  make: MakeTokens,
  signer: Holder = honest.holders.late,
  claimedAt = THEN,
): Promise<Uint8Array> {
  return withCms(
    honest.plain,
    async (content) => {
      const bare = buildCms(signer, content);
      // The value has to stay what it is: an elliptic one is another each time.
      const value = signatureValueOf(bare);
      const unsigned = stampAttribute(...(await make(value, honest)));
      return buildCms(signer, content, { value: () => value, unsigned });
    },
    { claimedAt },
  );
}

/** A document time-stamp over `pdf`; `make` gets the bytes around its hole. */
export async function documentStamped(
  pdf: Uint8Array,
  make: (content: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  const prepared = prepareDocumentTimestamp(openPdf(new MemorySource(pdf)), 12_288);
  const whole = concatBytes([pdf, prepared.appended]);
  const content = concatBytes([
    whole.subarray(0, prepared.contents.start),
    whole.subarray(prepared.contents.end),
  ]);
  return concatBytes([pdf, embedCms(prepared, await make(content))]);
}
