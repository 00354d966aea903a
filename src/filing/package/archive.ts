/**
 * The zip around the parts. Entries are stored, their times and order fixed, so that the same parts
 * are the same bytes and no compressor's version matters (a signed PDF hardly shrinks anyway).
 */
import { unzipSync, zipSync, type Zippable } from 'fflate';
import { AppError, isAppError } from '../../kernel/index.js';
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

/**
 * Reads a zip within bounds: sizes are looked at before anything is unpacked, and nothing unpacks to
 * more than it says.
 *
 * @throws AppError `package-malformed`, params `reason`: `not-a-zip`, `too-large`, `too-many-parts`
 */
export function readArchive(zip: Uint8Array): Archive {
  const names = new Set<string>();
  const duplicated = new Set<string>();
  let count = 0;
  let total = 0;
  try {
    const files = unzipSync(zip, {
      filter: ({ name, originalSize, size }) => {
        count++;
        // A stored entry is as long as its packed size says, whatever the other one says.
        total += Math.max(originalSize, size);
        if (count > MOST_PARTS) throw malformed('too-many-parts');
        if (total > MOST_UNPACKED_BYTES) throw malformed('too-large');
        if (names.has(name)) {
          duplicated.add(name);
          return false;
        }
        names.add(name);
        return true;
      },
    });
    const parts = new Map([...names].map((name) => [name, files[name] ?? new Uint8Array()]));
    return { parts, duplicated: [...duplicated] };
  } catch (error) {
    if (isAppError(error)) throw error;
    throw malformed('not-a-zip', error);
  }
}

function malformed(reason: string, cause?: unknown): AppError {
  return new AppError('package-malformed', `the package cannot be unpacked: ${reason}`, {
    params: { reason },
    cause,
  });
}
