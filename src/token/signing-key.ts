/**
 * The port to a thing that holds a private key: a UKey over PKCS#11, a PKCS#12 file, later SKF.
 *
 * A key never leaves its holder: the port offers one raw signature, nothing else.
 */

/** What the public key is; decides which schemes a key can use. */
export type KeyAlgorithm =
  | { readonly kind: 'rsa'; readonly bits: number }
  | { readonly kind: 'ec'; readonly curve: 'P-256' | 'P-384' | 'P-521' }
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'sm2' };

export type SignatureDigest = 'sha256' | 'sha384' | 'sha512' | 'sm3';

/** How the octets are signed. PSS uses MGF1 with the same digest and a salt of the digest's length. */
export interface SignatureScheme {
  readonly padding: 'pkcs1-v1_5' | 'pss' | 'ecdsa' | 'eddsa' | 'sm2';
  readonly digest: SignatureDigest;
}

export interface SigningKey extends AsyncDisposable {
  /** DER of the signing certificate, as the token holds it. */
  readonly certificateDer: Uint8Array;
  /** Further certificates found beside it (issuing CAs), in no special order; may be empty. */
  readonly chainDer: readonly Uint8Array[];
  readonly algorithm: KeyAlgorithm;
  /**
   * `each-signature`: the token asks for the PIN before every signature (CKA_ALWAYS_AUTHENTICATE);
   * the key holds it until it is closed. A batch with such a key needs its user's consent.
   */
  readonly authentication: 'once' | 'each-signature';
  /**
   * Signs `message` (not its digest) by `scheme`.
   *
   * @returns RSA: the signature octets; ECDSA: DER `ECDSA-Sig-Value`; EdDSA: 64 octets.
   * @throws AppError `token-absent`, `token-exchanged`, `token-failed`, `token-pin-*`,
   *   `algorithm-unsupported`
   */
  sign(message: Uint8Array, scheme: SignatureScheme): Promise<Uint8Array>;
}
