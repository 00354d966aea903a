/** The budget system over HTTP: signed requests, bounded answers, every fault an outcome. */
import { z } from 'zod';
import { bytesToUtf8, concatBytes, isAppError, newId, type Clock } from '../kernel/index.js';
import type {
  BudgetSystem,
  Delivery,
  DeliveryOutcome,
  HoldingsOutcome,
  LookupOutcome,
  Receipt,
} from './budget-system.js';
import { contentDigestField } from './content-digest.js';
import { signMessage, type MessageSigner } from './http-message-signature.js';
import { receiptSchema } from './receipt.js';

/** The tag of every signature between the two systems. */
export const FILING_SIGNATURE_TAG = 'budget-filing';
/** Longest life of such a signature, in seconds. */
export const FILING_SIGNATURE_LIFETIME_S = 300;
/** What a delivery's signature covers. */
export const DELIVERY_COMPONENTS = [
  '@method',
  '@authority',
  '@path',
  '@query',
  'content-digest',
  'idempotency-key',
] as const;
/** What the signature of a request without content covers. */
export const LOOKUP_COMPONENTS = ['@method', '@authority', '@path', '@query'] as const;

export interface HttpBudgetSystemOptions {
  /** Base address; `/filings` and `/deliveries/{key}` are below it. */
  readonly url: string;
  /** The guarded fetch: it decides which addresses may be called. */
  readonly fetchFn: typeof fetch;
  /** Absent: requests go unsigned, for a peer behind mutual TLS. */
  readonly signer?: MessageSigner;
  readonly clock: Clock;
}

/** Of one receipt. */
const LARGEST_ANSWER_BYTES = 65_536;
/** Of a page of what the other side holds, for each of its items. */
const LARGEST_ITEM_BYTES = 16_384;
const LONGEST_DETAIL = 500;
const CONFLICT = 409;
/** Answers below 500 that ask to come again: timeout, too early, too many. */
const COME_AGAIN = new Set([408, 425, 429]);

const heldSchema = z
  .object({
    idempotencyKey: z.string().regex(/^[\x21-\x7e]{1,128}$/),
    contractNumber: z.string().max(200),
    regionCode: z.string().regex(/^[0-9]{6}$/),
    receipt: receiptSchema,
  })
  .transform(({ receipt, ...held }, context) => {
    const { packageSha256 } = receipt;
    if (packageSha256 !== undefined) return { ...held, receipt: { ...receipt, packageSha256 } };
    context.addIssue('packageSha256 is missing');
    return z.NEVER;
  });
const holdingsSchema = z.object({ items: z.array(heldSchema), hasMore: z.boolean() });
const problemSchema = z.object({
  code: z.string().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
});

/** A client of one budget system. */
export function createHttpBudgetSystem(options: HttpBudgetSystemOptions): BudgetSystem {
  return new HttpBudgetSystem(options);
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly content: Uint8Array;
}
type Unanswered = Extract<DeliveryOutcome, { kind: 'unanswered' }>;

class HttpBudgetSystem implements BudgetSystem {
  readonly #options: HttpBudgetSystemOptions;

  constructor(options: HttpBudgetSystemOptions) {
    this.#options = options;
  }

  async deliver(delivery: Delivery, signal: AbortSignal): Promise<DeliveryOutcome> {
    const answer = await this.#call(signal, 'POST', '/filings', {
      fields: {
        'content-type': 'application/zip',
        'content-digest': contentDigestField(delivery.packageSha256),
        'idempotency-key': delivery.idempotencyKey,
      },
      components: DELIVERY_COMPONENTS,
      content: delivery.packageBytes,
    });
    if ('kind' in answer) return answer;
    if (answer.status === CONFLICT) return { kind: 'known' };
    if (answer.status >= 400 && answer.status < 500 && !COME_AGAIN.has(answer.status)) {
      return refusalOf(answer);
    }
    return this.#receiptOf(answer);
  }

  async lookup(idempotencyKey: string, signal: AbortSignal): Promise<LookupOutcome> {
    const path = `/deliveries/${encodeURIComponent(idempotencyKey)}`;
    const answer = await this.#call(signal, 'GET', path, {
      fields: {},
      components: LOOKUP_COMPONENTS,
    });
    if ('kind' in answer) return answer;
    if (answer.status === 404) return { kind: 'unknown' };
    return this.#receiptOf(answer);
  }

  async holdings(after: string, limit: number, signal: AbortSignal): Promise<HoldingsOutcome> {
    const query = new URLSearchParams({ after, limit: String(limit) }).toString();
    const answer = await this.#call(
      signal,
      'GET',
      `/deliveries?${query}`,
      { fields: {}, components: LOOKUP_COMPONENTS },
      LARGEST_ANSWER_BYTES + limit * LARGEST_ITEM_BYTES,
    );
    if ('kind' in answer) return answer;
    if (!isSuccess(answer)) return this.#unanswered(answer);
    const parsed = holdingsSchema.safeParse(jsonOf(answer.content));
    if (!parsed.success) return { kind: 'unanswered', reason: 'holdings-unreadable' };
    const { items, hasMore } = parsed.data;
    const isInOrder = items.every(
      ({ idempotencyKey }, index) => idempotencyKey > (items[index - 1]?.idempotencyKey ?? after),
    );
    // What is listed out of order would seem to be missing, and a page without items has no end.
    if (!isInOrder || (hasMore && items.length === 0)) {
      return { kind: 'unanswered', reason: 'holdings-unordered' };
    }
    return { kind: 'page', items, hasMore };
  }

  async #call(
    signal: AbortSignal,
    method: string,
    path: string,
    request: {
      readonly fields: Readonly<Record<string, string>>;
      readonly components: readonly string[];
      readonly content?: Uint8Array;
    },
    largestBytes = LARGEST_ANSWER_BYTES,
  ): Promise<Answer | Unanswered> {
    const { fetchFn, url: base } = this.#options;
    const url = `${base.replace(/\/+$/, '')}${path}`;
    const headers = { ...request.fields, ...this.#signed(method, url, request) };
    try {
      const response = await fetchFn(url, {
        method,
        headers: { ...headers, accept: 'application/json' },
        ...(request.content === undefined ? {} : { body: new Uint8Array(request.content) }),
        // A package goes where it was configured to go, nowhere else.
        redirect: 'manual',
        signal,
      });
      const content = await readBounded(response, largestBytes);
      const retryAfter = response.headers.get('retry-after');
      if (content === undefined) return { kind: 'unanswered', reason: 'answer-too-large' };
      return { status: response.status, retryAfter, content };
    } catch (error) {
      return { kind: 'unanswered', reason: reasonOf(error, signal) };
    }
  }

  #signed(
    method: string,
    url: string,
    request: {
      readonly fields: Readonly<Record<string, string>>;
      readonly components: readonly string[];
    },
  ): Readonly<Record<string, string>> {
    const { signer, clock } = this.#options;
    if (signer === undefined) return {};
    const createdAt = clock.now();
    const { signatureInput, signature } = signMessage(
      { method, url, field: (name) => request.fields[name] },
      {
        components: request.components,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + FILING_SIGNATURE_LIFETIME_S * 1000),
        nonce: newId('non'),
        tag: FILING_SIGNATURE_TAG,
      },
      signer,
    );
    return { 'signature-input': signatureInput, signature };
  }

  #receiptOf(answer: Answer): { kind: 'receipt'; receipt: Receipt } | Unanswered {
    if (!isSuccess(answer)) return this.#unanswered(answer);
    const parsed = receiptSchema.safeParse(jsonOf(answer.content));
    if (!parsed.success) return { kind: 'unanswered', reason: 'receipt-unreadable' };
    return { kind: 'receipt', receipt: parsed.data };
  }

  #unanswered(answer: Answer): Unanswered {
    const retryAfterMs = parseRetryAfter(answer.retryAfter, this.#options.clock.now());
    return {
      kind: 'unanswered',
      reason: String(answer.status),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status <= 299;
}

/**
 * Milliseconds a Retry-After field asks for; `undefined` where it says nothing readable.
 * @see RFC 9110, 10.2.3
 */
function parseRetryAfter(field: string | null, at: Date): number | undefined {
  if (field === null) return undefined;
  if (/^[0-9]{1,9}$/.test(field)) return Number(field) * 1000;
  // Date.parse reads nearly anything, `-1` too.
  const until = / GMT$/.test(field) ? Date.parse(field) : Number.NaN;
  return Number.isNaN(until) ? undefined : Math.max(0, until - at.getTime());
}

/** The user is to correct what the other side names, so its words are kept, cut and cleaned. */
function refusalOf(answer: Answer): DeliveryOutcome {
  const parsed = problemSchema.safeParse(jsonOf(answer.content));
  const problem = parsed.success ? parsed.data : {};
  const code = problem.code === undefined ? '' : plain(problem.code, 64);
  return {
    kind: 'refused',
    code: code === '' ? String(answer.status) : code,
    detail: plain(problem.detail ?? problem.title ?? `HTTP ${answer.status}`, LONGEST_DETAIL),
  };
}

function plain(text: string, length: number): string {
  return text
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, length);
}

function jsonOf(content: Uint8Array): unknown {
  try {
    return JSON.parse(bytesToUtf8(content));
  } catch {
    return undefined;
  }
}

/** @returns `undefined` where there is more than we want to hold */
async function readBounded(
  response: Response,
  largestBytes: number,
): Promise<Uint8Array | undefined> {
  if (response.body === null) return new Uint8Array();
  const reader = response.body.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = await reader.read();
    if (chunk.done) return concatBytes(parts);
    const value = chunk.value as Uint8Array;
    length += value.length;
    if (length > largestBytes) {
      await reader.cancel();
      return undefined;
    }
    parts.push(value);
  }
}

/** A word for the record; where the guarded fetch refuses to call at all, its code. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) {
    const { reason } = signal as { readonly reason: { readonly name?: unknown } | undefined };
    return reason?.name === 'TimeoutError' ? 'timeout' : 'stopped';
  }
  return isAppError(error) ? String(error.params['reason'] ?? error.code) : 'connection-failed';
}
