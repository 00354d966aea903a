/** PKCS#10 requests, as far as the development CA heeds them: subject and key, with proof of possession. */
import { AppError, isAppError } from '../../kernel/index.js';
import {
  parseName,
  readAlgorithmIdentifier,
  readBitStringOctets,
  readElement,
  TAG,
  verifySignature,
} from '../../pki/index.js';

export interface SigningRequest {
  /** RFC 4514. */
  readonly subject: string;
  readonly publicKeyDer: Uint8Array;
}

/**
 * @throws AppError `input-invalid` for what is not a request, or one not signed by its own key
 * @see RFC 2986 4
 */
export function readSigningRequest(der: Uint8Array): SigningRequest {
  try {
    const outer = readElement(der, TAG.sequence).enter();
    const body = outer.read(TAG.sequence);
    const algorithm = readAlgorithmIdentifier(outer.read(TAG.sequence));
    const signature = readBitStringOctets(outer.read(TAG.bitString));
    const reader = body.enter();
    reader.read(TAG.integer);
    const subject = parseName(reader.read(TAG.sequence).raw).text;
    const publicKeyDer = reader.read(TAG.sequence).raw;
    if (!verifySignature(publicKeyDer, algorithm, body.raw, signature)) {
      throw new AppError('input-invalid', 'the request is not signed by its own key');
    }
    return { subject, publicKeyDer };
  } catch (error) {
    if (isAppError(error, 'input-invalid')) throw error;
    throw new AppError('input-invalid', 'not a PKCS#10 request', { cause: error });
  }
}
