/** What a filing package is made of: names, order, limits. Written by one file here and checked by another. */

export const PACKAGE_FORMAT = 'qianyin-filing-package';
export const PACKAGE_FORMAT_VERSION = 2;

/** Names of the parts that have a fixed one, in the order in which they stand in the zip. */
export const PACKAGE_ENTRIES = {
  readme: 'README.txt',
  document: 'contract.pdf',
  structuredData: 'data.json',
  metadata: 'metadata.json',
  /** Only where an agent signs for the buyer. */
  authorisation: 'authorisation.pdf',
  seals: 'seals.json',
  validation: 'validation.json',
  auditEntries: 'audit/entries.jsonl',
  auditProofs: 'audit/proofs.json',
  checkpoint: 'audit/checkpoint.json',
  checkpointSignature: 'audit/checkpoint.sig',
  auditKey: 'keys/audit.pem',
  packageKey: 'keys/package.pem',
  manifest: 'manifest.json',
  manifestSignature: 'manifest.sig',
  checksums: 'SHA256SUMS',
} as const;

/** Parts that vouch for the others, so that no manifest can name them. */
export const UNLISTED_ENTRIES: readonly string[] = [
  PACKAGE_ENTRIES.manifest,
  PACKAGE_ENTRIES.manifestSignature,
  PACKAGE_ENTRIES.checksums,
];

/** More than this is no package of ours, whatever it says. */
export const MOST_PARTS = 512;
export const MOST_UNPACKED_BYTES = 256 * 1024 * 1024;

/** Signs what the service states; the public part is published. */
export interface StatementSigner {
  readonly keyId: string;
  /** SubjectPublicKeyInfo. */
  readonly publicKeyPem: string;
  /** Ed25519: the same bytes always give the same signature. */
  sign(message: Uint8Array): Uint8Array;
}

/** Checks statements by keys that somebody decided to believe. */
export interface StatementVerifier {
  knows(keyId: string): boolean;
  /** @returns `false` for a key it does not know. */
  verify(keyId: string, message: Uint8Array, signature: Uint8Array): boolean;
}
