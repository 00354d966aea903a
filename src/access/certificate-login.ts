/** Checks that a certificate's key signed a challenge, by the trust profiles of the service. */
import { AppError, isAppError, utf8ToBytes } from '../kernel/index.js';
import {
  DIGEST_LENGTH,
  checkSignature,
  isSigningCertificate,
  parseCertificate,
  type Certificate,
} from '../pki/index.js';
import type { SignatureScheme } from '../token/index.js';

/** Whether a certificate is to be believed at an instant; the same one that signing asks. */
export interface LoginCertificateValidator {
  /**
   * @returns The issuing certificates that lead to an anchor, anchor excluded.
   * @throws AppError `certificate-expired`, `certificate-not-yet-valid`,
   *   `certificate-not-for-signing`, `certificate-not-of-unit`
   */
  validate(
    certificateDer: Uint8Array,
    chainDer: readonly Uint8Array[],
    at: Date,
  ): Promise<readonly Uint8Array[]>;
}

export interface SignedChallenge {
  readonly text: string;
  readonly signature: Uint8Array;
  /** How the token signed; the usual scheme of the key when absent. */
  readonly scheme?: SignatureScheme;
}

/** @throws AppError `certificate-malformed`, `certificate-not-for-signing` */
export function readLoginCertificate(certificateDer: Uint8Array): Certificate {
  const certificate = parseCertificate(certificateDer);
  if (!isSigningCertificate(certificate)) {
    throw new AppError('certificate-not-for-signing', 'the certificate is not for signing');
  }
  return certificate;
}

/**
 * Checks the signature over the challenge's text (UTF-8).
 * @throws AppError `credentials-incorrect`
 */
export function assertChallengeSigned(
  certificate: Certificate,
  { text, signature, scheme }: SignedChallenge,
): void {
  const used = scheme ?? usualScheme(certificate);
  const method = { ...used, saltLength: DIGEST_LENGTH[used.digest] };
  const message = utf8ToBytes(text);
  if (checkSignature(certificate.publicKey, method, message, signature) !== 'valid') {
    throw new AppError('credentials-incorrect', 'the challenge is not signed by this certificate');
  }
}

/**
 * As {@link LoginCertificateValidator.validate}, with the answers a log-in gives: an untrusted
 * certificate is no other refusal than a wrong password.
 */
export async function assertCertificateBelieved(
  validator: LoginCertificateValidator,
  certificateDer: Uint8Array,
  at: Date,
): Promise<void> {
  try {
    await validator.validate(certificateDer, [], at);
  } catch (error) {
    if (!isAppError(error, 'certificate-not-of-unit')) throw error;
    throw new AppError('credentials-incorrect', 'the certificate is not trusted', { cause: error });
  }
}

function usualScheme(certificate: Certificate): SignatureScheme {
  const key = certificate.publicKey.key;
  switch (key?.kind) {
    case 'rsa':
      return { padding: 'pkcs1-v1_5', digest: 'sha256' };
    case 'ec':
      return { padding: 'ecdsa', digest: key.curve === 'P-256' ? 'sha256' : 'sha384' };
    case 'ed25519':
      return { padding: 'eddsa', digest: 'sha512' };
    case 'sm2':
      return { padding: 'sm2', digest: 'sm3' };
    case undefined:
      throw new AppError('algorithm-unsupported', 'the key is of a kind we cannot verify with');
  }
}
