/** The relay: from every collection whose records carry events to the audit log, and to those who wait for them. */
import {
  createRelay,
  relaySource,
  type Relay,
  type RelayOptions,
  type RelaySource,
} from '../../audit/index.js';
import type { Collections } from '../data-folder/stores.js';

const RELAY_INTERVAL_MS = 1000;

export interface RelayParts extends Omit<RelayOptions, 'sources' | 'intervalMs'> {
  readonly collections: Collections;
  readonly intervalMs: number | undefined;
}

export function wireRelay({ collections, intervalMs, ...options }: RelayParts): Relay {
  return createRelay({
    ...options,
    sources: sourcesOf(collections),
    intervalMs: intervalMs ?? RELAY_INTERVAL_MS,
  });
}

function sourcesOf(collections: Collections): readonly RelaySource[] {
  return [
    relaySource('contracts', collections.contracts),
    relaySource('awards', collections.awards),
    relaySource('own-templates', collections.ownTemplates),
    relaySource('seals', collections.seals),
    relaySource('seal-applications', collections.sealApplications),
    relaySource('seal-revocation-orders', collections.sealRevocationOrders),
    relaySource('units', collections.units),
    relaySource('accounts', collections.accounts),
    relaySource('filings', collections.filings),
    relaySource('filing-work-items', collections.filingWorkItems),
    relaySource('reconciliations', collections.reconciliations),
    relaySource('webhooks', collections.webhooks),
    relaySource('sealUseBook', collections.sealUseBook),
    relaySource('sealUsePolicies', collections.sealUsePolicies),
    relaySource('sealUseRequests', collections.sealUseRequests),
    relaySource('sealStatements', collections.sealStatements),
  ];
}
