/** Turns BER into the DER a strict reader takes: definite lengths, strings in one piece. */
import { concatBytes } from '../../kernel/index.js';
import { Asn1Reader, type Asn1Element } from './asn1-reader.js';
import { derElement, derElementOf } from './der-writer.js';
import { TAG } from './tags.js';

export interface NormalisedElement {
  /** The element in definite-length encoding. Aliases the input where nothing had to change. */
  readonly der: Uint8Array;
  /** Octets of the input that the element took; what follows them is not part of it. */
  readonly consumedBytes: number;
  /** Something had to change: the input was BER and not DER. */
  readonly isBer: boolean;
}

/**
 * Reads the first element of `bytes` and rewrites what only BER allows: indefinite lengths and
 * strings in pieces. Elements without either stay as they are, octet for octet, so that the
 * certificates inside keep their signed bytes; a SET OF keeps its order.
 *
 * @throws AppError `asn1-malformed`
 */
export function berToDer(bytes: Uint8Array): NormalisedElement {
  const element = new Asn1Reader(bytes, 0, bytes.length, 'ber').read();
  const rewritten = rewrite(element);
  return {
    der: rewritten ?? element.raw,
    consumedBytes: element.end,
    isBer: rewritten !== undefined,
  };
}

/** A universal string type in constructed form. SEQUENCE (0x30) and SET (0x31) are not strings. */
function isStringInPieces(element: Asn1Element): boolean {
  if ((element.tag & 0xe0) !== 0x20) return false;
  const type = element.tag & 0x1f;
  return type === TAG.octetString || type === TAG.utf8String || (type >= 0x12 && type <= 0x1e);
}

/** @returns `undefined` where the element can stay as it is */
function rewrite(element: Asn1Element): Uint8Array | undefined {
  if (!element.isConstructed) return undefined;
  if (isStringInPieces(element)) return derElement(element.tag & ~0x20, joinPieces(element));
  const isIndefinite = element.end !== element.contentEnd;
  let hasChanged = isIndefinite;
  const parts = element.children().map((child) => {
    const rewritten = rewrite(child);
    if (rewritten !== undefined) hasChanged = true;
    return rewritten ?? child.raw;
  });
  return hasChanged ? derElementOf(element.tag, parts) : undefined;
}

function joinPieces(element: Asn1Element): Uint8Array {
  if (!element.isConstructed) return element.content;
  return concatBytes(element.children().map(joinPieces));
}
