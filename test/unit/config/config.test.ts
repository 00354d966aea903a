import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  loadConfig,
  namedSettings,
  readEnv,
  settingsTable,
  type ConfigSources,
} from '../../../src/config/index.js';
import { isAppError } from '../../../src/kernel/index.js';

function faultsOf(sources: Partial<ConfigSources>): readonly string[] {
  try {
    loadConfig({ env: {}, ...sources });
  } catch (error) {
    if (isAppError(error, 'config-invalid')) return error.params['faults'] as readonly string[];
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('starts from defaults alone', () => {
    const config = loadConfig({ env: {}, baseDirectory: '/srv/qianyin' });
    expect(config).toMatchObject({
      environment: 'production',
      host: '127.0.0.1',
      port: 8080,
      publicUrl: 'http://127.0.0.1:8080',
      dataDirectory: '/srv/qianyin/qianyin-data',
      store: { kind: 'sqlite', path: '/srv/qianyin/qianyin-data/qianyin.sqlite' },
      jwt: { issuer: 'http://127.0.0.1:8080', audience: 'qianyin', ttlSeconds: 900 },
      pkcs11: { modules: [] },
    });
    expect(config.budgetSystem).toBeUndefined();
  });

  it('lets the environment win over the file', () => {
    const config = loadConfig({
      env: { QIANYIN_PORT: '9001', QIANYIN_PKCS11_MODULES: '/a.so, /b.so' },
      fileText: JSON.stringify({ port: 9000, limits: { bodyBytes: 4096 } }),
    });
    expect(config.port).toBe(9001);
    expect(config.limits.bodyBytes).toBe(4096);
    expect(config.pkcs11.modules).toEqual(['/a.so', '/b.so']);
  });

  it('freezes the whole configuration', () => {
    const config = loadConfig({ env: {} });
    expect(() => Object.assign(config.limits, { bodyBytes: 1 })).toThrow(TypeError);
  });

  it('lists every fault at once and shows no value', () => {
    const faults = faultsOf({
      env: {
        QIANYIN_PORT: '70000',
        QIANYIN_LOG_LEVEL: 'sekret-level',
        QIANYIN_JWT_TTL_SECONDS: '1e3',
        QIANYIN_NO_SUCH: 'sekret-value',
      },
      fileText: JSON.stringify({ store: { kind: 'mongodb', x: 1 }, other: true, limits: 3 }),
    });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'QIANYIN_NO_SUCH',
      'store.x',
      'other',
      'limits',
      'QIANYIN_LOG_LEVEL',
      'QIANYIN_PORT',
      'QIANYIN_JWT_TTL_SECONDS',
    ]);
    expect(faults.join()).not.toContain('sekret');
  });

  it.each<[string, Partial<ConfigSources>, string]>([
    ['mongodb without a URI', { env: { QIANYIN_STORE_KIND: 'mongodb' } }, 'store.mongodbUri'],
    [
      'a URI of another scheme',
      { env: { QIANYIN_STORE_KIND: 'mongodb', QIANYIN_STORE_MONGODB_URI: 'http://x' } },
      'store.mongodbUri',
    ],
    [
      'a URI beside sqlite',
      { env: { QIANYIN_STORE_MONGODB_URI: 'mongodb://x' } },
      'store.mongodbUri',
    ],
    [
      'plain http to the public in production',
      { env: { QIANYIN_HOST: '0.0.0.0', QIANYIN_PUBLIC_URL: 'http://sign.example' } },
      'publicUrl',
    ],
    [
      'a timestamp level without an authority',
      { env: { QIANYIN_SIGNING_LEVEL: 'B-T' } },
      'signing.tsaUrls',
    ],
    [
      'a budget system without a key',
      { env: { QIANYIN_BUDGET_SYSTEM_URL: 'https://b' } },
      'budgetSystem.keyId',
    ],
    [
      'a budget key without a system',
      { env: { QIANYIN_BUDGET_SYSTEM_KEY_ID: 'k' } },
      'budgetSystem.url',
    ],
    [
      'a URL with a password',
      { env: { QIANYIN_PUBLIC_URL: 'https://u:p@h' } },
      'QIANYIN_PUBLIC_URL',
    ],
    ['a file that is no JSON', { fileText: '{"store": sekret' }, 'configuration file'],
    ['a file that is a list', { fileText: '[]' }, 'configuration file'],
    ['a prototype key', { fileText: '{"__proto__": {"port": 1}}' }, '__proto__'],
  ])('refuses %s', (_name, sources, setting) => {
    const faults = faultsOf(sources);
    expect(faults.map((fault) => fault.split(':')[0])).toContain(setting);
    expect(faults.join()).not.toContain('sekret');
  });

  it('keeps the connection string out of every printed form', () => {
    const uri = 'mongodb://user:canary@h/db';
    const config = loadConfig({
      env: { QIANYIN_STORE_KIND: 'mongodb', QIANYIN_STORE_MONGODB_URI: uri },
    });
    expect(config.store.kind === 'mongodb' && config.store.uri.revealText()).toBe(uri);
    const printed = `${JSON.stringify(config)}${inspect(config, { depth: 9 })}`;
    expect(printed).not.toContain('canary');
  });

  it('answers arbitrary files with a configuration or config-invalid', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (fileText) => {
        expect(() => faultsOf({ fileText })).not.toThrow();
      }),
    );
  });

  it('resolves relative paths against the base directory', () => {
    const config = loadConfig({
      env: { QIANYIN_TRUST_DIRECTORY: 'anchors' },
      baseDirectory: '/etc',
    });
    expect(config.trustDirectory).toBe(resolve('/etc/anchors'));
  });
});

describe('readEnv', () => {
  it('takes settings only, and no empty ones', () => {
    const found = readEnv({
      PATH: '/bin',
      QIANYIN_PORT: '1',
      QIANYIN_HOST: '',
      QIANYIN_PIN: '1234',
    });
    expect(found).toEqual({ QIANYIN_PORT: '1' });
  });
});

describe('settings', () => {
  it('derives the variable from the place', () => {
    const names = new Map(namedSettings().map((item) => [item.name, item.variable]));
    expect(names.get('jwt.ttlSeconds')).toBe('QIANYIN_JWT_TTL_SECONDS');
    expect(new Set(names.values()).size).toBe(names.size);
  });

  it('lists every setting in the table', () => {
    const table = settingsTable();
    for (const { variable } of namedSettings()) expect(table).toContain(`\`${variable}\``);
  });
});
