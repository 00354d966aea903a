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
}

export interface Outgoing {
  readonly fetch: GuardedFetch;
  readonly revocation: RevocationSource;
}

export function createOutgoing(options: OutgoingOptions): Outgoing {
  const fetch = createGuardedFetch({
    allowedHosts: options.allowedHosts ?? [],
    allowPrivateAddresses: options.allowsPrivate,
    timeoutMs: options.timeoutMs,
  });
  return { fetch, revocation: createHttpRevocationSource({ fetch }) };
}
