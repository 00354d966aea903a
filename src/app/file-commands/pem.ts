/** PEM text around DER, as files of certificates and requests have it. */
import { AppError, bytesToLatin1, fromBase64 } from '../../kernel/index.js';

/** DER from DER or from the first block of a PEM file. @throws AppError `input-invalid` */
export function derOf(bytes: Uint8Array): Uint8Array {
  const text = bytesToLatin1(bytes);
  const match = /-----BEGIN [^-]+-----([A-Za-z0-9+/=\s]+)-----END/.exec(text);
  if (match === null) return bytes;
  const der = fromBase64((match[1] ?? '').replace(/\s/g, ''));
  if (der === undefined) throw new AppError('input-invalid', 'the PEM text is damaged');
  return der;
}

export function toPem(label: string, der: Uint8Array): Uint8Array {
  const base64 = Buffer.from(der)
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd();
  return new TextEncoder().encode(`-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`);
}
