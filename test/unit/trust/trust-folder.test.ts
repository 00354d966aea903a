import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isAppError } from '../../../src/kernel/index.js';
import type { TrustProfile } from '../../../src/trust/index.js';
import { openTrustFolder } from '../../../src/trust/file/index.js';
import { TestPki } from '../../support/test-pki.js';

let rootDer: Uint8Array;
let otherDer: Uint8Array;
let leafDer: Uint8Array;
let folder: string;
const folders: string[] = [];

beforeAll(async () => {
  const pki = await TestPki.create();
  rootDer = pki.rootDer;
  otherDer = (await TestPki.create('CN=另一根证书,C=CN')).rootDer;
  leafDer = (await pki.issue('CN=甲,C=CN', { key: 'P-256' })).certificateDer;
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trust-'));
  folders.push(folder);
});

afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true });
});

function put(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const profiles = (): Promise<readonly TrustProfile[]> => openTrustFolder(folder).profiles();

async function refusal(): Promise<unknown> {
  try {
    await profiles();
    return 'accepted';
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.code;
  }
}

describe('a trust folder', () => {
  it('that is flat is one profile, trusted for everything', async () => {
    put('root.cer', rootDer);
    put('leaf.cer', leafDer);
    const [profile, ...others] = await profiles();
    expect(others).toEqual([]);
    expect(profile).toMatchObject({ anchorsDer: [rootDer], intermediatesDer: [leafDer] });
    expect(profile?.usages).toBeUndefined();
    // A report must not show where on a server its anchors lie.
    expect(profile?.name).not.toContain('/');
  });

  it('gives each declared subfolder a profile, and the rest one more', async () => {
    put('root.cer', rootDer);
    put('stamps/profile.json', '{"name":"时间戳","usages":["time-stamping"]}');
    put('stamps/anchors/other.cer', otherDer);
    const [plain, stamps, ...others] = await profiles();
    expect(others).toEqual([]);
    expect(plain?.anchorsDer).toEqual([rootDer]);
    expect(stamps).toMatchObject({
      name: '时间戳',
      usages: ['time-stamping'],
      anchorsDer: [otherDer],
    });
  });

  it('leaves no empty profile where everything is declared', async () => {
    put('a/profile.json', '{"name":"甲"}');
    put('a/root.cer', rootDer);
    expect((await profiles()).map(({ name }) => name)).toEqual(['甲']);
  });

  it('limits one anchor, or all of a profile', async () => {
    put(
      'profile.json',
      JSON.stringify({
        name: '甲',
        trustedUntil: '2030-01-01T00:00:00Z',
        anchors: { 'other.cer': { trustedFrom: '2020-01-01T00:00:00Z' } },
      }),
    );
    put('root.cer', rootDer);
    put('other.cer', otherDer);
    const [profile] = await profiles();
    expect(profile?.anchorPeriods).toEqual([
      { anchorDer: otherDer, from: new Date('2020-01-01T00:00:00Z') },
      { anchorDer: rootDer, until: new Date('2030-01-01T00:00:00Z') },
    ]);
  });

  it.each([
    ['is not JSON', '{'],
    ['has no name', '{}'],
    ['names a usage that there is not', '{"name":"a","usages":["everything"]}'],
    ['trusts for nothing', '{"name":"a","usages":[]}'],
    ['has a key that is not known', '{"name":"a","usage":["time-stamping"]}'],
    ['has a date that is none', '{"name":"a","trustedUntil":"soon"}'],
    ['limits an anchor that is not there', '{"name":"a","anchors":{"gone.cer":{}}}'],
  ])('is refused where a declaration %s', async (_name, text) => {
    put('a/profile.json', text);
    put('a/root.cer', rootDer);
    expect(await refusal()).toBe('trust-profile-invalid');
  });
});
