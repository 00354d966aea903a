import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ERROR_CODES, ERROR_TEXTS, type LogFields, type Logger } from '../../src/kernel/index.js';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { samplePdf } from '../support/contract-pdf.js';
import { PIN, ServiceFixture } from './service-fixture.js';

interface Line {
  readonly event: string;
  readonly fields: LogFields;
}

const lines: Line[] = [];
const keep = (event: string, fields: LogFields = {}): void => void lines.push({ event, fields });
const logger: Logger = {
  debug: keep,
  info: keep,
  warn: keep,
  error: keep,
  child: () => logger,
};

let fixture: ServiceFixture;

beforeAll(async () => {
  fixture = await ServiceFixture.start({ logger });
});
afterAll(() => fixture.stop());

const handler = { as: 'unit-handler' };
const pdfType = { 'content-type': 'application/pdf' };

describe('problems', () => {
  it('are RFC 9457 documents with a code, an instance and both languages', async () => {
    const reply = await fixture.call('GET', '/contracts/ctr_00000000000000000000000000', handler);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(reply.body).toEqual({
      type: '/problems/contract-not-found',
      title: ERROR_TEXTS['contract-not-found'].title,
      titleEn: ERROR_TEXTS['contract-not-found'].titleEn,
      status: 404,
      detail: expect.stringContaining(ERROR_TEXTS['contract-not-found'].hintEn),
      instance: `urn:uuid:${reply.headers.get('x-request-id')!}`,
      code: 'contract-not-found',
      retryable: false,
    });
  });

  it.each<[string, string, string, object, number, string]>([
    ['an unknown path', 'GET', '/nothing', {}, 404, 'not-found'],
    ['an unknown page', 'GET', '//nothing', {}, 404, 'not-found'],
    ['a method the path does not have', 'PUT', '/contracts', {}, 405, 'method-not-allowed'],
    [
      'an address that cannot be decoded',
      'GET',
      '/contracts/%E0%A4%A',
      handler,
      400,
      'request-invalid',
    ],
    ['a malformed id', 'GET', '/contracts/1', handler, 400, 'request-invalid'],
    ['an unknown query parameter', 'GET', '/contracts?limt=1', handler, 400, 'request-invalid'],
    [
      'a parameter given twice',
      'GET',
      '/contracts?limit=1&limit=2',
      handler,
      400,
      'request-invalid',
    ],
    ['a limit out of range', 'GET', '/contracts?limit=0', handler, 400, 'request-invalid'],
    ['a cursor of nobody', 'GET', '/contracts?cursor=x', handler, 422, 'input-invalid'],
    ['no body', 'POST', '/contracts', handler, 400, 'request-invalid'],
    [
      'an unknown property',
      'POST',
      '/contracts',
      { ...handler, json: { data: {}, x: 1 } },
      400,
      'request-invalid',
    ],
    [
      'text that is no JSON',
      'POST',
      '/contracts',
      { ...handler, body: '{"pin": 1', headers: { 'content-type': 'application/json' } },
      400,
      'request-invalid',
    ],
    [
      'JSON that is nested too deep',
      'POST',
      '/contracts',
      {
        ...handler,
        body: `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
        headers: { 'content-type': 'application/json' },
      },
      400,
      'request-invalid',
    ],
    [
      'a string with half a character',
      'POST',
      '/contracts',
      {
        ...handler,
        body: '{"data": {"title": "\\ud800"}}',
        headers: { 'content-type': 'application/json' },
      },
      400,
      'request-invalid',
    ],
    [
      'a body of another type',
      'POST',
      '/contracts',
      { ...handler, body: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'media-type-unsupported',
    ],
    [
      'a compressed body',
      'POST',
      '/contracts',
      {
        ...handler,
        body: 'x',
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      },
      415,
      'media-type-unsupported',
    ],
    [
      'a form without boundary',
      'POST',
      '/verifications',
      { body: 'x', headers: { 'content-type': 'multipart/form-data' } },
      400,
      'request-invalid',
    ],
    [
      'a form that breaks off',
      'POST',
      '/verifications',
      {
        body: '--b\r\nContent-Disp',
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
      },
      400,
      'request-invalid',
    ],
    [
      'a file that is no PDF',
      'POST',
      '/verifications',
      { body: 'hello', headers: pdfType },
      422,
      'pdf-not-a-pdf',
    ],
    [
      'a key that is no key',
      'POST',
      '/contracts',
      { ...handler, json: { data: {} }, headers: { 'idempotency-key': 'x'.repeat(256) } },
      400,
      'request-invalid',
    ],
  ])('for %s', async (_name, method, path, options, status, code) => {
    const reply = await fixture.call(method, path, options);
    expect([reply.status, reply.body.code]).toEqual([status, code]);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
  });

  it('name the methods a path has', async () => {
    const reply = await fixture.call('PUT', '/contracts', {});
    expect(reply.headers.get('allow')).toBe('GET, POST, HEAD');
  });

  it('have a page each', async () => {
    for (const code of ERROR_CODES) {
      const page = await fetch(`${fixture.url}/problems/${code}`);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain(code);
    }
    expect((await fetch(`${fixture.url}/problems/constructor`)).status).toBe(404);
  });
});

describe('bodies', () => {
  const tooLarge = 65 * 1024;

  it('beyond the bound are refused by their announced length', async () => {
    const reply = await fixture.call('POST', '/contracts', {
      ...handler,
      json: { data: { text: 'x'.repeat(tooLarge) } },
    });
    expect(reply).toMatchObject({ status: 413, body: { params: { maxBytes: 65536 } } });
  });

  it('beyond the bound are refused though no length was announced', async () => {
    const reply = await raw([
      'POST /api/v1/verifications HTTP/1.1',
      'Host: x',
      'Content-Type: application/pdf',
      'Transfer-Encoding: chunked',
      '',
      '',
    ]);
    expect(reply).toMatch(/^HTTP\/1\.1 413 /);
    expect(reply).toContain('"code":"request-too-large"');
  });

  it('are not read for a caller who may not send them', async () => {
    const reply = await raw([
      'POST /api/v1/contracts HTTP/1.1',
      'Host: x',
      'Content-Type: application/json',
      'Content-Length: 50000',
      '',
      '',
    ]);
    expect(reply).toMatch(/^HTTP\/1\.1 401 /);
  });

  /** Sends the head, then chunks of 64 KiB until the server has answered. */
  function raw(head: readonly string[]): Promise<string> {
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    return new Promise((resolve) => {
      const socket = connect(Number(new URL(fixture.url).port), '127.0.0.1');
      let answer = '';
      let chunks = 0;
      const more = (): void => {
        if (answer !== '' || chunks++ > 80 || !head.join().includes('chunked')) return;
        socket.write(chunk, () => setImmediate(more));
      };
      socket.on('error', () => resolve(answer));
      socket.on('data', (bytes) => {
        answer += bytes.toString();
      });
      socket.on('close', () => resolve(answer));
      socket.write(head.join('\r\n'), more);
    });
  }
});

describe('idempotency keys', () => {
  const request = (data: unknown, key: string): object => ({
    ...handler,
    json: { template: 'goods', data },
    headers: { 'idempotency-key': key },
  });
  const data = (number: string): ReturnType<typeof sampleContractData> =>
    sampleContractData({ today: new Date(), number });

  it('give the same answer to the same request, with its headers', async () => {
    const first = await fixture.call('POST', '/contracts', request(data('IDEM-1'), 'one'));
    const again = await fixture.call('POST', '/contracts', request(data('IDEM-1'), 'one'));
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    for (const name of ['etag', 'location']) {
      expect(again.headers.get(name)).toBe(first.headers.get(name));
    }
  });

  it('refuse another request', async () => {
    await fixture.call('POST', '/contracts', request(data('IDEM-2'), 'two'));
    const other = await fixture.call('POST', '/contracts', request(data('IDEM-3'), 'two'));
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  });

  it('belong to the caller', async () => {
    const path = '/contracts';
    await fixture.call('POST', path, request(data('IDEM-4'), 'mine'));
    const theirs = await fixture.call('POST', path, {
      ...request(data('IDEM-5'), 'mine'),
      as: 'budget-system',
    });
    expect(theirs.status).toBe(201);
  });

  it('are free again after a refusal', async () => {
    const refused = await fixture.call('POST', '/contracts', {
      ...handler,
      json: { template: 'none', data: data('IDEM-6') },
      headers: { 'idempotency-key': 'free' },
    });
    expect(refused.body.code).toBe('template-not-found');
    const put = await fixture.call('POST', '/contracts', request(data('IDEM-6'), 'free'));
    expect(put.status).toBe(201);
  });

  it('make one contract of many requests at once', async () => {
    const replies = await Promise.all(
      Array.from({ length: 6 }, () =>
        fixture.call('POST', '/contracts', request(data('IDEM-7'), 'many')),
      ),
    );
    const made = replies.filter((reply) => reply.status === 201);
    expect(new Set(made.map((reply) => reply.body.id)).size).toBe(1);
    const others = replies.filter((reply) => reply.status !== 201);
    for (const reply of others) expect(reply.body.code).toBe('idempotency-in-flight');
    const list = await fixture.call('GET', '/contracts?number=IDEM-7', handler);
    expect(list.body.items).toHaveLength(1);
  });
});

describe('lists', () => {
  it('come in pages that neither repeat nor skip', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await fixture.call('GET', `/contracts?limit=2${query}`, handler);
      seen.push(...page.body.items.map((each) => each.id));
      cursor = page.body.nextCursor;
    } while (cursor !== null);
    const whole = await fixture.call('GET', '/contracts?limit=200', handler);
    expect(seen).toEqual(whole.body.items.map((each) => each.id));
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('the service around the API', () => {
  it('tells how it is', async () => {
    expect((await fixture.call('GET', '//healthz')).body).toEqual({ status: 'ok' });
    const ready = await fixture.call('GET', '//readyz');
    expect(ready).toMatchObject({ status: 200, body: { status: 'ready' } });
    const metrics = await fetch(`${fixture.url}/metrics`);
    const text = await metrics.text();
    expect(text).toContain('route="/contracts/{id}"');
    expect(text).not.toMatch(/ctr_/);
  });

  it('serves its documentation from itself alone', async () => {
    const page = await fetch(`${fixture.url}/docs/`);
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const linked = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
    expect(linked).not.toHaveLength(0);
    for (const link of linked) {
      const address = new URL(link, `${fixture.url}/docs/`);
      expect(address.origin).toBe(fixture.url);
      expect((await fetch(address)).status).toBe(200);
    }
    expect((await fetch(`${fixture.url}/docs/package.json`)).status).toBe(404);
  });

  it('lets no answer be run, framed, sniffed or kept', async () => {
    const { headers } = await fixture.call('GET', '/me', handler);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('writes no PIN, name, phone or address of a record into its log', async () => {
    const data = sampleContractData({ today: new Date(), number: 'LOG-1' });
    const made = await fixture.call('POST', '/contracts', {
      ...handler,
      json: { template: 'goods', data },
    });
    await fixture.call('POST', `/contracts/${made.body.id}/signatures`, {
      as: 'unit-signer',
      json: { token: { label: 'buyer' }, pin: PIN },
    });
    await fixture.call('POST', '/verifications', { headers: pdfType, body: await samplePdf() });
    const requests = lines.filter((line) => line.event === 'http.request');
    expect(requests.length).toBeGreaterThan(0);
    const text = JSON.stringify(lines);
    for (const secret of [PIN, data.buyer.contactPhone, data.buyer.representative, made.body.id]) {
      expect(text).not.toContain(secret);
    }
    expect(requests.at(-1)!.fields).toMatchObject({
      requestId: expect.any(String),
      route: '/verifications',
      status: 200,
    });
  });
});

describe('budgets of requests', () => {
  it('end in 429 with the time to wait', async () => {
    const tight = await ServiceFixture.start({ rateLimits: { verificationsPerMinute: 2 } });
    try {
      const body = await samplePdf();
      const ask = (): ReturnType<ServiceFixture['call']> =>
        tight.call('POST', '/verifications', { headers: pdfType, body });
      expect([(await ask()).status, (await ask()).status]).toEqual([200, 200]);
      const refused = await ask();
      expect(refused).toMatchObject({
        status: 429,
        body: { code: 'rate-limited', retryable: true },
      });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await tight.call('GET', '/me', handler)).status).toBe(200);
    } finally {
      await tight.stop();
    }
  });
});
