/** What supervisors, units and platforms are told about contracts: due, counted, announced, exported. */
import { scopeOf, type Principal } from '../access/index.js';
import type { ContractData, ContractIndex, ContractRecord } from '../contract/index.js';
import { toRfc3339, type Clock } from '../kernel/index.js';
import { SCOPE_ALL, type Collection, type Page } from '../store/index.js';
import { isSecret } from './classification.js';
import {
  countOverdue,
  listDues,
  type DueFilter,
  type DueQuery,
  type OverdueGroup,
  type OverdueRow,
} from './due-list.js';
import type { DueRecord } from './due-record.js';
import { announcementNotice, type AnnouncementNotice } from './out/announcement-notice.js';
import { OCDS_VERSION, ocdsRelease } from './out/ocds-release.js';
import { PLACE, type SupervisionCollections } from './projector.js';
import { statisticsOf, type Statistics, type StatisticsQuery } from './statistics.js';

export interface SupervisionOptions extends SupervisionCollections {
  readonly contracts: Pick<Collection<ContractRecord, ContractIndex>, 'get'>;
  readonly clock: Clock;
  /** Of this publisher's open contracting ids. */
  readonly ocidPrefix: string;
  readonly publicUrl: string;
  readonly publisherName: string;
}

export interface FeedQuery {
  readonly limit: number;
  /** Changes after this place; all where absent. */
  readonly after?: number | undefined;
}

/** `last` is where the next request goes on, also when there is nothing more for now. */
export interface Feed<T> {
  readonly items: readonly T[];
  readonly last: number;
  readonly hasMore: boolean;
}

/** @see OCDS 1.1, release package schema */
export interface OcdsPackage {
  readonly uri: string;
  readonly version: string;
  readonly publishedDate: string;
  readonly publisher: { readonly name: string };
  readonly releases: readonly ReturnType<typeof ocdsRelease>[];
  readonly links?: { readonly next: string };
}

export interface Supervision {
  /** Open terms that the principal may see, soonest first. */
  deadlines(principal: Principal, query: DueQuery): Promise<Page<DueRecord>>;
  /** @throws AppError `input-invalid` where it is too much for one answer */
  overdue(
    principal: Principal,
    query: Omit<DueFilter, 'isOverdue'> & { readonly groupBy: OverdueGroup },
  ): Promise<readonly OverdueRow[]>;
  /** @throws AppError `input-invalid` where it is too much for one answer */
  statistics(principal: Principal, query: StatisticsQuery): Promise<Statistics>;
  /**
   * Contracts in the order of their last change in public: signed, announced, changed, ended. One
   * that changes comes again; whoever goes on from `last` misses none. State secrets are left out.
   */
  announcements(principal: Principal, query: FeedQuery): Promise<Feed<AnnouncementNotice>>;
  /** Releases in the order of their last change. */
  ocds(principal: Principal, query: FeedQuery): Promise<OcdsPackage>;
}

export function createSupervision(options: SupervisionOptions): Supervision {
  const { dues, totals, overviews, contracts, clock } = options;

  const feed = async (
    principal: Principal,
    { limit, after = 0 }: FeedQuery,
  ): Promise<Feed<ContractRecord>> => {
    // What is being followed at this instant is not in order yet.
    const place = await options.projections.get(PLACE, SCOPE_ALL);
    const { items, nextCursor } = await overviews.find(
      {
        where: { releaseSeq: { gt: after, lte: place?.seq ?? 0 } },
        orderBy: 'releaseSeq',
        limit,
      },
      scopeOf(principal),
    );
    const found = await Promise.all(items.map(({ id }) => contracts.get(id, SCOPE_ALL)));
    return {
      // The contract itself is asked again: what became secret since is not shown.
      items: found.filter((each) => each !== undefined).filter((each) => !isSecret(each)),
      last: items.at(-1)?.releaseSeq ?? after,
      hasMore: nextCursor !== undefined,
    };
  };

  return {
    deadlines: (principal, query) => listDues(dues, query, clock.now(), scopeOf(principal)),
    overdue: (principal, query) => countOverdue(dues, query, clock.now(), scopeOf(principal)),
    statistics: (principal, query) => {
      const scope = scopeOf(principal);
      const isOfUnit = scope.kind === 'keys' && scope.keys.every((key) => key.startsWith('unit:'));
      return statisticsOf(totals, query, scope, isOfUnit);
    },
    async announcements(principal, query) {
      const { items, ...rest } = await feed(principal, query);
      return { items: items.map(announcementNotice), ...rest };
    },
    async ocds(principal, query) {
      const { items, last, hasMore } = await feed(principal, query);
      const address = (after: number): string =>
        `${options.publicUrl}/api/v1/exports/ocds?limit=${query.limit}&cursor=${after}`;
      return {
        uri: address(query.after ?? 0),
        version: OCDS_VERSION,
        publishedDate: toRfc3339(clock.now()),
        publisher: { name: options.publisherName },
        releases: items.filter(hasData).map((each) => ocdsRelease(each, options.ocidPrefix)),
        ...(hasMore ? { links: { next: address(last) } } : {}),
      };
    },
  };
}

function hasData(
  contract: ContractRecord,
): contract is ContractRecord & { readonly data: ContractData } {
  return contract.data !== undefined;
}
