/** Unpacks what strangers packed, within bounds that hold whatever the headers of the zip claim. */
import { crc32, inflateRawSync } from 'node:zlib';
import { readDirectory, type ZipEntry } from './directory.js';
import { ZipFault, type ZipFaultKind } from './zip-fault.js';

export interface ZipBounds {
  /** Of the zip itself. */
  readonly mostBytes: number;
  /** Of all parts together. */
  readonly mostUnpackedBytes: number;
  readonly mostParts: number;
}

export interface ZipReading {
  /** In the order of the directory; of parts with one name, the first. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
  /** What a zip of honest make has nothing of. */
  readonly oddities: {
    /** Names that several parts have. */
    readonly duplicated: readonly string[];
    /** Names of parts that are not what was packed, by their checksum. */
    readonly damaged: readonly string[];
    /** See {@link isOddName}. */
    readonly oddNames: readonly string[];
    /** Something lies before, between or behind the parts. */
    readonly hasStrayBytes: boolean;
  };
}

export interface ZipRefusal {
  readonly fault: ZipFaultKind;
  readonly cause: unknown;
}

/** Nothing that people write shrinks further than this; looked at from {@link RATIO_FROM_BYTES} on. */
const MOST_RATIO = 200;
const RATIO_FROM_BYTES = 1024 * 1024;

/**
 * Reads a zip by its directory. Nothing is unpacked before the sizes of all of it are within bounds,
 * and nothing unpacks to more than it says. Never throws for what the bytes are.
 */
export function readZip(bytes: Uint8Array, bounds: ZipBounds): ZipReading | ZipRefusal {
  try {
    return reading(bytes, bounds);
  } catch (error) {
    if (error instanceof ZipFault) return { fault: error.kind, cause: error };
    throw error;
  }
}

function reading(bytes: Uint8Array, bounds: ZipBounds): ZipReading {
  if (bytes.length > bounds.mostBytes) throw new ZipFault('too-large', 'the zip itself');
  const { entries, hasStrayBytes } = readDirectory(bytes, {
    mostParts: bounds.mostParts,
    assertSize(unpackedBytes) {
      const isBomb = unpackedBytes > RATIO_FROM_BYTES && unpackedBytes > MOST_RATIO * bytes.length;
      if (unpackedBytes > bounds.mostUnpackedBytes || isBomb) {
        throw new ZipFault('too-large', `${unpackedBytes} bytes unpacked`);
      }
    },
  });
  const parts = new Map<string, Uint8Array>();
  const duplicated = new Set<string>();
  const damaged: string[] = [];
  for (const entry of entries) {
    const { name } = entry;
    if (parts.has(name)) {
      duplicated.add(name);
      continue;
    }
    const unpacked = unpack(entry);
    parts.set(name, unpacked);
    if (crc32(unpacked) !== entry.crc32) damaged.push(name);
  }
  const oddNames = [...parts.keys()].filter(isOddName);
  return { parts, oddities: { duplicated: [...duplicated], damaged, oddNames, hasStrayBytes } };
}

function unpack({ isDeflated, packed, unpackedBytes }: ZipEntry): Uint8Array {
  if (!isDeflated) {
    if (packed.length !== unpackedBytes) throw new ZipFault('format', 'stored in another length');
    return new Uint8Array(packed);
  }
  const { buffer, engine } = inflated(packed, unpackedBytes);
  if (buffer.length !== unpackedBytes || engine.bytesWritten !== packed.length) {
    throw new ZipFault('format', 'data of another length');
  }
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** With `info`, node also gives the engine, which knows how much it has read; its types do not say so. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function inflated(packed: Uint8Array, mostBytes: number): Inflated {
  try {
    const options = { maxOutputLength: Math.max(1, mostBytes), info: true };
    return inflateRawSync(packed, options) as unknown as Inflated;
  } catch (error) {
    const isMore = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new ZipFault(isMore ? 'too-large' : 'format', 'data that do not unpack', error);
  }
}

/** Names that unpack elsewhere than they say, on any system. */
export function isOddName(name: string): boolean {
  return /^[/\\]|^[A-Za-z]:|\\/.test(name) || /\p{C}/u.test(name) || name.split('/').includes('..');
}

/** Every part by its name, of a zip that has no oddities; `format` where it has. */
export function readPlainZip(
  bytes: Uint8Array,
  bounds: ZipBounds,
): Pick<ZipReading, 'parts'> | ZipRefusal {
  const read = readZip(bytes, bounds);
  if ('fault' in read) return read;
  const { duplicated, damaged, oddNames, hasStrayBytes } = read.oddities;
  const isPlain =
    duplicated.length === 0 && damaged.length === 0 && oddNames.length === 0 && !hasStrayBytes;
  return isPlain ? read : { fault: 'format', cause: new ZipFault('format', 'odd') };
}
