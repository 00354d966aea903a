/** Port: the budget system (预算管理一体化系统) that filings are delivered to. */

/** One package on its way; the same key and the same bytes on every attempt. */
export interface Delivery {
  readonly idempotencyKey: string;
  /** The zip of `package.ts`. It carries its own metadata, so nothing is said twice. */
  readonly packageBytes: Uint8Array;
  /** SHA-256 of `packageBytes`, lower-case hex. */
  readonly packageSha256: string;
}

/** What the budget system says it has filed. */
export interface Receipt {
  /** 备案号. */
  readonly filingNumber: string;
  /** SHA-256 (hex) of the signed contract it found in the package. */
  readonly documentSha256: string;
  /** SHA-256 (hex) of the package, where it says so. */
  readonly packageSha256?: string;
  /** RFC 3339 UTC. */
  readonly receivedAt: string;
  /** Compact JWS over the same, as it came; see `receipt.ts`. */
  readonly jws?: string;
}

/** One filing that the budget system holds. */
export interface HeldFiling {
  /** Under which it was delivered. */
  readonly idempotencyKey: string;
  readonly contractNumber: string;
  /** 6 digits, GB/T 2260. */
  readonly regionCode: string;
  readonly receipt: Receipt & { readonly packageSha256: string };
}

export type HoldingsOutcome =
  | {
      readonly kind: 'page';
      /** In ascending order of their idempotency keys, by bytes. */
      readonly items: readonly HeldFiling[];
      readonly hasMore: boolean;
    }
  | Extract<DeliveryOutcome, { kind: 'unanswered' }>;

/** What came of one call. A failure of the other side is an answer here, not an exception. */
export type DeliveryOutcome =
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  /** The key is known already: ask by `lookup`. */
  | { readonly kind: 'known' }
  /** A human must put something right before it makes sense to try again. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  /** No answer to rely on; whether the package arrived is unknown. */
  | {
      readonly kind: 'unanswered';
      /** HTTP status, or `timeout`, `connection-failed`, `receipt-unreadable`. */
      readonly reason: string;
      /** How long the other side asked to be left alone. */
      readonly retryAfterMs?: number;
    };

export type LookupOutcome =
  Extract<DeliveryOutcome, { kind: 'receipt' | 'unanswered' }> | { readonly kind: 'unknown' };

export interface BudgetSystem {
  /**
   * Hands a package over. Does not throw for anything the network or the other side does.
   * @param signal - ends the attempt; the outcome is then `unanswered`
   */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<DeliveryOutcome>;
  /** What the budget system holds under an idempotency key. */
  lookup(idempotencyKey: string, signal: AbortSignal): Promise<LookupOutcome>;
  /**
   * What the budget system holds under keys behind `after`.
   * @param after - an idempotency key, or the empty string for all
   * @param limit - most items of the page
   */
  holdings(after: string, limit: number, signal: AbortSignal): Promise<HoldingsOutcome>;
}
