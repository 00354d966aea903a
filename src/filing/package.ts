/**
 * The archive package: one signed contract with everything that is needed to check it without us.
 *
 * The same contract always makes the same bytes: order and times of the entries are fixed, JSON has
 * one spelling, and entries are stored, so that no compressor's version matters (a signed PDF hardly
 * shrinks anyway).
 */
import { zipSync, type Zippable } from 'fflate';
import type { ContractRecord } from '../contract/index.js';
import { AppError, canonicalJson, sha256Hex, utf8ToBytes } from '../kernel/index.js';
import { packageReadme } from './package-readme.js';

export const PACKAGE_FORMAT = 'qianyin-filing-package';
const PACKAGE_FORMAT_VERSION = 1;

/** Names of the entries, in the order they stand in the zip. */
export const PACKAGE_ENTRIES = {
  readme: 'README.txt',
  document: 'contract.pdf',
  structuredData: 'data.json',
  metadata: 'metadata.json',
  manifest: 'manifest.json',
  checksums: 'SHA256SUMS',
} as const;

export interface PackageContents {
  readonly filingId: string;
  readonly contract: ContractRecord;
  /** The last signed revision; its SHA-256 is the contract's last signature's blob. */
  readonly documentBytes: Uint8Array;
  /** 印章编码 by seal id, for every seal the signatures name. */
  readonly sealCodes: ReadonlyMap<string, string>;
}

// Zip times have no zone and fflate writes local ones: this reads as 1980-01-01 12:00 everywhere.
const ENTRY_TIME = new Date(1980, 0, 1, 12);
const UNIX = 3;
const REGULAR_FILE_0644 = 0o100644 * 0x10000;

/**
 * The zip of `contents`.
 * @throws AppError `blob-corrupt` where the bytes are not those that were signed last,
 *   `contract-transition-refused` where nobody has signed
 */
export function buildPackage(contents: PackageContents): Uint8Array {
  const { contract, documentBytes } = contents;
  const last = contract.signatures.at(-1);
  if (last === undefined) {
    throw new AppError('contract-transition-refused', 'the contract is not signed', {
      params: { from: contract.state, to: 'filing', action: 'file' },
    });
  }
  if (sha256Hex(documentBytes) !== last.blobId) {
    throw new AppError('blob-corrupt', 'the document is not the one that was signed last');
  }
  const described: [name: string, bytes: Uint8Array][] = [
    [PACKAGE_ENTRIES.readme, utf8ToBytes(packageReadme(contract, contents.filingId))],
    [PACKAGE_ENTRIES.document, documentBytes],
  ];
  if (contract.data !== undefined) {
    described.push([PACKAGE_ENTRIES.structuredData, json(contract.data)]);
  }
  described.push([PACKAGE_ENTRIES.metadata, json(metadataOf(contents))]);
  const manifest = json({
    format: PACKAGE_FORMAT,
    version: PACKAGE_FORMAT_VERSION,
    filingId: contents.filingId,
    files: described.map(([name, bytes]) => ({
      name,
      sizeBytes: bytes.length,
      sha256: sha256Hex(bytes),
    })),
  });
  const summed = [...described, [PACKAGE_ENTRIES.manifest, manifest] as const];
  const checksums = summed.map(([name, bytes]) => `${sha256Hex(bytes)}  ${name}\n`).join('');
  return zip([...summed, [PACKAGE_ENTRIES.checksums, utf8ToBytes(checksums)]]);
}

/** What a registry needs to file the contract by, and what each signature was made with. */
function metadataOf({ filingId, contract, documentBytes, sealCodes }: PackageContents): object {
  return {
    filingId,
    contractId: contract.id,
    contractNumber: contract.number,
    title: contract.title,
    regionCode: contract.regionCode,
    amount: contract.amountFen === undefined ? null : yuan(contract.amountFen),
    currency: 'CNY',
    parties: contract.parties.map(({ role, name, creditCode, signedAt }) => ({
      role,
      name,
      creditCode,
      signedAt,
    })),
    createdAt: contract.times.createdAt,
    sentAt: contract.times.sentAt,
    confirmedAt: contract.times.confirmedAt,
    signedAt: contract.times.signedAt,
    document: {
      name: PACKAGE_ENTRIES.document,
      sha256: sha256Hex(documentBytes),
      sizeBytes: documentBytes.length,
      pageCount: contract.document?.pageCount ?? null,
    },
    signatures: contract.signatures.map((signature) => ({
      number: signature.number,
      role: signature.role,
      fieldName: signature.fieldName,
      signedAt: signature.signedAt,
      level: signature.level,
      signerSubject: signature.signerSubject,
      certificateSha256: signature.certificateSha256,
      sealCode:
        signature.sealId === undefined ? undefined : (sealCodes.get(signature.sealId) ?? null),
      sealVersion: signature.sealVersion,
      revisionSha256: signature.blobId,
      revisionSizeBytes: signature.sizeBytes,
    })),
  };
}

function json(value: unknown): Uint8Array {
  return utf8ToBytes(canonicalJson(value));
}

function yuan(fen: number): string {
  return `${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}

function zip(entries: readonly (readonly [name: string, bytes: Uint8Array])[]): Uint8Array {
  const zippable: Zippable = {};
  for (const [name, bytes] of entries) {
    zippable[name] = [bytes, { level: 0, mtime: ENTRY_TIME, os: UNIX, attrs: REGULAR_FILE_0644 }];
  }
  return zipSync(zippable);
}
