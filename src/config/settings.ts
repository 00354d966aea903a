/**
 * Every setting of the service, with its default. A leaf's place is its name: `jwt.ttlSeconds` in a
 * file, `QIANYIN_JWT_TTL_SECONDS` in the environment.
 */
import {
  flag,
  integer,
  list,
  oneOf,
  optionalSecret,
  optionalText,
  optionalUrl,
  text,
  type Setting,
} from './setting.js';

const MIB = 1024 * 1024;

export const SETTINGS = {
  environment: oneOf(
    ['production', 'development'],
    'production',
    'development allows plain http, loopback peers and sample keys',
  ),
  logLevel: oneOf(['debug', 'info', 'warn', 'error'], 'info', 'least severe line that is written'),
  dataDirectory: text('./qianyin-data', 'where records, documents and keys are kept'),
  host: text('127.0.0.1', 'address to listen on'),
  port: integer({ min: 0, max: 65535, fallback: 8080 }, 'port to listen on; 0 takes a free one'),
  publicUrl: optionalUrl('address under which users reach the service', 'http://<host>:<port>'),
  publication: {
    publisherName: text('qianyin', 'who publishes the contracts that are exported'),
    ocidPrefix: text(
      'ocds-000000',
      'prefix of open contracting ids; registered with the Open Contracting Partnership',
    ),
  },
  trustedProxies: integer(
    { min: 0, max: 10, fallback: 0 },
    'reverse proxies in front, whose X-Forwarded-For counts',
  ),
  store: {
    kind: oneOf(['sqlite', 'mongodb'], 'sqlite', 'where records are kept'),
    sqlitePath: optionalText('database file', '<dataDirectory>/qianyin.sqlite'),
    mongodbUri: optionalSecret('connection string of a replica set; needed by store.kind mongodb'),
  },
  trustDirectory: optionalText(
    'trust anchors, intermediates and revocation lists',
    '<dataDirectory>/trust',
  ),
  templatesDirectory: optionalText('contract templates', 'those of the package'),
  calendarsDirectory: optionalText(
    'holiday plans by year, besides and instead of those of the package',
    'those of the package',
  ),
  fontsDirectory: optionalText('fonts of contracts and seals', 'those of the package'),
  pkcs11: {
    modules: list('PKCS#11 libraries of the UKeys attached to the server'),
    softhsmConf: optionalText('configuration file handed to SoftHSM modules'),
    idleLogoutSeconds: integer(
      { min: 0, max: 86400, fallback: 300 },
      'a token nobody used for so long is logged out; 0 after every signature',
    ),
    callTimeoutMs: integer(
      { min: 1000, max: 600_000, fallback: 30_000 },
      'longest call into a PKCS#11 library',
    ),
    isolated: flag(true, 'run each PKCS#11 library in a process of its own'),
    sm2Mechanisms: list(
      'SM2 mechanisms of the UKeys, best first: number and input, as 0x80008103:digest or 0x80008105:message; those known where empty',
    ),
  },
  signing: {
    level: oneOf(['B-B', 'B-T', 'B-LT', 'B-LTA'], 'B-B', 'PAdES level of signatures'),
    tsaUrls: list('timestamp authorities, asked in this order'),
    allow: list(
      'kinds of content that uploaded documents may hold though they are refused otherwise, such as hidden-layer; all for every kind',
    ),
    tsaPolicy: optionalText('policy OID that timestamps must have', 'any'),
    levelFailure: oneOf(
      ['wait', 'refuse'],
      'wait',
      'where the level cannot be reached: the contract waits at the level it has and is raised later, or the signature is refused',
    ),
    levelDeadlineHours: integer(
      { min: 1, max: 8760, fallback: 72 },
      'how long a level that was not reached is tried for',
    ),
    levelRetrySeconds: integer(
      { min: 1, max: 3600, fallback: 60 },
      'pause before a level that was not reached is tried again; doubled each time, up to an hour',
    ),
    freshEvidence: flag(
      false,
      'revocation evidence must be newer than the timestamp; it may have to be waited for',
    ),
    renewalDays: integer(
      { min: 1, max: 3650, fallback: 90 },
      'a document timestamp is renewed so long before its certificate ends',
    ),
    sessionSeconds: integer(
      { min: 30, max: 3600, fallback: 300 },
      'life of a signing session for a key elsewhere',
    ),
  },
  seals: {
    makerP12File: optionalText('PKCS#12 file with the key that makes seals (SM2)'),
    makerToken: optionalText('label of the token with that key, where it is no file'),
    makerSecretFile: optionalText('file with the password or PIN of that key'),
  },
  outgoing: {
    allowedHosts: list(
      'hosts that OCSP, CRL and timestamp requests may go to; empty: any public one',
    ),
    allowPrivateAddresses: flag(false, 'requests may go to private addresses of the own network'),
    timeoutMs: integer({ min: 100, max: 120_000, fallback: 10_000 }, 'longest outgoing request'),
  },
  budgetSystem: {
    url: optionalUrl('where signed contracts are filed', 'none: filings wait'),
    keyId: optionalText('name of the key that signs filing requests'),
    signingKeyFile: optionalText('PEM file with that key (Ed25519 or P-256)'),
    timeoutMs: integer({ min: 1000, max: 300_000, fallback: 60_000 }, 'longest delivery'),
    retrySeconds: integer(
      { min: 1, max: 3600, fallback: 5 },
      'pause after a delivery that got no answer; doubled each time, up to an hour',
    ),
    receiptKeysFile: optionalText('JWK set with the keys that sign the receipts'),
    unsignedReceipts: oneOf(
      ['refuse', 'accept'],
      'refuse',
      'receipts without a signature; without receiptKeysFile they count all the same, on the word of the account that brings them',
    ),
    reconcileHour: integer(
      { min: 0, max: 23, fallback: 2 },
      'hour of the day (Asia/Shanghai) at which both registers are compared',
    ),
  },
  jwt: {
    issuer: optionalText('`iss` of access tokens', 'publicUrl'),
    audience: text('qianyin', '`aud` of access tokens'),
    ttlSeconds: integer({ min: 60, max: 3600, fallback: 900 }, 'life of an access token'),
    keyFile: optionalText(
      'private keys that sign access tokens',
      '<dataDirectory>/keys/access.json',
    ),
  },
  limits: {
    bodyBytes: integer({ min: 1024, max: 16 * MIB, fallback: MIB }, 'largest JSON body'),
    uploadBytes: integer(
      { min: MIB, max: 1024 * MIB, fallback: 64 * MIB },
      'largest uploaded file',
    ),
  },
  rateLimits: {
    requestsPerMinute: integer(
      { min: 1, max: 1_000_000, fallback: 1200 },
      'requests from one address',
    ),
    loginsPerMinute: integer({ min: 1, max: 100_000, fallback: 20 }, 'log-ins from one address'),
    verificationsPerMinute: integer(
      { min: 1, max: 100_000, fallback: 30 },
      'public verifications from one address',
    ),
  },
} as const;

export interface SettingsTree {
  readonly [name: string]: Setting<unknown> | SettingsTree;
}

/** The values that a tree of settings yields. */
export type ValuesOf<T> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : ValuesOf<T[K]>;
};

/** A leaf with its place. */
export interface NamedSetting {
  /** `jwt.ttlSeconds` */
  readonly name: string;
  readonly path: readonly string[];
  /** `QIANYIN_JWT_TTL_SECONDS` */
  readonly variable: string;
  readonly setting: Setting<unknown>;
}

export const VARIABLE_PREFIX = 'QIANYIN_';

/** Every setting, in the order of declaration. */
export function namedSettings(
  tree: SettingsTree = SETTINGS,
  above: readonly string[] = [],
): readonly NamedSetting[] {
  return Object.entries(tree).flatMap(([key, node]) => {
    const path = [...above, key];
    if (!isSetting(node)) return namedSettings(node, path);
    return [{ name: path.join('.'), path, variable: variableOf(path), setting: node }];
  });
}

function isSetting(node: Setting<unknown> | SettingsTree): node is Setting<unknown> {
  return node['kind'] === 'setting';
}

function variableOf(path: readonly string[]): string {
  const words = path.map((part) => part.replace(/[A-Z]/g, (letter) => `_${letter}`));
  return `${VARIABLE_PREFIX}${words.join('_').toUpperCase()}`;
}
