/** Queries as adapters execute them: checked, with ranges in one form and the cursor opened. */
import { AppError } from '../kernel/index.js';
import type {
  CollectionSpec,
  Condition,
  IndexValue,
  Query,
  Scope,
  StoredDocument,
} from './collection.js';
import { isIndexValue } from './record-shape.js';

export interface Bound {
  readonly operator: '>' | '>=' | '<' | '<=';
  readonly value: IndexValue;
}

/** One condition, normalised. `bounds` may be empty: any value will do. */
export type Predicate =
  | {
      readonly kind: 'in';
      readonly index: string;
      readonly many: boolean;
      readonly values: readonly IndexValue[];
    }
  | {
      readonly kind: 'range';
      readonly index: string;
      readonly many: boolean;
      readonly bounds: readonly Bound[];
    };

/** Where a page ended: the ordering value (absent when ordered by id) and the id. */
export interface Position {
  readonly value: IndexValue | undefined;
  readonly id: string;
}

export interface QueryShape {
  readonly predicates: readonly Predicate[];
  readonly orderBy: string | undefined;
  readonly isDescending: boolean;
  readonly limit: number;
  readonly after: Position | undefined;
}

const MAX_LIMIT = 1000;

/**
 * @throws AppError `internal` for an unscoped index that is asked for within a scope
 * @throws AppError `input-invalid` (params `parameter`) for a limit, cursor, index or value that cannot be asked for
 */
export function shapeQuery<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
  query: Query<K>,
  scope: Scope,
): QueryShape {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > MAX_LIMIT) {
    throw invalid(spec.name, 'limit');
  }
  const isDescending = query.direction === 'desc';
  if (query.orderBy !== undefined) {
    const index = Object.hasOwn(spec.indexes, query.orderBy)
      ? spec.indexes[query.orderBy]
      : undefined;
    if (index === undefined || index.many === true) throw invalid(spec.name, 'orderBy');
    assertReached(spec, query.orderBy, scope);
  }
  return {
    predicates: shapeWhere(spec, query.where, scope),
    orderBy: query.orderBy,
    isDescending,
    limit: query.limit,
    after: startOf(spec.name, query),
  };
}

function startOf<K extends string>(
  collection: string,
  { cursor, afterId, orderBy, direction }: Query<K>,
): Position | undefined {
  const isDescending = direction === 'desc';
  if (afterId !== undefined && (orderBy !== undefined || isDescending || !isIndexValue(afterId))) {
    throw invalid(collection, 'afterId');
  }
  if (cursor !== undefined) return openCursor(collection, cursor, orderBy, isDescending);
  return afterId === undefined ? undefined : { value: undefined, id: afterId };
}

/** @throws AppError `input-invalid` as {@link shapeQuery} does */
export function shapeWhere<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
  where: Query<K>['where'],
  scope: Scope,
): readonly Predicate[] {
  const predicates: Predicate[] = [];
  for (const [name, condition] of Object.entries(where ?? {}) as [K, Condition | undefined][]) {
    if (condition === undefined) continue;
    if (!Object.hasOwn(spec.indexes, name)) throw invalid(spec.name, name);
    assertReached(spec, name, scope);
    predicates.push(shapeCondition(spec.name, name, spec.indexes[name].many === true, condition));
  }
  return predicates;
}

function assertReached<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
  name: K,
  scope: Scope,
): void {
  const index = spec.indexes[name];
  if (index.many !== true && index.unscoped === true && scope.kind !== 'all') {
    throw new AppError('internal', `${spec.name}.${name} is not for lists within a scope`);
  }
}

/** The opaque cursor that continues after `position`. */
export function sealCursor(shape: QueryShape, position: Position): string {
  const parts = [shape.orderBy ?? '', shape.isDescending ? 1 : 0, position.id];
  if (position.value !== undefined) parts.push(position.value);
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function openCursor(
  collection: string,
  cursor: string,
  orderBy: string | undefined,
  isDescending: boolean,
): Position {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    throw invalid(collection, 'cursor', error);
  }
  if (!Array.isArray(parts)) throw invalid(collection, 'cursor');
  const [cursorOrder, cursorDirection, id, value] = parts as unknown[];
  const isForThisQuery =
    cursorOrder === (orderBy ?? '') &&
    cursorDirection === (isDescending ? 1 : 0) &&
    parts.length === (orderBy === undefined ? 3 : 4);
  if (!isForThisQuery || typeof id !== 'string' || !isIndexValue(id)) {
    throw invalid(collection, 'cursor');
  }
  if (orderBy === undefined) return { value: undefined, id };
  if (!isIndexValue(value)) throw invalid(collection, 'cursor');
  return { value, id };
}

function shapeCondition(
  collection: string,
  index: string,
  many: boolean,
  condition: Condition,
): Predicate {
  if ('eq' in condition) {
    if (!isIndexValue(condition.eq)) throw invalid(collection, index);
    return { kind: 'in', index, many, values: [condition.eq] };
  }
  if ('in' in condition) {
    if (!condition.in.every(isIndexValue)) throw invalid(collection, index);
    return { kind: 'in', index, many, values: [...new Set(condition.in)] };
  }
  const bounds: Bound[] = [];
  const add = (operator: Bound['operator'], value: IndexValue | undefined): void => {
    if (value === undefined) return;
    if (!isIndexValue(value)) throw invalid(collection, index);
    bounds.push({ operator, value });
  };
  add('>', condition.gt);
  add('>=', condition.gte);
  add('<', condition.lt);
  add('<=', condition.lte);
  return { kind: 'range', index, many, bounds };
}

function invalid(collection: string, parameter: string, cause?: unknown): AppError {
  return new AppError('input-invalid', `${collection}: ${parameter} cannot be asked for`, {
    params: { parameter },
    cause,
  });
}
