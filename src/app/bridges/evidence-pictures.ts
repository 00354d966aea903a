/** The pictures of the seals that a contract was signed with, for its completion report. */
import type { EvidencePicture, SignedEvidence } from '../../filing/index.js';
import {
  artworkToPng,
  keptPicture,
  readArtwork,
  type SealIndex,
  type SealRecord,
} from '../../seal/index.js';
import { SCOPE_ALL, type BlobStore, type Collection } from '../../store/index.js';

/** Fine enough to be printed. */
const DPI = 300;

/** By the number of the signature. @throws AppError `blob-*` */
export async function evidencePictures(
  { statement }: SignedEvidence,
  seals: Pick<Collection<SealRecord, SealIndex>, 'getBy'>,
  blobs: Pick<BlobStore, 'read'>,
): Promise<ReadonlyMap<number, EvidencePicture>> {
  const pictures = new Map<number, EvidencePicture>();
  for (const { number, seal } of statement.signatures) {
    if (seal === null) continue;
    const record = await seals.getBy('code', seal.code, SCOPE_ALL);
    const version = record?.versions.find((each) => each.number === seal.version);
    if (version === undefined) continue;
    const { widthMm, heightMm, pictureBlobId } = version;
    const artwork = readArtwork(keptPicture(await blobs.read(pictureBlobId), version));
    pictures.set(number, { png: artworkToPng(artwork, DPI), widthMm, heightMm });
  }
  return pictures;
}
