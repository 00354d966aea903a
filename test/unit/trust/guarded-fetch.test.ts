/** That waiting for a silent server ends, however much garbage is collected meanwhile. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppError, startDeadline } from '../../../src/kernel/index.js';
import { asStandardFetch, createGuardedFetch } from '../../../src/trust/http/index.js';

const FOR_EVER_MS = 3_600_000;

let server: Server;
let url: string;
let collecting: NodeJS.Timeout;
beforeAll(async () => {
  server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collecting = setInterval(collect, 20);
});
afterAll(() => {
  clearInterval(collecting);
  server.closeAllConnections();
  server.close();
});

const fetchWithin = (timeoutMs: number): typeof fetch =>
  asStandardFetch(createGuardedFetch({ allowedHosts: [], allowPrivateAddresses: true, timeoutMs }));

describe('waiting for a silent server', () => {
  it('ends by the time of the fetch', async () => {
    await expect(fetchWithin(300)(url)).rejects.toMatchObject({
      code: 'unavailable',
      params: { reason: 'timeout' },
    });
  });

  it('ends by the time of the caller', async () => {
    using deadline = startDeadline(300);
    await expect(fetchWithin(FOR_EVER_MS)(url, { signal: deadline.signal })).rejects.toThrow();
    expect(deadline.signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('ends when the caller stops', async () => {
    const stopping = new AbortController();
    using deadline = startDeadline(FOR_EVER_MS, stopping.signal);
    setTimeout(() => stopping.abort(new AppError('unavailable', 'stops')), 300);
    await expect(fetchWithin(FOR_EVER_MS)(url, { signal: deadline.signal })).rejects.toThrow();
    expect(deadline.signal.reason).toBe(stopping.signal.reason);
  });

  it('does not begin where the caller has stopped', () => {
    using deadline = startDeadline(FOR_EVER_MS, AbortSignal.abort('stopped'));
    expect(deadline.signal.reason).toBe('stopped');
  });
});
