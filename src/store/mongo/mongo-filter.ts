/** Filters of lists and counts. Values are strings and numbers only: none can become an operator. */
import type { Scope } from '../collection.js';
import type { Bound, Predicate, QueryShape } from '../query-shape.js';
import { EVERYONE, pathOf } from './mongo-indexes.js';

export type Filter = Record<string, unknown>;

const OPERATORS = { '>': '$gt', '>=': '$gte', '<': '$lt', '<=': '$lte' } as const;

/** @returns a filter that holds where all predicates hold and the scope reaches */
export function filterOf(predicates: readonly Predicate[], scope: Scope): Filter {
  return { $and: [scopeFilter(scope), ...predicates.map(predicateFilter)] };
}

/** The filter of one page. */
export function pageFilter(shape: QueryShape, scope: Scope): Filter {
  const clauses: Filter[] = [filterOf(shape.predicates, scope)];
  if (shape.orderBy !== undefined) clauses.push({ [pathOf(shape.orderBy)]: { $exists: true } });
  const after = afterFilter(shape);
  if (after !== undefined) clauses.push(after);
  return { $and: clauses };
}

export function scopeFilter(scope: Scope): Filter {
  if (scope.kind === 'all') return { scope: EVERYONE };
  const [key] = scope.keys;
  // One key lets the index give the order as well.
  const reached = scope.keys.length === 1 ? { scope: key } : { scope: { $in: scope.keys } };
  return scope.within === undefined ? reached : { $and: [reached, { scope: scope.within }] };
}

function predicateFilter(predicate: Predicate): Filter {
  const path = pathOf(predicate.index);
  if (predicate.kind === 'in') {
    const [value] = predicate.values;
    return predicate.values.length === 1
      ? { [path]: { $eq: value } }
      : { [path]: { $in: predicate.values } };
  }
  if (predicate.bounds.length === 0) return { [path]: { $exists: true } };
  const tests = predicate.bounds.map(boundFilter);
  if (predicate.many) return { [path]: { $elemMatch: Object.assign({}, ...tests) as Filter } };
  return { $and: tests.map((test) => ({ [path]: test })) };
}

/** Comparison operators compare within one type, as the port asks. */
function boundFilter({ operator, value }: Bound): Filter {
  return { [OPERATORS[operator]]: value };
}

function afterFilter(shape: QueryShape): Filter | undefined {
  const { after, orderBy, isDescending } = shape;
  if (after === undefined) return undefined;
  const operator = isDescending ? '$lt' : '$gt';
  if (orderBy === undefined || after.value === undefined) return { _id: { [operator]: after.id } };
  const path = pathOf(orderBy);
  const later: Filter[] = [
    { [path]: { [operator]: after.value } },
    { [path]: { $eq: after.value }, _id: { [operator]: after.id } },
  ];
  // Numbers come before strings, but `$gt` of a number holds for numbers only.
  if (!isDescending && typeof after.value === 'number') later.push({ [path]: { $gte: '' } });
  if (isDescending && typeof after.value === 'string') later.push({ [path]: { $lte: Infinity } });
  return { $or: later };
}
