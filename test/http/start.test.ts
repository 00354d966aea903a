/** A start that fails leaves nothing open: no database, no process, no port. */
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Opened, openingAll } from '../../src/app/opened.js';
import { serve } from '../../src/app/serve.js';
import { openService, type Service } from '../../src/app/service.js';
import { loadConfig, type Config } from '../../src/config/index.js';
import { silentLogger, systemClock } from '../../src/kernel/index.js';
import { SAMPLE_REGION } from '../../src/sandbox/sample/index.js';
import { principal } from './service-fixture.js';

let directory: string;
let config: Config;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'qianyin-start-'));
  mkdirSync(join(directory, 'trust'));
  config = loadConfig({
    env: {
      QIANYIN_ENVIRONMENT: 'development',
      QIANYIN_DATA_DIRECTORY: directory,
      QIANYIN_TRUST_DIRECTORY: join(directory, 'trust'),
    },
  });
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = (): Promise<Service> =>
  openService({ config, clock: systemClock, logger: silentLogger });

/** Files under the data folder that this process holds open. */
function heldFiles(): readonly string[] {
  return readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    })
    .filter((path) => path.startsWith(directory));
}

it('closes the database where the audit log is not the one that was exported', async () => {
  {
    await using service = await open();
    await service.services.accounts.create(principal(['system-administrator']), {
      name: 'somebody',
      kind: 'machine',
      roles: ['budget-system'],
      regionCode: SAMPLE_REGION,
    });
    await service.settle();
    service.start();
    expect(heldFiles()).not.toEqual([]);
  }
  expect(heldFiles()).toEqual([]);
  for (const name of readdirSync(directory)) {
    if (name.includes('.sqlite')) rmSync(join(directory, name));
  }
  await expect(open()).rejects.toMatchObject({ code: 'audit-corrupt' });
  expect(heldFiles()).toEqual([]);
});

it('closes everything where the port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  try {
    await expect(
      serve({ config: { ...config, host: '127.0.0.1', port }, logger: silentLogger }),
    ).rejects.toMatchObject({ code: 'unavailable' });
    expect(heldFiles()).toEqual([]);
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
});

it('closes the last that was opened first, and all of it, and tells the failure of the start', async () => {
  const closed: string[] = [];
  const resource = (name: string, fault?: Error): AsyncDisposable => ({
    [Symbol.asyncDispose]() {
      closed.push(name);
      return fault === undefined ? Promise.resolve() : Promise.reject(fault);
    },
  });
  const fill = (opened: Opened): void => {
    opened.add(resource('store'));
    opened.add(resource('tokens', new Error('a module hangs')));
    opened.add({ [Symbol.dispose]: () => void closed.push('reader') });
  };
  const failing = openingAll((opened) => {
    fill(opened);
    return Promise.reject(new Error('no trust'));
  });
  await expect(failing).rejects.toThrow('no trust');
  expect(closed).toEqual(['reader', 'tokens', 'store']);

  const opened = new Opened();
  fill(opened);
  await expect(opened[Symbol.asyncDispose]()).rejects.toThrow('a module hangs');
  expect(closed).toHaveLength(6);
  await opened[Symbol.asyncDispose]();
  expect(closed).toHaveLength(6);
});
