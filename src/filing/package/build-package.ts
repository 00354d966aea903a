/**
 * The filing package: one signed contract with everything that is needed to check it without us.
 *
 * The same contract always makes the same bytes: nothing that happened after the last signature goes
 * in, JSON has one spelling, signatures are deterministic.
 */
import { agentOf, type ContractRecord } from '../../contract/index.js';
import { AppError, canonicalJson, sha256Hex, utf8ToBytes } from '../../kernel/index.js';
import { statusAt, versionAt, type SealRecord } from '../../seal/index.js';
import { writeArchive, type Part } from './archive.js';
import { auditFiles, type AuditPart } from './audit-part.js';
import { packageExplanation } from './explanation.js';
import {
  PACKAGE_ENTRIES,
  PACKAGE_FORMAT,
  PACKAGE_FORMAT_VERSION,
  type StatementSigner,
} from './format.js';
import type { ValidationMaterial } from './validation-material.js';

export interface PackageContents {
  readonly filingId: string;
  readonly contract: ContractRecord;
  /** The last signed revision; its SHA-256 is the contract's last signature's blob. */
  readonly documentBytes: Uint8Array;
  /** 授权委托书 of the buyer's agent; absent where there is none. */
  readonly authorisationBytes?: Uint8Array | undefined;
  readonly material: ValidationMaterial;
  /** By id, every seal that the signatures name. */
  readonly seals: ReadonlyMap<string, SealRecord>;
  /** Pictures (SVG) of the versions that were used, by blob. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
  readonly audit: AuditPart;
  /** SubjectPublicKeyInfo of the key that signs checkpoints. */
  readonly auditKeyPem: string;
  readonly signer: StatementSigner;
}

/**
 * The zip of `contents`.
 * @throws AppError `blob-corrupt` where the bytes are not those that were signed last, or the agent's
 *   authorisation is not the one that was annexed,
 *   `contract-transition-refused` where nobody has signed
 */
export function buildPackage(contents: PackageContents): Uint8Array {
  const { contract, documentBytes, material, signer } = contents;
  const last = contract.signatures.at(-1);
  if (last === undefined) {
    throw new AppError('contract-transition-refused', 'the contract is not signed', {
      params: { from: contract.state, to: 'filing', action: 'file' },
    });
  }
  if (sha256Hex(documentBytes) !== last.blobId) {
    throw new AppError('blob-corrupt', 'the document is not the one that was signed last');
  }
  const seals = sealParts(contents);
  const authorisation = authorisationPart(contents);
  const described: readonly Part[] = [
    [PACKAGE_ENTRIES.readme, utf8ToBytes(packageExplanation(contents))],
    [PACKAGE_ENTRIES.document, documentBytes],
    ...(contract.data === undefined
      ? []
      : [[PACKAGE_ENTRIES.structuredData, json(contract.data)] as const]),
    [PACKAGE_ENTRIES.metadata, json(metadataOf(contents))],
    ...authorisation,
    ...seals,
    [
      PACKAGE_ENTRIES.validation,
      json({ signatures: material.signatures, anchors: material.anchors }),
    ],
    ...material.parts,
    ...auditFiles(contents.audit),
    [PACKAGE_ENTRIES.auditKey, utf8ToBytes(contents.auditKeyPem)],
    [PACKAGE_ENTRIES.packageKey, utf8ToBytes(signer.publicKeyPem)],
  ];
  const manifest = json({
    format: PACKAGE_FORMAT,
    version: PACKAGE_FORMAT_VERSION,
    filingId: contents.filingId,
    keyId: signer.keyId,
    files: described.map(([name, bytes]) => ({
      name,
      sizeBytes: bytes.length,
      sha256: sha256Hex(bytes),
    })),
  });
  const summed: readonly Part[] = [
    ...described,
    [PACKAGE_ENTRIES.manifest, manifest],
    [PACKAGE_ENTRIES.manifestSignature, signer.sign(manifest)],
  ];
  return writeArchive([...summed, [PACKAGE_ENTRIES.checksums, checksumsOf(summed)]]);
}

/** In the form of sha256sum. */
export function checksumsOf(parts: readonly Part[]): Uint8Array {
  return utf8ToBytes(parts.map(([name, bytes]) => `${sha256Hex(bytes)}  ${name}\n`).join(''));
}

/** What a registry needs to file the contract by, and what each signature was made with. */
function metadataOf({ filingId, contract, documentBytes, seals }: PackageContents): object {
  return {
    filingId,
    contractId: contract.id,
    contractNumber: contract.number,
    title: contract.title,
    regionCode: contract.regionCode,
    amount: contract.amountFen === undefined ? null : yuan(contract.amountFen),
    currency: 'CNY',
    parties: contract.parties.map(({ role, name, creditCode, signedAt, agent }) => ({
      role,
      name,
      creditCode,
      signedAt,
      agent: agent && {
        name: agent.name,
        creditCode: agent.creditCode,
        authorisation: {
          name: PACKAGE_ENTRIES.authorisation,
          sha256: agent.authorisation.blobId,
          sizeBytes: agent.authorisation.sizeBytes,
        },
      },
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
      duty: signature.duty,
      fieldName: signature.fieldName,
      signedAt: signature.signedAt,
      level: signature.level,
      signerSubject: signature.signerSubject,
      certificateSha256: signature.certificateSha256,
      sealCode:
        signature.sealId === undefined ? undefined : (seals.get(signature.sealId)?.code ?? null),
      sealVersion: signature.sealVersion,
      revisionSha256: signature.blobId,
      revisionSizeBytes: signature.sizeBytes,
    })),
  };
}

function authorisationPart({ contract, authorisationBytes }: PackageContents): readonly Part[] {
  const agent = agentOf(contract);
  if (agent === undefined) return [];
  if (
    authorisationBytes === undefined ||
    sha256Hex(authorisationBytes) !== agent.authorisation.blobId
  ) {
    throw new AppError('blob-corrupt', 'the authorisation is not the one that was annexed');
  }
  return [[PACKAGE_ENTRIES.authorisation, authorisationBytes]];
}

/** The register's record of each version of a seal that was used, as it stood when it was used. */
function sealParts({ contract, seals, pictures }: PackageContents): readonly Part[] {
  const records = new Map<string, object>();
  const parts = new Map<string, Uint8Array>();
  for (const { sealId, sealVersion, signedAt } of contract.signatures) {
    const seal = sealId === undefined ? undefined : seals.get(sealId);
    if (seal === undefined) continue;
    const at = new Date(signedAt);
    const version =
      seal.versions.find(({ number }) => number === sealVersion) ?? versionAt(seal, at);
    const key = `${seal.code}-v${version?.number ?? 0}`;
    const picture = version === undefined ? undefined : pictures.get(version.pictureBlobId);
    if (picture !== undefined) parts.set(`seals/${key}.svg`, picture);
    records.set(key, {
      code: seal.code,
      name: version?.name ?? seal.name,
      kind: seal.kind,
      regionCode: seal.regionCode,
      version: version?.number ?? null,
      validFrom: version?.validFrom,
      validUntil: version?.validUntil,
      madeAt: version?.madeAt,
      certificateSha256: version?.certificateSha256 ?? [],
      widthMm: version?.widthMm,
      heightMm: version?.heightMm,
      picture: picture === undefined ? null : `seals/${key}.svg`,
      statusAtSigning: statusAt(seal, at),
      statusHistory: seal.statusHistory.filter((change) => change.at <= signedAt),
    });
  }
  return [[PACKAGE_ENTRIES.seals, json([...records.values()])], ...parts];
}

function json(value: unknown): Uint8Array {
  return utf8ToBytes(canonicalJson(value));
}

function yuan(fen: number): string {
  return `${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}
