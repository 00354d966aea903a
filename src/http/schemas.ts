/** Schemas that several resources use: ids, instants, pages of a list. */
import { z } from 'zod';
import type { Page } from '../store/index.js';

/** An id as `newId` makes them. */
export function idSchema(prefix: string, name: string): z.ZodString {
  return z
    .string()
    .regex(/^[a-z]{2,8}_[0-9a-z-]{1,80}$/, { error: '编号格式有误 (malformed id)' })
    .meta({ description: `${name}，如 ${prefix}_…` });
}

export const instant = z.iso.datetime({
  error: '应为 RFC 3339 UTC 时间 (must be an RFC 3339 instant in UTC)',
});

export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, { error: '应为小写十六进制 SHA-256 (lower-case hex SHA-256)' });

export const base64 = z
  .string()
  .min(4)
  .regex(/^[A-Za-z0-9+/]*={0,2}$/, { error: '应为 base64' })
  .refine((text) => text.length % 4 === 0, { error: '应为 base64' })
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')));

export const regionCode = z
  .string()
  .regex(/^\d{6}$/, { error: '行政区划代码应为 6 位数字 (6 digits, GB/T 2260)' });

export const creditCode = z
  .string()
  .regex(/^[0-9A-HJ-NPQRTUWXY]{18}$/, { error: '统一社会信用代码应为 18 位 (GB 32100)' });

export const reasonText = z.string().trim().min(1).max(1000);

const decimal = z.string().regex(/^\d{1,9}$/, { error: '应为整数 (must be a whole number)' });

/** A whole number in an address, within `[min, max]`. */
export function wholeNumber(min: number, max: number) {
  return decimal.transform(Number).pipe(z.int().min(min).max(max));
}

/** Query of every list. */
export const pageQuery = {
  limit: wholeNumber(1, 200)
    .optional()
    .meta({ description: '每页条数，1 至 200，缺省 50 (page size)' }),
  // Base64url, so that the longest still fits the request line that Node takes.
  cursor: z
    .string()
    .max(2000)
    .regex(/^[A-Za-z0-9_-]+$/, { error: '应为上一页的 nextCursor (as answered before)' })
    .optional()
    .meta({ description: '上一页的 nextCursor (from the page before)' }),
} as const;

const DEFAULT_LIMIT = 50;

/** `limit` and `cursor` as the domain takes them. */
export function pageOf(query: {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}): { readonly limit: number; readonly cursor?: string } {
  const limit = query.limit ?? DEFAULT_LIMIT;
  return query.cursor === undefined ? { limit } : { limit, cursor: query.cursor };
}

/** Answer of every list. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.strictObject({
    items: z.array(item),
    nextCursor: z.string().nullable().meta({ description: '空表示没有更多 (null: no more)' }),
  });
}

export function listView<T, V>(
  page: Page<T>,
  view: (item: T) => V,
): { items: V[]; nextCursor: string | null } {
  return { items: page.items.map(view), nextCursor: page.nextCursor ?? null };
}

/** Leaves out properties that are `undefined`: `exactOptionalPropertyTypes` tells absent from undefined. */
export function present<T extends object>(
  value: T,
): { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
} {
  return Object.fromEntries(
    Object.entries(value).filter(([, each]) => each !== undefined),
  ) as never;
}
