/** What every adapter derives from a CollectionSpec: checked index values, scope keys, the stored JSON. */
import { AppError } from '../kernel/index.js';
import type { CollectionSpec, IndexSpec, IndexValue, Scope, StoredDocument } from './collection.js';

/** A document as adapters store it. */
export interface RecordShape {
  readonly id: string;
  readonly version: number;
  /** The document as JSON. */
  readonly body: string;
  /** Values by index name, without repetition; an empty array where the document is not in the index. */
  readonly values: ReadonlyMap<string, readonly IndexValue[]>;
  /** Without repetition. */
  readonly scopeKeys: readonly string[];
}

const COLLECTION_NAME = /^[a-z][A-Za-z0-9_-]{0,40}$/;
const INDEX_NAME = /^[A-Za-z][A-Za-z0-9]{0,40}$/;
// With the `u` flag this matches lone surrogates only: text that UTF-8 cannot carry.
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Checks the names of a spec, once, when its collection is opened.
 * @throws AppError `internal`: a spec is code
 */
export function checkSpec<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
): void {
  const names = Object.keys(spec.indexes);
  const isSound =
    COLLECTION_NAME.test(spec.name) &&
    names.every((name) => INDEX_NAME.test(name) && name.toLowerCase() !== 'id') &&
    indexesOf(spec).every(([, index]) => isOrder(spec, index)) &&
    new Set(names.map((name) => name.toLowerCase())).size === names.length;
  if (!isSound)
    throw new AppError('internal', `collection ${spec.name}: unsuitable names or order`);
}

/** Whether what an index is walked by next can be walked at all. */
function isOrder<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
  index: IndexSpec<T>,
): boolean {
  if (index.many === true || index.thenBy === undefined) return true;
  return Object.hasOwn(spec.indexes, index.thenBy) && spec.indexes[index.thenBy as K].many !== true;
}

/** The indexes of `spec` with their names, in a fixed order. */
export function indexesOf<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
): readonly (readonly [name: K, index: IndexSpec<T>])[] {
  return (Object.keys(spec.indexes) as K[]).sort().map((name) => [name, spec.indexes[name]]);
}

/**
 * A text that changes when stored indexes must be rebuilt: names and kinds of indexes and the
 * spec's revision.
 */
export function specSignature<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
): string {
  const indexes = indexesOf(spec).map(([name, index]) => {
    const order = index.many === true ? '[]' : index.thenBy === undefined ? '' : `>${index.thenBy}`;
    const reach = index.many !== true && index.unscoped === true ? '*' : '';
    return `${name}${order}${reach}${index.unique === true ? '!' : ''}`;
  });
  return `r${spec.revision ?? 1} ${indexes.join(' ')}`;
}

/**
 * The JSON, index values and scope keys of `document`.
 * @throws AppError `input-invalid` (params `index`) for a value that cannot be indexed: not finite, or not well-formed Unicode
 */
export function shapeRecord<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
  document: T,
): RecordShape {
  if (!isText(document.id) || document.id === '') throw unsuitable(spec.name, 'id');
  if (!Number.isSafeInteger(document.version) || document.version < 1) {
    throw unsuitable(spec.name, 'version');
  }
  const values = new Map<string, readonly IndexValue[]>();
  for (const [name, index] of indexesOf(spec)) {
    const found = index.of(document);
    const list = Array.isArray(found) ? (found as readonly IndexValue[]) : asList(found);
    if (Array.isArray(found) !== (index.many === true) && found !== undefined) {
      throw new AppError('internal', `${spec.name}.${name}: "many" and the value do not agree`);
    }
    if (!list.every(isIndexValue)) throw unsuitable(spec.name, name);
    values.set(name, [...new Set(list)]);
  }
  const scopeKeys = [...new Set(spec.scopeKeys(document))];
  if (!scopeKeys.every((key) => isText(key) && key !== '')) throw unsuitable(spec.name, 'scope');
  return {
    id: document.id,
    version: document.version,
    body: toJson(spec.name, document),
    values,
    scopeKeys,
  };
}

/** Tells whether a document with `scopeKeys` is within `scope`. */
export function isInScope(scope: Scope, scopeKeys: readonly string[]): boolean {
  if (scope.kind === 'all') return true;
  const isWithin = scope.within === undefined || scopeKeys.includes(scope.within);
  return isWithin && scope.keys.some((key) => scopeKeys.includes(key));
}

/**
 * The order of the port: numbers before strings, strings by their UTF-8 bytes.
 * @returns negative, zero or positive
 */
export function compareIndexValues(a: IndexValue, b: IndexValue): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  if (typeof b === 'number') return 1;
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Tells whether `value` can be kept in an index. */
export function isIndexValue(value: unknown): value is IndexValue {
  return isText(value) || (typeof value === 'number' && Number.isFinite(value));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && !LONE_SURROGATE.test(value);
}

function asList(value: IndexValue | readonly IndexValue[] | undefined): readonly IndexValue[] {
  return value === undefined ? [] : ([value] as readonly IndexValue[]);
}

function unsuitable(collection: string, index: string): AppError {
  return new AppError('input-invalid', `${collection}: value of ${index} cannot be indexed`, {
    params: { collection, index },
  });
}

function toJson(collection: string, document: StoredDocument): string {
  try {
    return JSON.stringify(document);
  } catch (error) {
    throw new AppError('internal', `${collection}: document is not JSON`, { cause: error });
  }
}
