/** Both ways to run a PKCS#11 module: every suite of tokens and keys runs in each. */
import { join } from 'node:path';
import { silentLogger, systemClock } from '../../../src/kernel/index.js';
import type { HostOptions, Pkcs11ProviderOptions } from '../../../src/token/pkcs11/index.js';
import { openPkcs11Provider } from '../../../src/token/pkcs11/index.js';
import type { TokenProvider } from '../../../src/token/index.js';
import { childArguments, childEnvironment } from '../../support/child-process.js';
import { SOFTHSM_MODULE, softHsmDirectory } from './softhsm.js';

export const WAYS = ['in this process', 'in a process of its own'] as const;
export type Way = (typeof WAYS)[number];

/** The module's process from our sources, with an environment that tests may add to. */
export function testHost(more: Readonly<Record<string, string>> = {}): HostOptions {
  return {
    environment: {
      ...childEnvironment(),
      SOFTHSM2_CONF: join(softHsmDirectory(), 'softhsm2.conf'),
      ...more,
    },
    nodeArguments: [...childArguments('src/token/pkcs11/host/host-main.ts', [])],
  };
}

export function openProviderIn(
  way: Way,
  options: Partial<Pkcs11ProviderOptions> = {},
): Promise<TokenProvider> {
  return openPkcs11Provider({
    modulePaths: [SOFTHSM_MODULE],
    logger: silentLogger,
    clock: systemClock,
    ...(way === 'in this process' ? {} : { host: testHost() }),
    ...options,
  });
}
