/**
 * The directory of a zip, held to what stands before it: each entry's own header says the same, none
 * overlaps another, and what lies between them is told. So no two readers see two archives in one file.
 *
 * @see PKWARE APPNOTE.TXT 6.3.4, 4.3 (general format), 4.5.3 (Zip64 extended information)
 */
import { ZipFault } from './zip-fault.js';

export interface ZipEntry {
  readonly name: string;
  readonly isDeflated: boolean;
  readonly crc32: number;
  readonly unpackedBytes: number;
  /** As it lies in the file; not copied. */
  readonly packed: Uint8Array;
}

export interface ZipDirectory {
  /** In the order of the directory. */
  readonly entries: readonly ZipEntry[];
  /** Something lies before, between or behind the entries that belongs to none: a comment too. */
  readonly hasStrayBytes: boolean;
}

interface Located extends ZipEntry {
  /** Of its header. */
  readonly start: number;
  /** Behind its data, and the descriptor that may follow them. */
  readonly end: number;
}

interface DirectoryRecord extends Pick<ZipEntry, 'crc32' | 'unpackedBytes'> {
  readonly name: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly packedBytes: number;
  /** Of the entry's own header. */
  readonly start: number;
  /** Behind the record. */
  readonly next: number;
}

const LOCAL_HEADER = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const DIRECTORY_HEADER = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;
const END_BYTES = 22;
const ZIP64_LOCATOR_BYTES = 20;
const MOST_COMMENT_BYTES = 0xffff;
const ZIP64_EXTRA = 1;
/** Stands for a number that does not fit and is in the Zip64 part. */
const ELSEWHERE = 0xffffffff;

const ENCRYPTED = 1;
const HAS_DESCRIPTOR = 8;
const UTF8_NAME = 0x0800;
const STORED = 0;
const DEFLATED = 8;

export interface DirectoryBounds {
  readonly mostParts: number;
  /** Throws where all entries together are too large; asked before any of them is looked at. */
  readonly assertSize: (unpackedBytes: number) => void;
}

/** @throws ZipFault `format`, `too-many-parts`; what `assertSize` throws */
export function readDirectory(bytes: Uint8Array, bounds: DirectoryBounds): ZipDirectory {
  const reader = new DirectoryReader(bytes);
  try {
    return reader.read(bounds);
  } catch (error) {
    if (error instanceof ZipFault) throw error;
    // A view that is asked beyond its end.
    throw new ZipFault('format', 'cut off', error);
  }
}

class DirectoryReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read({ mostParts, assertSize }: DirectoryBounds): ZipDirectory {
    const endAt = this.#findEnd();
    const { count, sizeBytes, start, end } = this.#extentOf(endAt);
    if (count > mostParts) throw new ZipFault('too-many-parts', `${count} entries`);
    if (start + sizeBytes !== end) throw malformed('the directory does not lead up to its end');
    const records: DirectoryRecord[] = [];
    let at = start;
    for (let index = 0; index < count; index++) {
      const record = this.#recordAt(at);
      records.push(record);
      at = record.next;
    }
    if (at !== end) throw malformed('the directory is of another length');
    assertSize(records.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0));
    const entries = records.map((record) => this.#located(record, start));
    const comment = this.#bytes.length - endAt - END_BYTES;
    return { entries, hasStrayBytes: comment > 0 || hasGaps(entries, start) };
  }

  /** The record that ends the file, with a comment that reaches to the last byte. */
  #findEnd(): number {
    const last = this.#bytes.length - END_BYTES;
    const first = Math.max(0, last - MOST_COMMENT_BYTES);
    for (let at = last; at >= first; at--) {
      if (this.#u32(at) === DIRECTORY_END && this.#u16(at + 20) === last - at) return at;
    }
    throw malformed('no end of the directory');
  }

  /** Where the directory lies; `end` is the first byte behind it. */
  #extentOf(endAt: number): Record<'count' | 'sizeBytes' | 'start' | 'end', number> {
    const locatorAt = endAt - ZIP64_LOCATOR_BYTES;
    if (locatorAt >= 0 && this.#u32(locatorAt) === ZIP64_LOCATOR) {
      const at = this.#u64(locatorAt + 8);
      if (this.#u32(at) !== ZIP64_END || at + 12 + this.#u64(at + 4) !== locatorAt) {
        throw malformed('no Zip64 end of the directory');
      }
      const count = this.#u64(at + 32);
      return { count, sizeBytes: this.#u64(at + 40), start: this.#u64(at + 48), end: at };
    }
    const count = this.#u16(endAt + 10);
    const isWhole =
      this.#u16(endAt + 4) === 0 && this.#u16(endAt + 6) === 0 && this.#u16(endAt + 8) === count;
    if (!isWhole) throw malformed('of several disks');
    return { count, sizeBytes: this.#u32(endAt + 12), start: this.#u32(endAt + 16), end: endAt };
  }

  #recordAt(at: number): DirectoryRecord {
    if (this.#u32(at) !== DIRECTORY_HEADER) throw malformed('no entry where one has to be');
    const flags = this.#u16(at + 8);
    const method = this.#u16(at + 10);
    const extraAt = at + 46 + this.#u16(at + 28);
    const extraEnd = extraAt + this.#u16(at + 30);
    if ((flags & ENCRYPTED) !== 0) throw malformed('encrypted');
    if (method !== STORED && method !== DEFLATED) throw malformed(`method ${method}`);
    const [unpackedBytes, packedBytes, start] = this.#wide(
      [this.#u32(at + 24), this.#u32(at + 20), this.#u32(at + 42)],
      extraAt,
      extraEnd,
    );
    return {
      name: this.#bytes.subarray(at + 46, extraAt),
      flags,
      method,
      crc32: this.#u32(at + 16),
      unpackedBytes,
      packedBytes,
      start,
      next: extraEnd + this.#u16(at + 32),
    };
  }

  #located(record: DirectoryRecord, dataEnd: number): Located {
    const { name, flags, method, crc32, unpackedBytes, packedBytes, start } = record;
    const dataAt = this.#checkedHeader(record);
    const end = dataAt + packedBytes;
    if (end > dataEnd) throw malformed('an entry beyond the directory');
    return {
      name: nameOf(name, flags),
      isDeflated: method === DEFLATED,
      crc32,
      unpackedBytes,
      packed: this.#bytes.subarray(dataAt, end),
      start,
      end: end + ((flags & HAS_DESCRIPTOR) === 0 ? 0 : this.#descriptorBytes(end, crc32)),
    };
  }

  /** Where the data begin, behind a header that says what the directory says. */
  #checkedHeader(said: DirectoryRecord): number {
    const at = said.start;
    if (this.#u32(at) !== LOCAL_HEADER) throw malformed('an entry without a header');
    const flags = this.#u16(at + 6);
    const nameLength = this.#u16(at + 26);
    const extraAt = at + 30 + nameLength;
    const dataAt = extraAt + this.#u16(at + 28);
    const name = this.#bytes.subarray(at + 30, extraAt);
    const isSame =
      this.#u16(at + 8) === said.method &&
      (flags & (ENCRYPTED | UTF8_NAME)) === (said.flags & (ENCRYPTED | UTF8_NAME)) &&
      name.length === said.name.length &&
      name.every((byte, index) => byte === said.name[index]);
    if (!isSame) throw malformed('a header that contradicts the directory');
    // With a descriptor the sizes stand behind the data.
    if ((flags & HAS_DESCRIPTOR) === 0) {
      const [unpacked, packed] = this.#wide(
        [this.#u32(at + 22), this.#u32(at + 18)],
        extraAt,
        dataAt,
      );
      if (unpacked !== said.unpackedBytes || packed !== said.packedBytes) {
        throw malformed('sizes that contradict the directory');
      }
    }
    return dataAt;
  }

  /** Its checksum, and both sizes in four or eight bytes each; with a mark or, by old writers, without. */
  #descriptorBytes(at: number, crc32: number): number {
    const isMarked = this.#u32(at) === DESCRIPTOR && this.#u32(at + 4) === crc32;
    const markBytes = isMarked ? 4 : 0;
    if (this.#u32(at + markBytes) !== crc32) throw malformed('no descriptor behind the data');
    const isNext = (after: number): boolean => {
      const mark = this.#u32(after);
      return mark === LOCAL_HEADER || mark === DIRECTORY_HEADER || mark === ZIP64_END;
    };
    return markBytes + (isNext(at + markBytes + 12) ? 12 : 20);
  }

  /** `values`, those that do not fit taken from the Zip64 extra field in their order. */
  #wide<T extends readonly number[]>(values: T, extraAt: number, extraEnd: number): T {
    if (!values.includes(ELSEWHERE)) return values;
    for (let at = extraAt; at + 4 <= extraEnd; at += 4 + this.#u16(at + 2)) {
      if (this.#u16(at) !== ZIP64_EXTRA) continue;
      const fieldEnd = Math.min(extraEnd, at + 4 + this.#u16(at + 2));
      let wideAt = at + 4;
      return values.map((value) => {
        if (value !== ELSEWHERE) return value;
        if (wideAt + 8 > fieldEnd) throw malformed('a number that is nowhere');
        wideAt += 8;
        return this.#u64(wideAt - 8);
      }) as unknown as T;
    }
    throw malformed('a number that is nowhere');
  }

  #u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  #u64(at: number): number {
    const value = Number(this.#view.getBigUint64(at, true));
    if (!Number.isSafeInteger(value)) throw malformed('a number beyond all bounds');
    return value;
  }
}

/** @throws ZipFault `format` where entries lie over one another */
function hasGaps(entries: readonly Located[], directoryAt: number): boolean {
  let at = 0;
  let isGap = false;
  for (const { start, end } of [...entries].sort((a, b) => a.start - b.start)) {
    if (start < at) throw malformed('entries that overlap');
    isGap ||= start > at;
    at = end;
  }
  if (at > directoryAt) throw malformed('an entry beyond the directory');
  return isGap || at < directoryAt;
}

/** In UTF-8 where the entry says so; else byte by byte, of which ASCII is what writers agree on. */
function nameOf(bytes: Uint8Array, flags: number): string {
  if ((flags & UTF8_NAME) === 0) return String.fromCharCode(...bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new ZipFault('format', 'a name that is no UTF-8', error);
  }
}

function malformed(what: string): ZipFault {
  return new ZipFault('format', what);
}
