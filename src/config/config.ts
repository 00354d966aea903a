/** Environment and file to one validated, frozen configuration; every fault is listed at once. */
import { join, resolve } from 'node:path';
import { AppError } from '../kernel/index.js';
import type { Environment } from './env.js';
import type { SETTINGS } from './settings.js';
import { namedSettings, type NamedSetting, type ValuesOf } from './settings.js';

type Settings = ValuesOf<typeof SETTINGS>;

/** Settings as the service uses them: paths absolute, what follows from another setting filled in. */
export interface Config extends Omit<
  Settings,
  'publicUrl' | 'store' | 'trustDirectory' | 'jwt' | 'budgetSystem' | 'pkcs11'
> {
  readonly publicUrl: string;
  readonly store:
    | { readonly kind: 'sqlite'; readonly path: string }
    | { readonly kind: 'mongodb'; readonly uri: NonNullable<Settings['store']['mongodbUri']> };
  readonly trustDirectory: string;
  readonly jwt: Settings['jwt'] & { readonly issuer: string; readonly keyFile: string };
  readonly budgetSystem: BudgetSystemConfig | undefined;
  /** Which receipts of the budget system count, also where it pulls and is never called. */
  readonly receipts: { readonly keysFile: string | undefined; readonly acceptsUnsigned: boolean };
  readonly pkcs11: Omit<Settings['pkcs11'], 'sm2Mechanisms'> & {
    /** `undefined`: those that are known. */
    readonly sm2Mechanisms: readonly Sm2MechanismConfig[] | undefined;
  };
}

export interface Sm2MechanismConfig {
  readonly mechanism: number;
  readonly input: 'digest' | 'message';
}

export interface BudgetSystemConfig {
  readonly url: string;
  readonly keyId: string;
  readonly signingKeyFile: string;
  readonly timeoutMs: number;
  readonly retrySeconds: number;
  readonly reconcileHour: number;
}

export interface ConfigSources {
  readonly env: Environment;
  /** Content of a configuration file (JSON); the environment wins over it. */
  readonly fileText?: string;
  /** What relative paths are relative to; the working directory when absent. */
  readonly baseDirectory?: string;
}

/**
 * @throws AppError `config-invalid`, params `faults`: one text a fault, naming the setting and what
 *   is wrong with it, never its value
 */
export function loadConfig(sources: ConfigSources): Config {
  const faults: string[] = [];
  const named = namedSettings();
  const file = parseFile(sources.fileText, faults);
  refuseUnknown(sources.env, file, named, faults);

  const values: Record<string, unknown> = {};
  for (const item of named) {
    const fromEnv = sources.env[item.variable];
    const parsed = item.setting.schema.safeParse(fromEnv ?? valueAt(file, item.path));
    const place = fromEnv === undefined ? item.name : item.variable;
    if (parsed.success) setAt(values, item.path, parsed.data);
    else faults.push(...parsed.error.issues.map((issue) => `${place}: ${issue.message}`));
  }
  if (faults.length > 0) throw invalid(faults);

  const config = complete(values as unknown as Settings, sources.baseDirectory ?? '.', faults);
  if (config === undefined || faults.length > 0) throw invalid(faults);
  return deepFreeze(config);
}

function complete(settings: Settings, baseDirectory: string, faults: string[]): Config | undefined {
  const at = (path: string): string => resolve(baseDirectory, path);
  const dataDirectory = at(settings.dataDirectory);
  const isLoopback = ['127.0.0.1', '::1', 'localhost'].includes(settings.host);
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const publicUrl = settings.publicUrl ?? `http://${host}:${settings.port}`;
  if (settings.environment === 'production' && publicUrl.startsWith('http:') && !isLoopback) {
    faults.push('publicUrl: must be https in production unless the service listens on loopback');
  }
  const store = storeOf(settings, at, dataDirectory, faults);
  const budgetSystem = budgetSystemOf(settings, at, faults);
  if (settings.signing.level !== 'B-B' && settings.signing.tsaUrls.length === 0) {
    faults.push(`signing.tsaUrls: level ${settings.signing.level} needs a timestamp authority`);
  }
  const badTsa = settings.signing.tsaUrls.some((url) => !/^https?:\/\//.test(url));
  if (badTsa) faults.push('signing.tsaUrls: must be http(s) URLs');
  if (store === undefined) return undefined;
  return {
    ...settings,
    ...pathsOf(settings, at),
    pkcs11: pkcs11Of(settings, at, faults),
    dataDirectory,
    publicUrl,
    store,
    budgetSystem,
    receipts: receiptsOf(settings, at, faults),
    trustDirectory:
      settings.trustDirectory === undefined
        ? join(dataDirectory, 'trust')
        : at(settings.trustDirectory),
    jwt: {
      ...settings.jwt,
      issuer: settings.jwt.issuer ?? publicUrl,
      keyFile:
        settings.jwt.keyFile === undefined
          ? join(dataDirectory, 'keys', 'access.json')
          : at(settings.jwt.keyFile),
    },
  };
}

function pathsOf(
  settings: Settings,
  at: (path: string) => string,
): Pick<Config, 'templatesDirectory' | 'calendarsDirectory' | 'fontsDirectory' | 'seals'> {
  const { makerP12File, makerToken, makerSecretFile } = settings.seals;
  return {
    seals: {
      makerP12File: optionalPath(makerP12File, at),
      makerToken,
      makerSecretFile: optionalPath(makerSecretFile, at),
    },
    templatesDirectory: optionalPath(settings.templatesDirectory, at),
    calendarsDirectory: optionalPath(settings.calendarsDirectory, at),
    fontsDirectory: optionalPath(settings.fontsDirectory, at),
  };
}

function optionalPath(path: string | undefined, at: (path: string) => string): string | undefined {
  return path === undefined ? undefined : at(path);
}

function pkcs11Of(
  { pkcs11 }: Settings,
  at: (path: string) => string,
  faults: string[],
): Config['pkcs11'] {
  const sm2Mechanisms = pkcs11.sm2Mechanisms.flatMap((text) => {
    const parts = /^(0x[0-9a-f]{1,8}|\d{1,10}):(digest|message)$/i.exec(text);
    if (parts === null) {
      faults.push(
        'pkcs11.sm2Mechanisms: each must be a number and its input, as 0x80008103:digest',
      );
      return [];
    }
    const input = parts[2]?.toLowerCase() === 'digest' ? 'digest' : 'message';
    return [{ mechanism: Number(parts[1]), input } as const];
  });
  return {
    ...pkcs11,
    modules: pkcs11.modules.map(at),
    softhsmConf: optionalPath(pkcs11.softhsmConf, at),
    sm2Mechanisms: sm2Mechanisms.length === 0 ? undefined : sm2Mechanisms,
  };
}

function storeOf(
  { store }: Settings,
  at: (path: string) => string,
  dataDirectory: string,
  faults: string[],
): Config['store'] | undefined {
  if (store.kind === 'sqlite') {
    if (store.mongodbUri !== undefined) {
      faults.push('store.mongodbUri: set, but store.kind is sqlite');
    }
    const path = store.sqlitePath;
    return {
      kind: 'sqlite',
      path: path === undefined ? join(dataDirectory, 'qianyin.sqlite') : at(path),
    };
  }
  if (store.sqlitePath !== undefined) {
    faults.push('store.sqlitePath: set, but store.kind is mongodb');
  }
  if (store.mongodbUri === undefined) {
    faults.push('store.mongodbUri: needed by store.kind mongodb');
    return undefined;
  }
  if (!/^mongodb(\+srv)?:\/\//.test(store.mongodbUri.revealText())) {
    faults.push('store.mongodbUri: must start with mongodb:// or mongodb+srv://');
  }
  return { kind: 'mongodb', uri: store.mongodbUri };
}

function budgetSystemOf(
  { budgetSystem, environment }: Settings,
  at: (path: string) => string,
  faults: string[],
): BudgetSystemConfig | undefined {
  const { url, keyId, signingKeyFile, timeoutMs, retrySeconds, reconcileHour } = budgetSystem;
  if (url === undefined) {
    if (keyId !== undefined || signingKeyFile !== undefined) {
      faults.push('budgetSystem.url: needed by budgetSystem.keyId and budgetSystem.signingKeyFile');
    }
    return undefined;
  }
  if (environment === 'production' && !url.startsWith('https:')) {
    faults.push('budgetSystem.url: must be https in production');
  }
  if (keyId === undefined) faults.push('budgetSystem.keyId: needed by budgetSystem.url');
  if (signingKeyFile === undefined) {
    faults.push('budgetSystem.signingKeyFile: needed by budgetSystem.url');
  }
  if (keyId === undefined || signingKeyFile === undefined) return undefined;
  return {
    url,
    keyId,
    signingKeyFile: at(signingKeyFile),
    timeoutMs,
    retrySeconds,
    reconcileHour,
  };
}

function receiptsOf(
  { budgetSystem, environment }: Settings,
  at: (path: string) => string,
  faults: string[],
): Config['receipts'] {
  const { url, receiptKeysFile, unsignedReceipts } = budgetSystem;
  const acceptsUnsigned = unsignedReceipts === 'accept';
  // Answers of a peer are nobody's word; a receipt that is brought is that of a machine's account.
  if (environment === 'production' && url !== undefined && receiptKeysFile === undefined) {
    if (!acceptsUnsigned) {
      faults.push(
        'budgetSystem.receiptKeysFile: needed by budgetSystem.url in production, unless budgetSystem.unsignedReceipts is accept',
      );
    }
  }
  return {
    keysFile: optionalPath(receiptKeysFile, at),
    acceptsUnsigned: acceptsUnsigned || receiptKeysFile === undefined,
  };
}

function parseFile(fileText: string | undefined, faults: string[]): Record<string, unknown> {
  if (fileText === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(fileText);
    if (isObject(parsed)) return parsed;
    faults.push('configuration file: must be a JSON object');
  } catch {
    // The parser's message quotes the text around the fault, which may be a secret.
    faults.push('configuration file: is not JSON');
  }
  return {};
}

function refuseUnknown(
  env: Environment,
  file: Record<string, unknown>,
  named: readonly NamedSetting[],
  faults: string[],
): void {
  const variables = new Set(named.map((item) => item.variable));
  for (const variable of Object.keys(env)) {
    if (!variables.has(variable)) faults.push(`${variable}: is not a setting`);
  }
  const names = new Set(named.map((item) => item.name));
  const groups = new Set(named.flatMap((item) => (item.path.length > 1 ? [item.path[0]] : [])));
  for (const [key, value] of Object.entries(file)) {
    if (names.has(key)) continue;
    if (!groups.has(key)) faults.push(`${key}: is not a setting`);
    else if (!isObject(value)) faults.push(`${key}: must be an object`);
    else {
      for (const inner of Object.keys(value)) {
        if (!names.has(`${key}.${inner}`)) faults.push(`${key}.${inner}: is not a setting`);
      }
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueAt(tree: Record<string, unknown>, path: readonly string[]): unknown {
  let node: unknown = tree;
  for (const key of path) {
    if (!isObject(node) || !Object.hasOwn(node, key)) return undefined;
    node = node[key];
  }
  return node;
}

function setAt(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const below = (tree[key] ??= {}) as Record<string, unknown>;
  setAt(below, rest, value);
}

function invalid(faults: readonly string[]): AppError {
  return new AppError('config-invalid', faults.join('; '), { params: { faults } });
}

function deepFreeze<T>(value: T): T {
  if (
    Array.isArray(value) ||
    (isObject(value) && Object.getPrototypeOf(value) === Object.prototype)
  ) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
