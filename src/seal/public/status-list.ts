/**
 * Every seal's status in one signed list, for those who verify without asking for each seal, or
 * without a network: numbered, with the time of the next. Made when it is asked for and the last one
 * has grown old; kept in the store, so that all processes give out the same.
 */
import { deflateSync } from 'node:zlib';
import { isAppError, toBase64Url, toRfc3339, utf8ToBytes, type Clock } from '../../kernel/index.js';
import {
  SCOPE_ALL,
  type Collection,
  type CollectionSpec,
  type Page,
  type StoredDocument,
} from '../../store/index.js';
import type { SealIndex, SealRecord } from '../record.js';
import { effectiveStatus } from '../status.js';
import type { JwsSigner } from './signed-status.js';

export interface StoredStatusList extends StoredDocument {
  readonly id: string;
  /** The list's number. */
  readonly version: number;
  readonly madeAt: string;
  /** Compact JWS. */
  readonly jws: string;
}

export const SEAL_STATUS_LISTS: CollectionSpec<StoredStatusList, never> = {
  name: 'sealStatusLists',
  indexes: {},
  scopeKeys: () => [],
};

export const STATUS_LIST_TYPE = 'seal-status-list+jwt';
/** A newer list is made after this; the old one is good for as long again. */
export const STATUS_LIST_TTL_SECONDS = 300;
const LIFE_SECONDS = 2 * STATUS_LIST_TTL_SECONDS;
const CURRENT = 'current';
const PAGE = 1000;

export interface SealStatusListOptions {
  readonly lists: Collection<StoredStatusList, never>;
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'find'>;
  readonly signer: JwsSigner;
  readonly issuer: string;
  readonly clock: Clock;
}

/** @returns A function that gives the present list; calls at the same time make one. */
export function createSealStatusList(
  options: SealStatusListOptions,
): () => Promise<StoredStatusList> {
  const { lists, seals, signer, issuer, clock } = options;
  let making: Promise<StoredStatusList> | undefined;

  const isFresh = ({ madeAt }: StoredStatusList): boolean => {
    const ageMs = clock.now().getTime() - Date.parse(madeAt);
    return ageMs >= 0 && ageMs < STATUS_LIST_TTL_SECONDS * 1000;
  };

  async function make(): Promise<StoredStatusList> {
    const before = await lists.get(CURRENT, SCOPE_ALL);
    if (before !== undefined && isFresh(before)) return before;
    const now = clock.now();
    const statuses = await readStatuses(seals, now);
    const number = (before?.version ?? 0) + 1;
    const iat = Math.floor(now.getTime() / 1000);
    const jws = signer.sign(STATUS_LIST_TYPE, {
      iss: issuer,
      sub: 'seal-status-list',
      iat,
      exp: iat + LIFE_SECONDS,
      ttl: STATUS_LIST_TTL_SECONDS,
      number,
      nextUpdate: toRfc3339(new Date((iat + STATUS_LIST_TTL_SECONDS) * 1000)),
      count: statuses.length,
      // One line a seal, code and status, by code; zlib, base64url, as `lst` of a token status list.
      lst: toBase64Url(deflateSync(utf8ToBytes(statuses.join('\n')), { level: 9 })),
    });
    const made = { id: CURRENT, version: number, madeAt: toRfc3339(now), jws };
    try {
      await (before === undefined ? lists.insert(made) : lists.replace(made));
      return made;
    } catch (error) {
      if (!isAppError(error, 'record-exists', 'record-version-conflict')) throw error;
      // Another process made this number.
      return (await lists.get(CURRENT, SCOPE_ALL)) ?? made;
    }
  }

  return () => {
    making ??= make().finally(() => {
      making = undefined;
    });
    return making;
  };
}

async function readStatuses(
  seals: SealStatusListOptions['seals'],
  at: Date,
): Promise<readonly string[]> {
  const statuses: string[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<SealRecord> = await seals.find(
      { orderBy: 'code', limit: PAGE, ...(cursor === undefined ? {} : { cursor }) },
      SCOPE_ALL,
    );
    for (const seal of page.items) statuses.push(`${seal.code} ${effectiveStatus(seal, at)}`);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return statuses;
}
