/** Signs bytes in one call, as the tests need it. */
import { MemorySource, concatBytes, type Secret } from '../../src/kernel/index.js';
import {
  beginSignature,
  finishSignature,
  type SignatureOptions,
  type Signer,
} from '../../src/pades/index.js';
import { openPdf } from '../../src/pdf/index.js';

export async function signPdf(
  pdf: Uint8Array,
  signer: Signer,
  options: Partial<SignatureOptions> = {},
  password?: Secret,
): Promise<Uint8Array> {
  const document = openPdf(new MemorySource(pdf), {
    mode: 'lenient',
    ...(password === undefined ? {} : { password }),
  });
  const pending = beginSignature(document, signer, {
    claimedAt: new Date('2026-11-20T08:00:00Z'),
    ...options,
  });
  const value = await signer.sign(pending.signedAttributes, pending.scheme);
  return concatBytes([pdf, finishSignature(pending, value)]);
}
