/**
 * Certificates, revocation lists, OCSP responses and time-stamps that a signed file carries, taken out
 * so that other tools can use them. Nothing is judged here.
 */
import { MemorySource, equalBytes, sha256Hex, toBase64, utf8ToBytes } from '../../kernel/index.js';
import {
  embeddedSignatures,
  readValidationStore,
  type EmbeddedSignature,
} from '../../pades/index.js';
import { openPdf } from '../../pdf/index.js';
import {
  findSignerCertificate,
  isIssuedBy,
  parseCertificate,
  parseSignedData,
  readRevocationValues,
  type Certificate,
  type SignedData,
} from '../../pki/index.js';
import type { Part } from './archive.js';

/** A trust anchor that a chain ends at: named, never included as something to believe. */
export interface NamedAnchor {
  readonly subject: string;
  readonly certificateSha256: string;
}

export interface SignatureMaterial {
  readonly fieldName: string;
  readonly kind: EmbeddedSignature['kind'];
  readonly signer: string | null;
  readonly signerSubject: string | null;
  readonly signerCertificateSha256: string | null;
  readonly timestamps: readonly string[];
}

export interface ValidationMaterial {
  readonly signatures: readonly SignatureMaterial[];
  readonly anchors: readonly NamedAnchor[];
  readonly parts: readonly Part[];
}

/**
 * @param anchorsDer - What the service believes; of these, those that issued something in the file
 *   are named.
 * @throws AppError as reading the file does
 */
export function validationMaterial(
  pdf: Uint8Array,
  anchorsDer: readonly Uint8Array[],
): ValidationMaterial {
  const document = openPdf(new MemorySource(pdf), { mode: 'lenient' });
  const store = readValidationStore(document);
  const certificates = new DistinctDer();
  const crls = new DistinctDer();
  const ocsps = new DistinctDer();
  const timestamps = new DistinctDer();
  const gather = (cms: SignedData): void => {
    certificates.add(...cms.certificatesDer);
    crls.add(...cms.crlsDer);
    ocsps.add(...cms.ocspResponsesDer);
    for (const signer of cms.signerInfos) {
      const values = readRevocationValues(signer);
      crls.add(...values.crlsDer);
      ocsps.add(...values.ocspDer);
      for (const token of signer.signatureTimeStamps) {
        timestamps.add(token);
        gather(parseSignedData(token));
      }
    }
  };
  const signerParts: Part[] = [];
  const signers = new DistinctDer();
  const signatures = embeddedSignatures(document).map(({ fieldName, kind, contents }, index) => {
    const cms = parseSignedData(contents);
    gather(cms);
    if (kind === 'document-timestamp') timestamps.add(cms.der);
    const signer = signerOf(cms);
    const name = `validation/signer-${index + 1}.pem`;
    if (signer !== undefined) {
      signers.add(signer.der);
      signerParts.push([name, utf8ToBytes(pemOf(signer.der))]);
    }
    const tokens =
      kind === 'document-timestamp'
        ? [cms.der]
        : cms.signerInfos.flatMap((each) => each.signatureTimeStamps);
    return {
      fieldName,
      kind,
      signer: signer === undefined ? null : name,
      signerSubject: signer?.subject.text ?? null,
      signerCertificateSha256: signer === undefined ? null : sha256Hex(signer.der),
      timestamps: tokens.map((token) => timestampName(timestamps.add(token))),
    };
  });
  certificates.add(...store.certificatesDer);
  crls.add(...store.crlsDer);
  ocsps.add(...store.ocspsDer);
  const others = certificates.all.filter((der) => !signers.has(der));
  const chain = others.map((der) => pemOf(der)).join('');
  return {
    signatures,
    anchors: anchorsOf(certificates.all, anchorsDer),
    parts: [
      ...signerParts,
      ...(others.length === 0 ? [] : [['validation/chain.pem', utf8ToBytes(chain)] as const]),
      ...crls.all.map((der, index): Part => [`validation/list-${index + 1}.crl`, der]),
      ...ocsps.all.map((der, index): Part => [`validation/response-${index + 1}.ors`, der]),
      ...timestamps.all.map((der, index): Part => [timestampName(index), der]),
    ],
  };
}

/** Encodings, each once, in the order in which they came. */
class DistinctDer {
  readonly all: Uint8Array[] = [];

  /** @returns index of the last one given */
  add(...encodings: readonly Uint8Array[]): number {
    let index = -1;
    for (const der of encodings) {
      index = this.all.findIndex((known) => equalBytes(known, der));
      if (index === -1) index = this.all.push(der) - 1;
    }
    return index;
  }

  has(der: Uint8Array): boolean {
    return this.all.some((known) => equalBytes(known, der));
  }
}

function timestampName(index: number): string {
  return `validation/timestamp-${index + 1}.tst`;
}

function signerOf(cms: SignedData): Certificate | undefined {
  const [info] = cms.signerInfos;
  return info === undefined
    ? undefined
    : findSignerCertificate(info, cms.certificatesDer.map(parseCertificate));
}

/** Those that issued a certificate of the file, or are in it. */
function anchorsOf(
  embeddedDer: readonly Uint8Array[],
  anchorsDer: readonly Uint8Array[],
): readonly NamedAnchor[] {
  const embedded = embeddedDer.map(parseCertificate);
  return anchorsDer
    .map(parseCertificate)
    .filter((anchor) =>
      embedded.some((each) => equalBytes(each.der, anchor.der) || isIssuedBy(each, anchor)),
    )
    .map((anchor) => ({
      subject: anchor.subject.text,
      certificateSha256: sha256Hex(anchor.der),
    }))
    .sort((a, b) => (a.certificateSha256 < b.certificateSha256 ? -1 : 1));
}

function pemOf(der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
