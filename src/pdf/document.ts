/** A PDF file, read lazily: its cross-references, objects and revisions. */
import {
  AppError,
  PrefixSource,
  isAppError,
  type ByteSource,
  type Secret,
} from '../kernel/index.js';
import { unlock, type AccessRights, type Unlocked, type UnlockCache } from './encryption/unlock.js';
import { decodeFilters } from './filters.js';
import { readFields, type FormField } from './form-fields.js';
import { indexOfText, type IndirectObject, type ObjectContext } from './indirect-object.js';
import { DEFAULT_LIMITS, type PdfLimits } from './limits.js';
import { ObjectStream } from './object-stream.js';
import { PdfArray, PdfDict, PdfName, PdfRef, isName, type PdfValue } from './objects.js';
import { PageTree } from './page-tree.js';
import { ParsedObjects } from './parsed-objects.js';
import { Parser, type EntrySpan } from './parser.js';
import { limitExceeded, malformed } from './pdf-errors.js';
import { mendXref, rebuildXref } from './repair.js';
import { groupRevisions, type Revision } from './revisions.js';
import {
  findStartxref,
  lookupInLevel,
  mergeLevels,
  readXrefChain,
  type XrefLevel,
} from './xref-chain.js';
import type { XrefEntry, XrefSection } from './xref-section.js';

export interface OpenOptions {
  /** `strict` (default) refuses what it would have to guess; `lenient` puts it right and says so. */
  readonly mode?: 'strict' | 'lenient';
  readonly limits?: Partial<PdfLimits>;
  /** Of an encrypted file, the owner's or the user's, UTF-8; read while the file and its revisions are opened. */
  readonly password?: Secret;
  /**
   * A document over bytes that this file begins with, or that begin with this file: objects that it parsed
   * are not parsed again. The caller answers for the bytes being the same.
   */
  readonly alike?: PdfDocument;
}

/** Something lenient reading had to put right. */
export interface Repair {
  readonly what: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
}

/** From this many levels on, one merged index is worth its memory. */
const DEEP_CHAIN = 16;
const HEADER_WINDOW = 1024;
const CACHED_OBJECTS = 8192;
const CACHED_STREAM_BYTES = 32 * 1024 * 1024;
const LONGEST_REFERENCE_CHAIN = 32;

/**
 * Opens a PDF. Reads the header, the end and the cross-reference sections; objects are read when asked for.
 *
 * @throws AppError `pdf-not-a-pdf` where there is no header, `pdf-malformed`, `pdf-limit-exceeded`,
 * `pdf-unsupported`, `pdf-password-incorrect`
 */
export function openPdf(source: ByteSource, options: OpenOptions = {}): PdfDocument {
  return new PdfDocument(source, options);
}

interface OpenedXref {
  readonly levels: readonly XrefLevel[];
  readonly base: number;
}

/** What a revision of an open file need not find out again. */
interface KnownState extends OpenedXref {
  readonly unlockCache: UnlockCache;
  readonly parsed: ParsedObjects;
}

interface Header {
  readonly offset: number;
  readonly version: string;
}

/** Lenient reading reads past damage, but neither past a limit nor past encryption. */
function rethrowUnlessDamage(error: unknown): void {
  if (!isAppError(error, 'pdf-malformed', 'pdf-unsupported')) throw error;
}

/** @throws AppError `pdf-not-a-pdf` */
function readHeader(source: ByteSource): Header {
  const bytes = source.read(0, Math.min(HEADER_WINDOW, source.size));
  const offset = indexOfText(bytes, '%PDF-', 0);
  if (offset < 0) throw new AppError('pdf-not-a-pdf', 'no %PDF- header');
  let version = '';
  for (let at = offset + 5; at < offset + 8; at++) {
    version += String.fromCharCode(bytes[at] ?? 0x20);
  }
  return { offset, version };
}

/** A PDF as one of its revisions shows it. Values returned by it are immutable. */
export class PdfDocument {
  readonly source: ByteSource;
  readonly mode: 'strict' | 'lenient';
  readonly limits: PdfLimits;
  /** Bytes before `%PDF-`; 0 in a file as it should be. */
  readonly headerOffset: number;
  /** Version of the header, such as `1.7`. */
  readonly headerVersion: string;
  #xref: OpenedXref = { levels: [], base: 0 };
  readonly #options: OpenOptions;
  readonly #context: ObjectContext;
  readonly #repairs: Repair[] = [];
  readonly #parsed: ParsedObjects;
  readonly #objects = new Map<number, IndirectObject | undefined>();
  readonly #streams = new Map<number, ObjectStream>();
  #streamBytes = 0;
  #parsedBytes = 0;
  #decodedBytes = 0;
  readonly #beingRead = new Set<number>();
  #isOpen = false;
  #isRebuilt = false;
  #hasTriedToMend = false;
  #merged: ReadonlyMap<number, XrefEntry> | undefined;
  #pages: PageTree | undefined;
  #fields: readonly FormField[] | undefined;
  #revisions: readonly Revision[] | undefined;
  readonly #unlockCache: UnlockCache;
  #unlocked: Unlocked | undefined;
  /** Why what is encrypted cannot be read. */
  #obstacle: AppError | undefined;

  /** @param known - Levels and base already read from the same bytes, for one revision of an open file. */
  constructor(source: ByteSource, options: OpenOptions = {}, known?: KnownState) {
    this.source = source;
    this.#unlockCache = known?.unlockCache ?? new Map<string, Unlocked>();
    this.#options = options;
    this.mode = options.mode ?? 'strict';
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    const { alike } = options;
    const shared = known?.parsed ?? (alike === undefined ? undefined : alike.#parsed);
    this.#parsed = shared?.suits(this.limits) === true ? shared : new ParsedObjects(this.limits);
    const header = readHeader(source);
    this.headerOffset = header.offset;
    this.headerVersion = header.version;
    this.#context = {
      source,
      limits: this.limits,
      lenient: this.mode === 'lenient',
      resolve: (value) => this.resolve(value),
      assertReadable: () => {
        this.assertReadable();
      },
      decrypt: (object) => this.#decrypt(object),
      account: (bytes) => {
        this.#account(bytes);
      },
      accountDecoded: (bytes) => {
        this.#accountDecoded(bytes);
      },
      onRepair: (what, offset) => {
        this.#noteRepair(what, offset);
      },
    };
    this.#xref = known ?? this.#openXref();
    this.#isOpen = true;
    this.#unlock();
    if (this.mode === 'lenient' && !this.#isRebuilt) this.#mendAtOnce();
    if (this.#isRebuilt && this.#unlocked !== undefined) {
      // Now that object streams can be decrypted, what lies in them can be found.
      this.#replaceXref(rebuildXref(this.#context));
    }
  }

  /** Cross-reference levels, newest first. */
  get levels(): readonly XrefLevel[] {
    return this.#xref.levels;
  }

  /** What offsets written in the file are counted from: 0, or {@link headerOffset}. */
  get base(): number {
    return this.#xref.base;
  }

  /** The newest trailer dictionary, or the dictionary of the newest cross-reference stream. */
  get trailer(): PdfDict {
    const newest = this.levels[0];
    if (newest === undefined) throw malformed('no cross-reference section');
    return newest.main.trailer;
  }

  /** Whether reading needed repairs so far; always false in strict mode. */
  get repaired(): boolean {
    return this.#repairs.length > 0;
  }

  /** What was put right so far; grows as objects are read. */
  get repairs(): readonly Repair[] {
    return this.#repairs;
  }

  /** Whether the cross-reference in use was rebuilt by looking through the file. */
  get isRebuilt(): boolean {
    return this.#isRebuilt;
  }

  /** Whether the file is encrypted; whether what is encrypted can be read, {@link assertReadable} tells. */
  get encrypted(): boolean {
    return this.#encrypt() !== undefined;
  }

  /** What the password permits; undefined where the file is not encrypted. @throws AppError as {@link assertReadable} */
  get rights(): AccessRights | undefined {
    this.assertReadable();
    return this.#unlocked?.rights;
  }

  /**
   * @throws AppError `pdf-encrypted` where the file needs a password that was not given, `pdf-unsupported`
   * (params `feature`) where it is encrypted in a way that is not supported, `pdf-malformed`
   */
  assertReadable(): void {
    if (this.#obstacle !== undefined) throw this.#obstacle;
  }

  /** Version in force: the later of the header's and the catalog's. */
  get version(): string {
    const inCatalog = this.resolve(this.catalog.get('Version'));
    const named = inCatalog instanceof PdfName ? inCatalog.value : '';
    return /^\d\.\d$/.test(named) && named > this.headerVersion ? named : this.headerVersion;
  }

  /** @throws AppError `pdf-malformed` where `/Root` is not a dictionary. */
  get catalog(): PdfDict {
    const catalog = this.resolve(this.trailer.get('Root'));
    if (!(catalog instanceof PdfDict)) {
      throw malformed('no catalog', this.levels[0]?.main.span.start);
    }
    return catalog;
  }

  /** @throws AppError `pdf-malformed` where `/Root` is not a reference. */
  get catalogRef(): PdfRef {
    const root = this.trailer.get('Root');
    if (!(root instanceof PdfRef)) {
      throw malformed('Root is not a reference', this.levels[0]?.main.span.start);
    }
    return root;
  }

  get pages(): PageTree {
    return (this.#pages ??= new PageTree(this));
  }

  /** The terminal fields of the interactive form; empty without one. @throws AppError `pdf-malformed`, `pdf-limit-exceeded` */
  get fields(): readonly FormField[] {
    return (this.#fields ??= readFields(this));
  }

  /** The revisions, oldest first. A rebuilt file has one, the whole. @throws AppError `pdf-malformed` */
  get revisions(): readonly Revision[] {
    return (this.#revisions ??= groupRevisions(this));
  }

  /**
   * The file as it was when it ended at `endOffset`, with the same options.
   *
   * @param endOffset - `endOffset` or `eofOffset` of a revision, or any other length.
   * @throws AppError as {@link openPdf}
   */
  atRevision(endOffset: number): PdfDocument {
    const source = new PrefixSource(this.source, endOffset);
    const revision = this.revisions.find(
      (each) => each.endOffset === endOffset || each.eofOffset === endOffset,
    );
    // Read alone, the prefix would lead to the very sections read already: spares a file of many revisions
    // reading each chain again.
    if (revision !== undefined && revision.declaredStartxref === revision.startxref) {
      return new PdfDocument(source, this.#options, this.#stateOf(revision));
    }
    return new PdfDocument(source, this.#options);
  }

  /**
   * The state that the sections of `revision` and those before it describe, whether or not the bytes up to its
   * end would be read that way alone; for looking over damaged files.
   */
  atLevelOf(revision: Revision): PdfDocument {
    return new PdfDocument(this.source, this.#options, this.#stateOf(revision));
  }

  #stateOf(revision: Revision): KnownState {
    const newest = this.levels.findIndex(
      (level) => level.main.span.start === revision.xrefSpan.start,
    );
    return {
      levels: this.levels.slice(newest),
      base: this.base,
      unlockCache: this.#unlockCache,
      parsed: this.#parsed,
    };
  }

  /** One more than the highest object number any section speaks of. */
  get nextObjectNumber(): number {
    let next = 1;
    for (const { main, hybrid } of this.levels) {
      for (const section of hybrid === undefined ? [main] : [main, hybrid]) {
        const size = section.trailer.get('Size');
        if (typeof size === 'number' && Number.isSafeInteger(size)) {
          next = Math.max(next, Math.min(size, this.limits.maxObjectNumber));
        }
        for (const { first, count } of section.subsections) next = Math.max(next, first + count);
      }
    }
    return next;
  }

  /** The cross-reference entry in force; undefined where no section has one. @throws AppError `pdf-malformed` */
  lookup(num: number): XrefEntry | undefined {
    if (this.levels.length > DEEP_CHAIN) {
      this.#merged ??= mergeLevels(this.levels);
      if (this.#merged !== undefined) return this.#merged.get(num);
    }
    for (const level of this.levels) {
      const entry = lookupInLevel(level, num);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /**
   * The definition of object `num` that is in force; undefined where it is free or unknown.
   *
   * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`, `pdf-encrypted` (compressed in an encrypted file)
   */
  getObject(num: number): IndirectObject | undefined {
    if (this.#objects.has(num)) return this.#objects.get(num);
    // While the sections themselves are read there is nothing to look up in.
    if (!this.#isOpen) return undefined;
    if (this.#beingRead.has(num)) throw malformed(`object ${num} needs itself to be read`);
    this.#beingRead.add(num);
    try {
      const object = this.mode === 'strict' ? this.#readObject(num) : this.#readLeniently(num);
      if (this.#objects.size >= CACHED_OBJECTS) this.#objects.clear();
      this.#objects.set(num, object);
      return object;
    } finally {
      this.#beingRead.delete(num);
    }
  }

  /**
   * `value` with references followed; null for one that leads nowhere, as the standard has it.
   *
   * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`, `pdf-encrypted`
   */
  resolve(value: PdfValue | undefined): PdfValue {
    let found = value ?? null;
    for (let i = 0; found instanceof PdfRef; i++) {
      if (i > LONGEST_REFERENCE_CHAIN) throw malformed('references loop');
      const object: IndirectObject | undefined = this.getObject(found.num);
      found = object?.gen === found.gen ? object.value : null;
    }
    return found;
  }

  /** {@link resolve}, where only a dictionary is of use. */
  resolveDict(value: PdfValue | undefined): PdfDict | undefined {
    const found = this.resolve(value);
    return found instanceof PdfDict ? found : undefined;
  }

  /** {@link resolve}, where only an array is of use. */
  resolveArray(value: PdfValue | undefined): PdfArray | undefined {
    const found = this.resolve(value);
    return found instanceof PdfArray ? found : undefined;
  }

  /** The object stream numbered `num`, decoded. @throws AppError `pdf-malformed`, `pdf-limit-exceeded`, `pdf-encrypted` */
  objectStream(num: number): ObjectStream {
    const cached = this.#streams.get(num);
    if (cached !== undefined) return cached;
    const entry = this.lookup(num);
    if (entry?.kind !== 'in-file') throw malformed(`object stream ${num} is missing`);
    const value = this.getObject(num)?.value ?? null;
    const onRepair = this.mode === 'lenient' ? this.#context.onRepair : undefined;
    const stream = new ObjectStream(num, value, this.limits, onRepair);
    if (this.#streamBytes + stream.size > CACHED_STREAM_BYTES) {
      this.#streams.clear();
      this.#streamBytes = 0;
    }
    this.#streams.set(num, stream);
    this.#streamBytes += stream.size;
    return stream;
  }

  /** How to read an object of this file at a place no cross-reference names; for the structural scan. */
  readAt(offset: number): IndirectObject {
    return this.#parsed.read(this.#context, offset);
  }

  /**
   * The exact bytes of each key and value of a dictionary read from this file, in order, duplicates included:
   * what a verifier needs to prove that a gap is this dictionary's `/Contents` token and nothing else.
   *
   * @throws AppError `input-invalid` for a dictionary that was built, `pdf-malformed`
   */
  entrySpans(dict: PdfDict): readonly EntrySpan[] {
    const { origin } = dict;
    if (origin === undefined) throw new AppError('input-invalid', 'dictionary was not parsed');
    const onRepair = this.mode === 'lenient' ? this.#context.onRepair : undefined;
    const parser =
      origin.container === undefined
        ? new Parser(this.source, this.limits, undefined, onRepair)
        : this.objectStream(origin.container).parser();
    parser.pos = origin.span.start;
    const spans: EntrySpan[] = [];
    parser.parseDict(1, (entry) => spans.push(entry));
    return spans;
  }

  #openXref(): OpenedXref {
    const bases = this.headerOffset === 0 ? [0] : [0, this.headerOffset];
    let failure: unknown;
    let startxref = 0;
    try {
      startxref = findStartxref(this.#context);
      for (const base of bases) {
        try {
          const levels = readXrefChain(this.#context, startxref + base, base);
          return { levels, base };
        } catch (error) {
          failure ??= error;
        }
      }
    } catch (error) {
      failure = error;
    }
    if (this.mode === 'strict') throw failure;
    this.#forget();
    const rebuilt = rebuildXref(this.#context);
    this.#isRebuilt = true;
    this.#noteRepair('cross-reference cannot be read', startxref);
    return { levels: [{ main: rebuilt, hybrid: undefined }], base: this.headerOffset };
  }

  /** What shows at once, without reading every object. */
  #mendAtOnce(): void {
    if (this.#obstacle !== undefined) return;
    if (!this.#hasCatalog()) {
      this.#replaceXref(rebuildXref(this.#context));
      this.#noteRepair('cross-reference does not lead to a catalog', 0);
      this.#unlock();
    } else if (this.levels.some(({ main }) => main.isIrregular)) {
      this.#mendXref('cross-reference entries are not 20 bytes each');
    }
  }

  /**
   * Puts one section in place of the chain, in which every entry leads to its object: those of the chain that
   * do, and for the others what looking through the file finds.
   */
  #mendXref(what: string): void {
    this.#hasTriedToMend = true;
    try {
      const found = rebuildXref(this.#context);
      this.#replaceXref(mendXref(this.levels, found, (num) => this.#leadsToObject(num)));
      this.#noteRepair(what, 0);
    } catch (error) {
      // Without a catalog to be found the chain, which leads to one, is the better of the two.
      rethrowUnlessDamage(error);
    }
  }

  #replaceXref(section: XrefSection): void {
    this.#xref = { levels: [{ main: section, hybrid: undefined }], base: this.headerOffset };
    this.#isRebuilt = true;
    this.#merged = undefined;
    this.#revisions = undefined;
    this.#forget();
  }

  #leadsToObject(num: number): boolean {
    try {
      return this.#readObject(num) !== undefined;
    } catch (error) {
      rethrowUnlessDamage(error);
      return false;
    }
  }

  #hasCatalog(): boolean {
    try {
      const pages = this.resolve(this.catalog.get('Pages'));
      return pages instanceof PdfDict && !isName(pages.get('Type'), 'Catalog');
    } catch {
      return false;
    }
  }

  /** An object that cannot be read even after the cross-reference was mended is taken for null, as viewers do. */
  #readLeniently(num: number): IndirectObject | undefined {
    try {
      return this.#readObject(num);
    } catch (error) {
      if (error === this.#obstacle) throw error;
      rethrowUnlessDamage(error);
      if (!this.#isRebuilt && !this.#hasTriedToMend) {
        this.#mendXref('cross-reference leads elsewhere');
        return this.#readLeniently(num);
      }
      this.#noteRepair('object that cannot be read', num);
      return undefined;
    }
  }

  #readObject(num: number): IndirectObject | undefined {
    const entry = this.lookup(num);
    if (entry === undefined || entry.kind === 'free') return undefined;
    if (entry.kind === 'in-stream') {
      this.assertReadable();
      const container = this.objectStream(entry.container);
      const object = container.read(entry.index);
      if (object?.num === num) return object;
      if (this.mode === 'strict') {
        throw malformed(`object ${num} is not where its cross-reference says`);
      }
      this.#noteRepair('wrong index into an object stream', num);
      return container.read(container.indexOf(num));
    }
    const object = this.readAt(entry.offset);
    if (object.num !== num || object.gen !== entry.gen) {
      throw malformed(`cross-reference of object ${num} leads elsewhere`, entry.offset);
    }
    return this.#decrypt(object);
  }

  #encrypt(): PdfValue | undefined {
    // The newest section that has one: the main section of a linearised file need not.
    for (const { main } of this.levels) {
      const encrypt = main.trailer.get('Encrypt');
      if (encrypt !== undefined) return encrypt;
    }
    return undefined;
  }

  /** @throws AppError `pdf-password-incorrect`; any other obstacle waits until something encrypted is read */
  #unlock(): void {
    this.#unlocked = undefined;
    this.#obstacle = undefined;
    const encrypt = this.#encrypt();
    if (encrypt === undefined) return;
    try {
      this.#unlocked = unlock({
        encrypt,
        id: this.trailer.get('ID'),
        password: this.#options.password,
        resolve: (value) => this.resolve(value),
        cache: this.#unlockCache,
      });
    } catch (error) {
      if (!isAppError(error) || error.code === 'pdf-password-incorrect') throw error;
      this.#obstacle = error;
    }
    // Whatever was read on the way was read as it stands in the file.
    this.#forget();
  }

  #decrypt(object: IndirectObject): IndirectObject {
    if (this.#unlocked === undefined) return object;
    const resolve = (value: PdfValue | undefined): PdfValue => this.resolve(value);
    return this.#unlocked.cipher.decrypt(object, resolve, (dict, bytes) =>
      decodeFilters(dict, bytes, resolve, this.limits, {
        lenient: this.mode === 'lenient',
        account: (decoded) => {
          this.#accountDecoded(decoded);
        },
      }),
    );
  }

  /** `value` as it has to be written as object `ref` of this file. @throws AppError as {@link assertReadable} */
  encryptFor(ref: PdfRef, value: PdfValue): PdfValue {
    this.assertReadable();
    return this.#unlocked?.cipher.encrypt(ref, value, (each) => this.resolve(each)) ?? value;
  }

  #account(bytes: number): void {
    this.#parsedBytes += bytes;
    const allowed = this.limits.maxParsedBytes + 16 * this.source.size;
    if (this.#parsedBytes > allowed) throw limitExceeded('maxParsedBytes', allowed);
  }

  #accountDecoded(bytes: number): void {
    this.#decodedBytes += bytes;
    const allowed = this.limits.maxDecodedInAll + 32 * this.source.size;
    if (this.#decodedBytes > allowed) throw limitExceeded('maxDecodedInAll', allowed);
  }

  #noteRepair(what: string, offset: number): void {
    if (!this.#repairs.some((each) => each.what === what && each.offset === offset)) {
      this.#repairs.push({ what, offset });
    }
  }

  #forget(): void {
    this.#objects.clear();
    this.#streams.clear();
    this.#streamBytes = 0;
  }
}
