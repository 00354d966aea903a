/** Everything the service fetches from elsewhere goes through one guarded fetch. */
import type { RevocationSource } from '../trust/index.js';
import {
  createGuardedFetch,
  createHttpRevocationSource,
  type GuardedFetch,
} from '../trust/http/index.js';

export interface OutgoingOptions {
  /** Hosts that may be asked; empty or absent: any. */
  readonly allowedHosts?: readonly string[];
  /** Addresses of the own machine and network may be asked. */
  readonly allowsPrivate: boolean;
  readonly timeoutMs: number;
  readonly filingTimeoutMs?: number;
}

export interface Outgoing {
  /** To addresses that come from certificates. */
  readonly fetch: GuardedFetch;
  /** To the peer that the configuration names: wherever it is, and as long as it may take. */
  readonly filingFetch: GuardedFetch;
  readonly revocation: RevocationSource;
}

export function createOutgoing(options: OutgoingOptions): Outgoing {
  const fetch = createGuardedFetch({
    allowedHosts: options.allowedHosts ?? [],
    allowPrivateAddresses: options.allowsPrivate,
    timeoutMs: options.timeoutMs,
  });
  const filingFetch = createGuardedFetch({
    allowedHosts: [],
    allowPrivateAddresses: true,
    timeoutMs: options.filingTimeoutMs ?? options.timeoutMs,
  });
  return { fetch, filingFetch, revocation: createHttpRevocationSource({ fetch }) };
}
