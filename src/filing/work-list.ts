/** The work list of filing: findings come in by themselves, persons resolve them with a reason. */
import { actorOf, hasRole, scopeOf, type Principal } from '../access/index.js';
import { SYSTEM_ACTOR } from '../audit/index.js';
import { AppError, isAppError, type Clock } from '../kernel/index.js';
import { SCOPE_ALL, change, type Collection, type Page } from '../store/index.js';
import {
  newWorkItem,
  withResolution,
  withSighting,
  type Finding,
  type WorkItemIndex,
  type WorkItemKind,
  type WorkItemOutcome,
  type WorkItemRecord,
} from './work-item.js';

export interface WorkItemQuery {
  readonly state?: WorkItemRecord['state'] | undefined;
  readonly kind?: WorkItemKind | undefined;
  readonly filingId?: string | undefined;
  /** 1 to 1000. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface WorkList {
  /** Keeps a finding; the same one again is counted, not kept twice. */
  raise(finding: Finding): Promise<void>;
  /** Newest first, as far as the principal may see. */
  list(principal: Principal, query: WorkItemQuery): Promise<Page<WorkItemRecord>>;
  /** @throws AppError `filing-work-item-not-found`, also where the principal may not see it */
  get(principal: Principal, id: string): Promise<WorkItemRecord>;
  /**
   * @throws AppError `filing-work-item-not-found`, `forbidden`, `conflict` where it is resolved,
   *   `record-version-conflict` where it is not `expectedRevision` any more
   */
  resolve(
    principal: Principal,
    id: string,
    request: {
      readonly outcome: WorkItemOutcome;
      readonly reason: string;
      readonly expectedRevision?: number;
    },
  ): Promise<WorkItemRecord>;
  countOpen(): Promise<number>;
}

export interface WorkListOptions {
  readonly items: Collection<WorkItemRecord, WorkItemIndex>;
  readonly clock: Clock;
  /** Called after a write that left events for the relay. */
  readonly onPublished: () => void;
}

const MISSING = 'filing-work-item-not-found';

export function createWorkList({ items, clock, onPublished }: WorkListOptions): WorkList {
  const get = async (principal: Principal, id: string): Promise<WorkItemRecord> => {
    const item = await items.get(id, scopeOf(principal));
    if (item === undefined) throw new AppError(MISSING, `no work item ${id} in reach`);
    return item;
  };
  return {
    async raise(finding) {
      const item = newWorkItem(finding, clock.now(), SYSTEM_ACTOR);
      try {
        await items.insert(item);
      } catch (error) {
        if (!isAppError(error, 'record-exists')) throw error;
        await change(items, item.id, MISSING, (current) =>
          withSighting(current, clock.now(), SYSTEM_ACTOR),
        );
      }
      onPublished();
    },
    list: (principal, { state, kind, filingId, limit, cursor }) =>
      items.find(
        {
          where: {
            ...(state === undefined ? {} : { state: { eq: state } }),
            ...(kind === undefined ? {} : { kind: { eq: kind } }),
            ...(filingId === undefined ? {} : { filingId: { eq: filingId } }),
          },
          orderBy: 'createdAt',
          direction: 'desc',
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        },
        scopeOf(principal),
      ),
    get,
    async resolve(principal, id, { expectedRevision, ...resolution }) {
      await get(principal, id);
      if (!hasRole(principal, 'supervisor')) {
        throw new AppError('forbidden', 'the work list is resolved by the finance department');
      }
      const resolved = await change(items, id, MISSING, (current) => {
        if (expectedRevision !== undefined && current.revision !== expectedRevision) {
          throw new AppError('record-version-conflict', 'the work item has changed');
        }
        return withResolution(current, resolution, clock.now(), actorOf(principal));
      });
      onPublished();
      return resolved;
    },
    countOpen: () => items.count({ where: { state: { eq: 'open' } } }, SCOPE_ALL),
  };
}
