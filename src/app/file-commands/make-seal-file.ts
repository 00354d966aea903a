/** A seal as the command line makes it: files in, the structure out. */
import type { MakeSealFileRequest } from '../../cli/index.js';
import { makeSeal, sealPictureFile } from '../../seal/index.js';
import { derOf } from './pem.js';

/** @throws AppError as `makeSeal` and `sealPictureFile` */
export async function makeSealFile(request: MakeSealFileRequest): Promise<Uint8Array> {
  const { picture, certificates, widthMm, heightMm, ...rest } = request;
  return makeSeal({
    ...rest,
    picture: sealPictureFile(picture, { widthMm, heightMm }, request.version),
    signers: certificates.map(derOf),
  });
}
