/** Gathers what a package holds from where it is kept. */
import { agentOf, type ContractRecord } from '../contract/index.js';
import type { SealIndex, SealRecord } from '../seal/index.js';
import { SCOPE_ALL, type BlobStore, type Collection } from '../store/index.js';
import type { TrustStore } from '../trust/index.js';
import {
  auditPartOf,
  buildPackage,
  validationMaterial,
  type ProvingLog,
  type StatementSigner,
} from './package/index.js';
import type { FilingRecord } from './record.js';

export interface PackageProofs {
  readonly log: ProvingLog;
  /** SubjectPublicKeyInfo of the key that signs checkpoints. */
  readonly auditKeyPem: string;
  /** Signs manifests. */
  readonly signer: StatementSigner;
  /** Whose anchors are named where chains end at them. */
  readonly trust: TrustStore;
}

export interface PackageBuilder {
  /** The zip. @throws AppError `blob-not-found`, `blob-corrupt`, `audit-unavailable`, `audit-corrupt` */
  build(filing: FilingRecord, contract: ContractRecord): Promise<Uint8Array>;
}

export function createPackageBuilder(options: {
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly blobs: BlobStore;
  readonly proofs: PackageProofs;
}): PackageBuilder {
  const { seals, blobs, proofs } = options;
  return {
    async build(filing, contract) {
      const documentBytes = await blobs.read(filing.documentSha256);
      const profiles = await proofs.trust.profiles();
      const used = new Map<string, SealRecord>();
      const pictures = new Map<string, Uint8Array>();
      for (const { sealId, sealVersion } of contract.signatures) {
        const seal = sealId === undefined ? undefined : await seals.get(sealId, SCOPE_ALL);
        if (seal === undefined) continue;
        used.set(seal.id, seal);
        const version = seal.versions.find(({ number }) => number === sealVersion);
        if (version !== undefined) {
          pictures.set(version.pictureBlobId, await blobs.read(version.pictureBlobId));
        }
      }
      const agent = agentOf(contract);
      return buildPackage({
        filingId: filing.id,
        contract,
        documentBytes,
        ...(agent === undefined
          ? {}
          : { authorisationBytes: await blobs.read(agent.authorisation.blobId) }),
        material: validationMaterial(
          documentBytes,
          profiles.flatMap(({ anchorsDer }) => anchorsDer),
        ),
        seals: used,
        pictures,
        audit: await auditPartOf(proofs.log, contract.id),
        auditKeyPem: proofs.auditKeyPem,
        signer: proofs.signer,
      });
    },
  };
}
