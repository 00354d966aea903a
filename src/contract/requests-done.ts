/**
 * Which requests have had their effect on a contract, in the contract itself: a process may die after
 * the write and before the answer, and whoever asks again with the same key is not to be refused for
 * what the key itself has done.
 */
import type { Principal } from '../access/index.js';
import type { ContractRecord } from './record.js';

/** Whoever asks again does so soon; the answer of a request that ended is kept elsewhere. */
const KEPT_REQUESTS = 8;

/** `next` as the effect of the request, where it has a key. */
export function withRequestDone(
  next: ContractRecord,
  requestKey: string | undefined,
): ContractRecord {
  if (requestKey === undefined) return next;
  const requestsDone = [...(next.requestsDone ?? []), requestKey].slice(-KEPT_REQUESTS);
  return { ...next, requestsDone };
}

/** Whether the principal's request is in the contract already. */
export function isRequestDone(
  contract: ContractRecord,
  { requestKey }: Pick<Principal, 'requestKey'>,
): boolean {
  return requestKey !== undefined && contract.requestsDone?.includes(requestKey) === true;
}
