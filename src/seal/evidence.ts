/** Evidence of a revocation on its way into the register: checked, and durable before a record names it. */
import { attachmentType } from './application/attachment-checks.js';
import type { BlobStore } from '../store/index.js';
import type { RevocationEvidence } from './record.js';

export interface NewEvidence {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/** @throws AppError `seal-attachment-refused` */
export async function keepEvidence(
  blobs: Pick<BlobStore, 'put'>,
  files: readonly NewEvidence[],
): Promise<readonly RevocationEvidence[]> {
  const checked = files.map((file) => ({ ...file, mediaType: attachmentType(file.bytes) }));
  const kept: RevocationEvidence[] = [];
  for (const { bytes, fileName, mediaType } of checked) {
    const sha256 = await blobs.put([bytes]);
    kept.push({ sha256, fileName, mediaType, sizeBytes: bytes.length });
  }
  return kept;
}
