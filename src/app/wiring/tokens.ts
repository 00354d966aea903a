/** The UKeys of the server: its PKCS#11 modules, in processes of their own unless configured otherwise. */
import type { Config } from '../../config/index.js';
import type { Clock, Logger } from '../../kernel/index.js';
import type { TokenProvider } from '../../token/index.js';
import { openPkcs11Provider } from '../../token/pkcs11/index.js';
import { moduleEnvironment, pkcs11Options } from '../pkcs11-modules.js';

export interface TokenParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function openTokens({ config, clock, logger }: TokenParts): Promise<TokenProvider> {
  return openPkcs11Provider({
    ...pkcs11Options(config),
    logger,
    clock,
    ...(config.pkcs11.isolated ? { host: { environment: moduleEnvironment() } } : {}),
  });
}
