/**
 * The zip around the parts. Entries are stored, their times and order fixed, so that the same parts
 * are the same bytes and no compressor's version matters (a signed PDF hardly shrinks anyway).
 */
import { zipSync, type Zippable } from 'fflate';
import { AppError } from '../../kernel/index.js';
import { readZip } from '../../zip/index.js';
import { MOST_PARTS, MOST_UNPACKED_BYTES } from './format.js';

export type Part = readonly [name: string, bytes: Uint8Array];

// Zip times have no zone and fflate writes local ones: this reads as 1980-01-01 12:00 everywhere.
const ENTRY_TIME = new Date(1980, 0, 1, 12);
const UNIX = 3;
const REGULAR_FILE_0644 = 0o100644 * 0x10000;

export function writeArchive(parts: readonly Part[]): Uint8Array {
  const zippable: Zippable = {};
  for (const [name, bytes] of parts) {
    zippable[name] = [bytes, { level: 0, mtime: ENTRY_TIME, os: UNIX, attrs: REGULAR_FILE_0644 }];
  }
  return zipSync(zippable);
}

export interface Archive {
  /** In the order of the zip's directory; of entries with one name, the first. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
  /** Names that several entries have. */
  readonly duplicated: readonly string[];
}

const BOUNDS = {
  mostBytes: Number.POSITIVE_INFINITY,
  mostUnpackedBytes: MOST_UNPACKED_BYTES,
  mostParts: MOST_PARTS,
};

/**
 * Reads a zip within bounds. Oddities are for whoever judges the parts: what a part is, its digest in
 * the manifest says better than the checksum of the zip.
 *
 * @throws AppError `package-malformed`, params `reason`: `not-a-zip`, `too-large`, `too-many-parts`
 */
export function readArchive(zip: Uint8Array): Archive {
  const read = readZip(zip, BOUNDS);
  if ('fault' in read)
    throw malformed(read.fault === 'format' ? 'not-a-zip' : read.fault, read.cause);
  return { parts: read.parts, duplicated: read.oddities.duplicated };
}

function malformed(reason: string, cause: unknown): AppError {
  return new AppError('package-malformed', `the package cannot be unpacked: ${reason}`, {
    params: { reason },
    cause,
  });
}
