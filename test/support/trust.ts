/** A trust store that believes in one test PKI. */
import type { TrustProfile, TrustStore } from '../../src/trust/index.js';

export function trustOf(
  pki: { readonly rootDer: Uint8Array },
  more: Partial<TrustProfile> = {},
): TrustStore {
  const profile: TrustProfile = {
    name: 'test',
    anchorsDer: [pki.rootDer],
    intermediatesDer: [],
    crlsDer: [],
    ocspDer: [],
    ...more,
  };
  return { profiles: () => Promise.resolve([profile]) };
}
