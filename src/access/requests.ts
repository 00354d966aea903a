/**
 * Requests that may be repeated, in the records they make and change: a process may die after the
 * write and before the answer, and whoever asks again with the same key is neither to be refused for
 * what the key itself has done, nor to get a second one of what it has made.
 */
import { AppError, idFrom, newId } from '../kernel/index.js';
import { SCOPE_ALL, type Collection, type StoredDocument } from '../store/index.js';
import type { Principal } from './roles.js';

type Requester = Pick<Principal, 'requestKey'>;

/** A record that remembers which requests changed it. */
export interface RequestsDone {
  /** Keys of the last requests that are in it, the newest last; absent where none had a key. */
  readonly requestsDone?: readonly string[];
}

/** Whoever asks again does so soon; the answer of a request that ended is kept elsewhere. */
const KEPT_REQUESTS = 8;

/** The id of what a request makes; with a key the same each time it is asked. */
export function idOfRequest(prefix: string, { requestKey }: Requester): string {
  return requestKey === undefined ? newId(prefix) : idFrom(prefix, requestKey);
}

/**
 * What the same request made before it broke off, or `undefined`.
 * @param isSame - whether the record is what is asked for now: a key may be used again long after its
 *   answer was forgotten
 * @throws AppError `idempotency-key-reused` where it is not
 */
export async function madeBefore<T extends StoredDocument>(
  records: Pick<Collection<T, never>, 'get'>,
  prefix: string,
  requester: Requester,
  isSame: (made: T) => boolean,
): Promise<T | undefined> {
  if (requester.requestKey === undefined) return undefined;
  const made = await records.get(idOfRequest(prefix, requester), SCOPE_ALL);
  if (made === undefined || isSame(made)) return made;
  throw new AppError('idempotency-key-reused', 'the key has made something else');
}

/** `next` as the effect of the request, where it has a key. */
export function withRequestDone<T extends RequestsDone>(
  next: T,
  requestKey: string | undefined,
): T {
  if (requestKey === undefined) return next;
  const requestsDone = [...(next.requestsDone ?? []), requestKey].slice(-KEPT_REQUESTS);
  return { ...next, requestsDone };
}

/** Whether the principal's request is in the record already. */
export function isRequestDone(record: RequestsDone, { requestKey }: Requester): boolean {
  return requestKey !== undefined && record.requestsDone?.includes(requestKey) === true;
}
