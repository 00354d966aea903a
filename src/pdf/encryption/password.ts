/** A password as the bytes that the revisions of the security handler want. */
import { createRequire } from 'node:module';
import { utf8ToBytes } from '../../kernel/index.js';
import { encodePdfDoc } from '../text-string.js';

const LONGEST_UTF8 = 127;

/**
 * What to try, likeliest first: the encoding that the standard prescribes, then the plain UTF-8 bytes,
 * which some producers take instead.
 *
 * @param password - As typed, UTF-8; bytes that are not UTF-8 are tried as they are.
 * @see ISO 32000-2:2020, 7.6.4.3.2 a) (PDFDocEncoding) and 7.6.4.3.3 a) (SASLprep, UTF-8, 127 bytes)
 */
export function passwordCandidates(password: Uint8Array, revision: number): readonly Uint8Array[] {
  const text = textOf(password);
  if (text === undefined) return [password];
  if (revision >= 5) {
    const prepared = utf8ToBytes(saslPrepared(text) ?? text).subarray(0, LONGEST_UTF8);
    return [prepared, password.subarray(0, LONGEST_UTF8)];
  }
  const encoded = encodePdfDoc(text);
  return encoded === undefined ? [password] : [encoded, password];
}

function textOf(password: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(password);
  } catch {
    return undefined;
  }
}

/** @returns undefined for text that SASLprep refuses, such as control characters. */
function saslPrepared(text: string): string | undefined {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  try {
    return saslprep()(text, { allowUnassigned: true });
  } catch {
    return undefined;
  }
}

type Saslprep = (input: string, options: { readonly allowUnassigned: boolean }) => string;

/** Loaded for the rare password that needs its tables: they would cost every start some 25 ms. */
function saslprep(): Saslprep {
  return createRequire(import.meta.url)('@mongodb-js/saslprep') as Saslprep;
}
