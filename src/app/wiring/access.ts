/** Accounts, units and logins. */
import {
  createAccessService,
  createAccessTokens,
  createAccountService,
  createLoginChallenges,
  createLoginThrottle,
  createUnitService,
  generateAccessKeyPem,
  loadAccessKey,
} from '../../access/index.js';
import type { Config } from '../../config/index.js';
import type { HttpServices } from '../../http/index.js';
import type { Clock } from '../../kernel/index.js';
import type { CertificateValidator } from '../../signing/index.js';
import { keyFile } from '../data-folder/keys.js';
import type { Collections } from '../data-folder/stores.js';

export interface AccessParts {
  readonly config: Pick<Config, 'jwt' | 'publicUrl'>;
  readonly collections: Pick<
    Collections,
    'accounts' | 'units' | 'loginChallenges' | 'loginThrottles'
  >;
  readonly certificates: CertificateValidator;
  readonly clock: Clock;
}

export type AccessApi = Pick<HttpServices, 'access' | 'accounts' | 'units'>;

/** @throws AppError `config-invalid` where the key of access tokens cannot be read */
export function wireAccess(parts: AccessParts): AccessApi {
  const { config, collections, certificates, clock } = parts;
  const { accounts, units } = collections;
  const accessKey = loadAccessKey(keyFile(config.jwt.keyFile, generateAccessKeyPem));
  return {
    access: createAccessService({
      accounts,
      units,
      challenges: createLoginChallenges({
        records: collections.loginChallenges,
        origin: new URL(config.publicUrl).origin,
        clock,
      }),
      throttle: createLoginThrottle(collections.loginThrottles, clock),
      tokens: createAccessTokens({
        keys: [accessKey],
        issuer: config.jwt.issuer,
        audience: config.jwt.audience,
        ttlSeconds: config.jwt.ttlSeconds,
        clock,
      }),
      certificates,
      clock,
    }),
    accounts: createAccountService({ accounts, units, clock }),
    units: createUnitService({ units, certificates, clock }),
  };
}
