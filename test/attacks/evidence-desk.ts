/** Revocation lists and answers by hand, and files that carry them in their security store. */
import { sign as signMessage } from 'node:crypto';
import { MemorySource, concatBytes } from '../../src/kernel/index.js';
import { appendValidationStore, embeddedSignatures } from '../../src/pades/index.js';
import { openPdf } from '../../src/pdf/index.js';
import {
  OID,
  authorityInfoAccessExtension,
  buildCrl,
  buildOcspCertificateId,
  buildOcspResponse,
  crlDistributionPointsExtension,
  derBitString,
  derOid,
  derSequence,
  extendedKeyUsageExtension,
  ocspNoCheckExtension,
  readElement,
  type Certificate,
  type OcspCertificateStatus,
  type RevokedCertificate,
} from '../../src/pki/index.js';
import { issue, type Holder, type IssueRequest } from './authority.js';
import type { Holders } from './attack.js';

/** Where the lists would be; nobody asks there. */
export const CRL_URL = 'http://127.0.0.1:9/list.crl';
/** Extensions of a certificate whose status has to be known. */
export const ASKS_FOR_STATUS: readonly Uint8Array[] = [
  crlDistributionPointsExtension([CRL_URL]),
  authorityInfoAccessExtension({ ocsp: ['http://127.0.0.1:9/ocsp'] }),
];

/** The day before the files are looked at. */
export const FRESH = new Date('2026-11-22T00:00:00Z');
const NEXT = new Date('2026-12-22T00:00:00Z');

export interface ListParts {
  /** Whose list it says it is; its signer's unless given. */
  readonly of?: Certificate;
  readonly entries?: readonly RevokedCertificate[];
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
  readonly extensions?: readonly Uint8Array[];
  /** Changes the finished list. */
  readonly spoil?: (der: Uint8Array) => Uint8Array;
}

export async function list(signer: Holder, parts: ListParts = {}): Promise<Uint8Array> {
  const of = parts.of ?? signer.certificate;
  const der = await buildCrl({
    issuerNameDer: of.subject.der,
    thisUpdate: parts.thisUpdate ?? FRESH,
    nextUpdate: parts.nextUpdate ?? NEXT,
    number: 9,
    entries: parts.entries ?? [],
    authorityKeyIdHex: of.extensions.subjectKeyIdHex ?? '00',
    furtherExtensions: parts.extensions ?? [],
    scheme: signer.scheme,
    sign: signer.sign,
  });
  return parts.spoil?.(der) ?? der;
}

/** The list signed anew with SHA-1, by a holder of an elliptic key. */
export function bySha1({ keys }: Holder, listDer: Uint8Array): Uint8Array {
  const algorithm = derSequence(derOid(OID.ecdsaWithSha1));
  const [tbs] = readElement(listDer).children();
  const [version, , ...rest] = tbs?.children() ?? [];
  const signed = derSequence(version?.raw, algorithm, ...rest.map(({ raw }) => raw));
  const value = new Uint8Array(signMessage('sha1', signed, keys.privateKey));
  return derSequence(signed, algorithm, derBitString(value));
}

export interface AnswerParts {
  readonly status?: OcspCertificateStatus;
  /** Whom the answer names as the issuer. */
  readonly issuer?: Certificate;
  readonly serialHex?: string;
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
  readonly sendsCertificate?: boolean;
  readonly spoil?: (der: Uint8Array) => Uint8Array;
}

/** An OCSP response of `responder` about a certificate that `issuer` issued. */
export async function answer(
  responder: Holder,
  about: Certificate,
  issuer: Certificate,
  parts: AnswerParts = {},
): Promise<Uint8Array> {
  const thisUpdate = parts.thisUpdate ?? FRESH;
  const der = await buildOcspResponse({
    responder: responder.certificate,
    sendsCertificate: parts.sendsCertificate ?? true,
    producedAt: thisUpdate,
    answers: [
      {
        certificateIdDer: buildOcspCertificateId(
          parts.serialHex ?? about.serialHex,
          parts.issuer ?? issuer,
        ),
        status: parts.status ?? { kind: 'good' },
        thisUpdate,
        nextUpdate: parts.nextUpdate ?? NEXT,
      },
    ],
    scheme: responder.scheme,
    sign: responder.sign,
  });
  return parts.spoil?.(der) ?? der;
}

/** A certificate that may answer for `issuer`, unless `request` has it otherwise. */
export const responderOf = (
  issuer: Holder,
  request: IssueRequest = {},
  purpose: string = OID.ocspSigning,
): Promise<Holder> =>
  issue('CN=应答,O=示例机构,C=CN', {
    issuer,
    usages: ['digitalSignature'],
    extensions: [extendedKeyUsageExtension([purpose]), ocspNoCheckExtension()],
    ...request,
  });

export interface Evidence {
  readonly certificates?: readonly Uint8Array[];
  readonly lists?: readonly Uint8Array[];
  readonly answers?: readonly Uint8Array[];
}

/** Appends a store with `evidence`, said to be for signature number `index`. */
export function stored(pdf: Uint8Array, evidence: Evidence, index = 0): Uint8Array {
  const document = openPdf(new MemorySource(pdf));
  const contents = embeddedSignatures(document)[index]?.contents;
  if (contents === undefined) throw new Error('no such signature');
  const material = {
    contents,
    certificatesDer: evidence.certificates ?? [],
    crlsDer: evidence.lists ?? [],
    ocspsDer: evidence.answers ?? [],
  };
  const appended = appendValidationStore(document, [material], FRESH);
  return appended === undefined ? pdf : concatBytes([pdf, appended]);
}

/** Somebody of the trusted root whose status has to be known. */
export const declared = ({ root }: Pick<Holders, 'root'>, request: IssueRequest = {}) =>
  issue('CN=庚,O=示例市财政局,C=CN', { issuer: root, extensions: ASKS_FOR_STATUS, ...request });
