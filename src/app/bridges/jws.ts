/** Statements as compact JWS with an Ed25519 key. @see RFC 7515, RFC 8037 */
import { canonicalJson } from '../../kernel/index.js';
import type { JwsSigner } from '../../seal/index.js';

/** The same statement gives the same text, so that answers can be compared and cached. */
export function jwsSigner(key: {
  readonly keyId: string;
  sign(message: Uint8Array): Uint8Array;
}): JwsSigner {
  const part = (value: object): string => Buffer.from(canonicalJson(value)).toString('base64url');
  return {
    sign(type, payload) {
      const input = `${part({ alg: 'EdDSA', kid: key.keyId, typ: type })}.${part(payload)}`;
      return `${input}.${Buffer.from(key.sign(Buffer.from(input))).toString('base64url')}`;
    },
  };
}
