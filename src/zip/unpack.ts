/** Unpacks what strangers packed, within bounds that hold whatever the headers of the zip claim. */
import { Unzip, UnzipInflate, UnzipPassThrough } from 'fflate';
import { concatBytes } from '../kernel/index.js';

export interface UnpackBounds {
  readonly mostBytes: number;
  readonly mostUnpackedBytes: number;
  readonly mostParts: number;
}

export type Unpacked =
  | { readonly parts: ReadonlyMap<string, Uint8Array> }
  /** `format`: no zip, cut off, damaged, or with two parts of one name. */
  | { readonly fault: 'format' | 'too-large'; readonly cause?: unknown };

/** Unpacked in steps, so that a step goes beyond the bound by a little only. */
const STEP_BYTES = 16 * 1024;

class UnpackFault extends Error {
  readonly fault: 'format' | 'too-large';

  constructor(fault: 'format' | 'too-large', cause?: unknown) {
    super(fault, { cause });
    this.fault = fault;
  }
}

/** Every part by its name, in the order of the zip. Never throws for what the bytes are. */
export function unpackZip(bytes: Uint8Array, bounds: UnpackBounds): Unpacked {
  if (bytes.length > bounds.mostBytes) return { fault: 'too-large' };
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return { fault: 'format' };
  try {
    return { parts: unpacked(bytes, bounds) };
  } catch (error) {
    return error instanceof UnpackFault
      ? { fault: error.fault, cause: error.cause }
      : { fault: 'format', cause: error };
  }
}

const DIRECTORY_END = [0x50, 0x4b, 0x05, 0x06] as const;
/** The record that ends a zip, with the longest comment it may have. */
const MOST_END_BYTES = 22 + 0xffff;

/** Parts are read one after the other; that none of them is cut off at the end, the directory shows. */
function hasDirectory(bytes: Uint8Array): boolean {
  const first = Math.max(0, bytes.length - MOST_END_BYTES);
  for (let at = bytes.length - 22; at >= first; at--) {
    if (DIRECTORY_END.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}

function unpacked(
  bytes: Uint8Array,
  { mostUnpackedBytes, mostParts }: UnpackBounds,
): ReadonlyMap<string, Uint8Array> {
  const parts = new Map<string, Uint8Array[]>();
  const ends = new Set<string>();
  let total = 0;
  const unzip = new Unzip((file) => {
    if (parts.has(file.name)) throw new UnpackFault('format');
    if (parts.size >= mostParts) throw new UnpackFault('too-large');
    const chunks: Uint8Array[] = [];
    parts.set(file.name, chunks);
    file.ondata = (error, chunk, isLast) => {
      // What is thrown below comes back here as the fault of the part.
      if (error !== null) throw error;
      total += chunk.length;
      if (total > mostUnpackedBytes) throw new UnpackFault('too-large');
      chunks.push(chunk);
      if (isLast) ends.add(file.name);
    };
    file.start();
  });
  unzip.register(UnzipPassThrough);
  unzip.register(UnzipInflate);
  for (let at = 0; at < bytes.length; at += STEP_BYTES) {
    const end = Math.min(bytes.length, at + STEP_BYTES);
    unzip.push(bytes.subarray(at, end), end === bytes.length);
  }
  if (ends.size !== parts.size || !hasDirectory(bytes)) throw new UnpackFault('format');
  return new Map(Array.from(parts, ([name, chunks]) => [name, concatBytes(chunks)]));
}
