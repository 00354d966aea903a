/** Revisions as ETags: `"r12"`. */
import { requestInvalid } from './request-faults.js';

export function etagOf(revision: number): string {
  return `"r${revision}"`;
}

/**
 * The revision an If-Match names.
 * @throws AppError `request-invalid` for anything but one strong ETag of ours
 */
export function revisionOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined) return undefined;
  const match = /^\s*"r(\d{1,12})"\s*$/.exec(ifMatch);
  if (match === null) {
    const detail = '应为读取时返回的 ETag，如 "r3" (must be the ETag of the record)';
    throw requestInvalid([{ pointer: 'header/If-Match', detail }]);
  }
  return Number(match[1]);
}

/** Whether If-None-Match names `etag`. */
export function isSameTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
