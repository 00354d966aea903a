/** Certificates from files that people have: PEM with one or several, or DER. */
import { AppError, bytesToLatin1, fromBase64 } from '../../kernel/index.js';

const PEM = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]+)-----END/g;

/**
 * @param files - The signer's certificate is the first of the first; the others lead on from it.
 * @throws AppError `certificate-malformed`
 */
export function readCertificates(files: readonly Uint8Array[]): readonly Uint8Array[] {
  return files.flatMap((file) => {
    const blocks = [...bytesToLatin1(file).matchAll(PEM)].map(([, body]) => body ?? '');
    if (blocks.length === 0) return [file];
    return blocks.map((body) => {
      const der = fromBase64(body.replace(/\s+/g, ''));
      if (der === undefined) throw new AppError('certificate-malformed', 'PEM is not base64');
      return der;
    });
  });
}
