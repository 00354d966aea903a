/** CMS written by hand, in any form: each part is as an honest product has it unless an attack sets it. */
import { sign as signMessage } from 'node:crypto';
import {
  MemorySource,
  bytesToLatin1,
  concatBytes,
  digestBytes,
  latin1ToBytes,
  type DigestAlgorithm,
} from '../../src/kernel/index.js';
import { embedCms, prepareSignature, type PrepareOptions } from '../../src/pades/index.js';
import { openPdf } from '../../src/pdf/index.js';
import {
  OID,
  buildAttribute,
  certificateDigest,
  derContext,
  derElement,
  derElementOf,
  derInteger,
  derOctets,
  derOid,
  derSequence,
  derSetOf,
  digestAlgorithmDer,
  derIntegerHex,
  parseSignedData,
  signatureAlgorithmDer,
  TAG,
  type Certificate,
} from '../../src/pki/index.js';
import type { Holder } from './authority.js';

export const CLAIMED_AT = new Date('2026-11-20T08:00:00Z');

/** One SignerInfo. */
export interface SignerParts {
  readonly version?: number;
  readonly sid?: Uint8Array;
  readonly digest?: DigestAlgorithm;
  readonly digestAlgorithm?: Uint8Array;
  /** In the order they are sent; `null`: no signed attributes at all. */
  readonly attributes?: readonly Uint8Array[] | null;
  readonly signatureAlgorithm?: Uint8Array;
  /** The value over what is to be signed. */
  readonly value?: (message: Uint8Array) => Uint8Array;
  /** Sends the attributes in the order given; DER's own unless set. */
  readonly isSentUnsorted?: boolean;
  /** Signs them in that order too. */
  readonly isSignedUnsorted?: boolean;
  readonly unsigned?: readonly Uint8Array[];
}

/** The SignedData around it. */
export interface CmsParts extends SignerParts {
  readonly infoType?: string;
  readonly dataVersion?: Uint8Array;
  readonly digestAlgorithms?: readonly Uint8Array[];
  readonly contentType?: string;
  /** Encoding of the encapsulated content. */
  readonly content?: Uint8Array;
  readonly certificates?: readonly Uint8Array[];
  /** Encodings under `[1]`. */
  readonly revocation?: readonly Uint8Array[];
  /** Further SignerInfos behind the first. */
  readonly others?: readonly Uint8Array[];
  /** Members behind the last that there should be. */
  readonly rest?: readonly Uint8Array[];
}

export const attributeOf = {
  contentType: (oid: string = OID.data): Uint8Array => buildAttribute(OID.contentType, derOid(oid)),
  messageDigest: (digest: Uint8Array): Uint8Array =>
    buildAttribute(OID.messageDigest, derOctets(digest)),
  /** @param of - Certificate named by digest; @param named - whose issuer and serial stand beside it. */
  signingCertificate: (of: Certificate, named: Certificate | null = of): Uint8Array =>
    buildAttribute(OID.signingCertificateV2, derSequence(derSequence(essId('sha256', of, named)))),
  signingCertificateV1: (of: Certificate, named: Certificate | null = of): Uint8Array =>
    buildAttribute(OID.signingCertificate, derSequence(derSequence(essId('sha1', of, named)))),
};

/** ESSCertID, or ESSCertIDv2 with its default digest. */
export function essId(
  digest: DigestAlgorithm,
  of: Certificate,
  named: Certificate | null = of,
): Uint8Array {
  return derSequence(
    derOctets(certificateDigest(of, digest)),
    named === null
      ? undefined
      : derSequence(
          derSequence(derElement(0xa4, named.issuer.der)),
          derIntegerHex(named.serialHex),
        ),
  );
}

/** Issuer and serial, as a SignerInfo names its certificate. */
export const sidOf = (certificate: Certificate): Uint8Array =>
  derSequence(certificate.issuer.der, derIntegerHex(certificate.serialHex));

/** What an honest product signs over `content`. */
export function usualAttributes(
  signer: Holder,
  content: Uint8Array,
  digest: DigestAlgorithm = 'sha256',
): readonly Uint8Array[] {
  return [
    attributeOf.contentType(),
    attributeOf.messageDigest(digestBytes(digest, content)),
    attributeOf.signingCertificate(signer.certificate),
  ];
}

export function buildSignerInfo(
  signer: Holder,
  content: Uint8Array,
  parts: SignerParts = {},
): Uint8Array {
  const digest = parts.digest ?? 'sha256';
  const attributes =
    parts.attributes === undefined ? usualAttributes(signer, content, digest) : parts.attributes;
  const set = (tag: number, isUnsorted = false): Uint8Array =>
    isUnsorted ? derElementOf(tag, attributes ?? []) : derSetOf(attributes ?? [], tag);
  const message = attributes === null ? content : set(TAG.set, parts.isSignedUnsorted);
  const value =
    parts.value ??
    ((bytes: Uint8Array) => new Uint8Array(signMessage(digest, bytes, signer.keys.privateKey)));
  const { padding } = signer.scheme;
  return derSequence(
    derInteger(parts.version ?? 1),
    parts.sid ?? sidOf(signer.certificate),
    parts.digestAlgorithm ?? digestAlgorithmDer(digest),
    attributes === null ? undefined : set(0xa0, parts.isSentUnsorted),
    parts.signatureAlgorithm ??
      signatureAlgorithmDer({ padding, digest: digest as 'sha256' | 'sha384' | 'sha512' }),
    derOctets(value(message)),
    parts.unsigned === undefined ? undefined : derSetOf(parts.unsigned, 0xa1),
  );
}

export function buildCms(signer: Holder, content: Uint8Array, parts: CmsParts = {}): Uint8Array {
  const signers = [buildSignerInfo(signer, content, parts), ...(parts.others ?? [])];
  const signedData = derSequence(
    parts.dataVersion ?? derInteger(1),
    derSetOf(parts.digestAlgorithms ?? [digestAlgorithmDer(parts.digest ?? 'sha256')]),
    derSequence(
      derOid(parts.contentType ?? OID.data),
      parts.content === undefined ? undefined : derContext(0, parts.content),
    ),
    derSetOf(parts.certificates ?? [signer.certificate.der], 0xa0),
    parts.revocation === undefined ? undefined : derSetOf(parts.revocation, 0xa1),
    derSetOf(signers),
    ...(parts.rest ?? []),
  );
  return derSequence(derOid(parts.infoType ?? OID.signedData), derContext(0, signedData));
}

/** The signature value of the first SignerInfo. */
export function signatureValueOf(cmsDer: Uint8Array): Uint8Array {
  const [signer] = parseSignedData(cmsDer).signerInfos;
  if (signer === undefined) throw new Error('no SignerInfo');
  return signer.signature;
}

/**
 * Signs `pdf` with the CMS that `make` gives for the bytes around the hole.
 *
 * @param rewrite - Changes the revision before it is signed, in place: its length stays.
 */
export async function withCms(
  pdf: Uint8Array,
  make: (content: Uint8Array) => Uint8Array | Promise<Uint8Array>,
  options: Partial<PrepareOptions> = {},
  rewrite: (text: string) => string = (text) => text,
): Promise<Uint8Array> {
  const document = openPdf(new MemorySource(pdf));
  const asPrepared = prepareSignature(document, {
    claimedAt: CLAIMED_AT,
    contentsBytes: 12_288,
    ...options,
  });
  const appended = latin1ToBytes(rewrite(bytesToLatin1(asPrepared.appended)));
  const prepared = { ...asPrepared, appended };
  const whole = concatBytes([pdf, appended]);
  const content = concatBytes([
    whole.subarray(0, prepared.contents.start),
    whole.subarray(prepared.contents.end),
  ]);
  return concatBytes([pdf, embedCms(prepared, await make(content))]);
}
