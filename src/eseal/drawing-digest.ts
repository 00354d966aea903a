/**
 * What ties a seal's structure to its drawing: the standards keep a picture in pixels, while a signature
 * shows the drawing it came from, sharp at any size. The maker signs the digest of that drawing too.
 */
import type { SESeal } from './types.js';

/** SHA-256 of the content stream that draws the seal. An arc of our own (ITU-T X.667, 2.25 and a UUID). */
export const DRAWING_DIGEST_OID = '2.25.217538406158264023871948160358264027731';

/** The drawing's digest that the maker vouches for; `undefined` in seals made elsewhere. */
export function drawingDigestOf(seal: SESeal): Uint8Array | undefined {
  const extension = seal.info.extDatas.find(({ extnID }) => extnID === DRAWING_DIGEST_OID);
  return extension?.extnValue.length === 32 ? extension.extnValue : undefined;
}
