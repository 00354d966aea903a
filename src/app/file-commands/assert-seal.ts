/** Whether a seal file may be used to sign, before the key is. */
import { isListedSigner, verifySealSignature } from '../../eseal/index.js';
import { AppError, toRfc3339 } from '../../kernel/index.js';
import { parsedSeal } from './parsed-seal.js';

/**
 * Everything but trust in the maker, which is the verifier's to decide.
 *
 * @throws AppError `eseal-malformed`, `eseal-not-genuine`, `seal-not-yet-valid`, `seal-expired`,
 *   `seal-certificate-mismatch`, `algorithm-unsupported`
 * @see GB/T 38540-2020: a seal is verified, and the signer found in its list, before it signs
 */
export function assertSealFits(sealDer: Uint8Array, certificateDer: Uint8Array, at: Date): void {
  const seal = parsedSeal(sealDer);
  const { outcome } = verifySealSignature(seal);
  if (outcome === 'unsupported') {
    throw new AppError('algorithm-unsupported', 'the maker signed by an unknown algorithm', {
      params: { algorithm: seal.signAlgID },
    });
  }
  if (outcome !== 'valid')
    throw new AppError('eseal-not-genuine', `the maker's signature: ${outcome}`);
  const { property } = seal.info;
  if (at < property.validStart) {
    throw new AppError('seal-not-yet-valid', 'the seal is not valid yet', {
      params: { validFrom: toRfc3339(property.validStart) },
    });
  }
  if (at > property.validEnd) {
    throw new AppError('seal-expired', 'the seal has expired', {
      params: { validUntil: toRfc3339(property.validEnd) },
    });
  }
  if (!isListedSigner(property.certList, certificateDer)) {
    throw new AppError('seal-certificate-mismatch', 'the signer is not in the list of the seal');
  }
}
