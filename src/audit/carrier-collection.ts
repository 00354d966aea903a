/**
 * The relay's housekeeping is not a change that anybody made: taking relayed events off a document
 * grows its `version`, never its `revision`. Whoever replaces a document in the meantime must not be
 * told that it was changed.
 */
import { isAppError } from '../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../store/index.js';
import type { EventCarrier } from './event.js';

const MAX_TRIES = 8;

/**
 * `collection` with a `replace` that passes over the relay's writes: where the stored document still
 * has the revision that the new one follows, the new one takes its place. Events that were relayed
 * already may be carried once more; the relay skips them by their ids.
 */
export function carrierCollection<T extends EventCarrier, K extends string>(
  collection: Collection<T, K>,
): Collection<T, K> {
  const replace = async (document: T): Promise<void> => {
    let next = document;
    for (let tries = 1; ; tries++) {
      try {
        await collection.replace(next);
        return;
      } catch (error) {
        if (!isAppError(error, 'record-version-conflict') || tries === MAX_TRIES) throw error;
        const now = await collection.get(document.id, SCOPE_ALL);
        if (now?.revision !== document.revision - 1) throw error;
        next = { ...document, version: now.version + 1 };
      }
    }
  };
  return {
    get: (id, scope) => collection.get(id, scope),
    getBy: (index, value, scope) => collection.getBy(index, value, scope),
    insert: (document) => collection.insert(document),
    insertAll: (documents) => collection.insertAll(documents),
    replace,
    remove: (id, version) => collection.remove(id, version),
    find: (query, scope) => collection.find(query, scope),
    count: (query, scope) => collection.count(query, scope),
  };
}
