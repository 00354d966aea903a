/**
 * One PKCS#11 module as the provider uses it. Values are plain, so that the module may live in this
 * process (`module-tokens.ts`) or in one of its own (`host/`).
 */
import type { OpenTokenOptions, SigningKey, TokenListing, TokenSelector } from '../index.js';

/** A token that was in a slot a moment ago. */
export interface PresentToken {
  readonly slotId: number;
  readonly label: string;
  readonly serial: string;
}

export interface PresentTokens {
  readonly tokens: readonly PresentToken[];
  readonly faults: TokenListing['faults'];
}

export interface ModuleAccess {
  readonly path: string;
  /** Never rejects: what went wrong is a fault. */
  list(): Promise<TokenListing>;
  /** As `list`, without reading certificates. */
  find(): Promise<PresentTokens>;
  /** @throws AppError as `TokenProvider.open`, of this token only */
  open(
    token: PresentToken,
    selector: TokenSelector,
    options: OpenTokenOptions,
  ): Promise<SigningKey>;
  close(): Promise<void>;
}
