/** Webhooks from the API to a receiver that checks with the reference library. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { SCOPE_ALL } from '../../src/store/index.js';
import { confirmedContract } from './confirmed-contract.js';
import { ServiceFixture, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
beforeAll(async () => {
  fixture = await ServiceFixture.start();
}, 60_000);
afterAll(() => fixture.stop());

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
}

let receiver: Server;
let url: string;
let received: Received[];
/** What the receiver answers next; 204 when it runs out. */
let answers: number[];

beforeEach(async () => {
  received = [];
  answers = [];
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers as Record<string, string>, body });
      const status = answers.shift() ?? 204;
      if (status === 0) response.destroy();
      else response.writeHead(status, { location: 'http://127.0.0.1/elsewhere' }).end('thanks');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
afterEach(() => {
  receiver.closeAllConnections();
  receiver.close();
});

interface WebhookBody {
  readonly id: string;
  readonly url: string;
  readonly status: string;
  readonly disabledBecause: string | null;
  readonly failingSince: string | null;
  readonly secrets: readonly { readonly until: string | null }[];
}
interface DeliveryBody {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly attemptCount: number;
  readonly attempts: readonly { readonly outcome: string }[];
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the one cast of this file
const bodyOf = <T>(reply: Reply): T => reply.body as unknown as T;

async function created(events: readonly string[], as = 'unit-handler') {
  const reply = await fixture.call('POST', '/webhooks', { as, json: { url, events } });
  expect(reply.status).toBe(201);
  return bodyOf<{ webhook: WebhookBody; secret: string }>(reply);
}

async function rounds(): Promise<void> {
  await fixture.service.settle();
}

async function deliveriesOf(id: string, as = 'unit-handler'): Promise<readonly DeliveryBody[]> {
  const reply = await fixture.call('GET', `/webhooks/${id}/deliveries`, { as });
  return bodyOf<{ items: DeliveryBody[] }>(reply).items;
}

describe('a webhook', () => {
  it('is told of its unit’s events, signed so that the reference library agrees', async () => {
    const { webhook, secret } = await created(['contract.*']);
    const other = await created(['seal.*']);
    const contract = await confirmedContract(fixture);
    await rounds();
    const own = await deliveriesOf(webhook.id);
    expect(own.map(({ type, state }) => [type, state])).toEqual(
      expect.arrayContaining([
        ['contract.created', 'delivered'],
        ['contract.sent', 'delivered'],
        ['contract.confirmed', 'delivered'],
      ]),
    );
    expect(await deliveriesOf(other.webhook.id)).toEqual([]);
    const verifier = new Webhook(secret);
    for (const { body, headers } of received) {
      expect(verifier.verify(body, headers)).toMatchObject({
        data: { subject: { kind: 'contract', id: contract } },
      });
      expect(() => new Webhook(other.secret).verify(body, headers)).toThrow();
      expect(() => verifier.verify(body.replace('contract', 'kontract'), headers)).toThrow();
    }
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(
      received.length,
    );
    await fixture.call('DELETE', `/webhooks/${webhook.id}`, { as: 'unit-handler' });
    await fixture.call('DELETE', `/webhooks/${other.webhook.id}`, { as: 'unit-handler' });
  });

  it('is not told what its maker may not see', async () => {
    const { webhook } = await created(['*'], 'stranger-unit-handler');
    await confirmedContract(fixture);
    await rounds();
    expect(await deliveriesOf(webhook.id, 'stranger-unit-handler')).toEqual([]);
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/deliveries'],
      ['DELETE', ''],
      ['POST', '/secret'],
      ['POST', '/test'],
    ] as const) {
      const reply = await fixture.call(method, `/webhooks/${webhook.id}${path}`, {
        as: 'unit-handler',
        ...(path === '/test' ? { headers: { 'idempotency-key': 'key-12345678' } } : {}),
      });
      expect([method, path, reply.status]).toEqual([method, path, 404]);
    }
    await fixture.call('DELETE', `/webhooks/${webhook.id}`, { as: 'stranger-unit-handler' });
  });

  it('keeps its secret sealed, shows it once, and signs with old and new for a day', async () => {
    const { webhook, secret } = await created(['contract.signed']);
    const stored = readFileSync(join(fixture.config.dataDirectory, 'qianyin.sqlite'));
    const wal = readFileSync(join(fixture.config.dataDirectory, 'qianyin.sqlite-wal'));
    for (const file of [stored, wal]) expect(file.includes(secret.slice(6))).toBe(false);
    const shown = await fixture.call('GET', `/webhooks/${webhook.id}`, { as: 'unit-handler' });
    expect(JSON.stringify(shown.body)).not.toContain('whsec_');

    const rotated = bodyOf<{ webhook: WebhookBody; secret: string }>(
      await fixture.call('POST', `/webhooks/${webhook.id}/secret`, {
        as: 'unit-handler',
        json: {},
      }),
    );
    expect(rotated.webhook.secrets).toEqual([{ until: null }, { until: expect.any(String) }]);
    const test = async (): Promise<Received> => {
      received.length = 0;
      const reply = await fixture.call('POST', `/webhooks/${webhook.id}/test`, {
        as: 'unit-handler',
        json: {},
        headers: { 'idempotency-key': `key-${Math.random()}` },
      });
      expect(reply.status).toBe(202);
      await rounds();
      return received[0]!;
    };
    const during = await test();
    for (const each of [secret, rotated.secret]) {
      expect(new Webhook(each).verify(during.body, during.headers)).toMatchObject({
        type: 'webhook.test',
      });
    }
    // A day later the old one no longer signs. The library compares with the real clock.
    fixture.clock.offsetMs += 25 * 3_600_000;
    const after = await test();
    fixture.clock.offsetMs -= 25 * 3_600_000;
    expect(after.headers['webhook-signature']?.split(' ')).toHaveLength(1);
    await fixture.call('DELETE', `/webhooks/${webhook.id}`, { as: 'unit-handler' });
  });

  it('is tried again under one id until it takes the message', async () => {
    const { webhook } = await created(['contract.signed']);
    answers = [500, 0, 302, 429];
    await fixture.call('POST', `/webhooks/${webhook.id}/test`, {
      as: 'unit-handler',
      json: {},
      headers: { 'idempotency-key': 'key-retry-1' },
    });
    const start = fixture.clock.offsetMs;
    for (let round = 0; round < 5; round++) {
      await rounds();
      fixture.clock.offsetMs += 3_600_000;
    }
    fixture.clock.offsetMs = start;
    const [delivery] = await deliveriesOf(webhook.id);
    expect(delivery).toMatchObject({
      state: 'delivered',
      attemptCount: 5,
      attempts: ['500', 'unavailable', '302', '429', '204'].map((outcome) => ({ outcome })),
    });
    expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set([delivery?.id]),
    );
    const again = await fixture.call(
      'POST',
      `/webhooks/${webhook.id}/deliveries/${delivery?.id ?? ''}/resend`,
      { as: 'unit-handler', json: {}, headers: { 'idempotency-key': 'key-resend-1' } },
    );
    expect(again.status).toBe(202);
    await rounds();
    expect(received.at(-1)?.headers['webhook-id']).toBe(delivery?.id);
    await fixture.call('DELETE', `/webhooks/${webhook.id}`, { as: 'unit-handler' });
  });

  it('is disabled after days of failure, says so, and can be enabled again', async () => {
    const { webhook } = await created(['contract.signed']);
    const start = fixture.clock.offsetMs;
    for (let day = 0; day <= 6; day++) {
      answers = [503, 503, 503, 503];
      await fixture.call('POST', `/webhooks/${webhook.id}/test`, {
        as: 'unit-handler',
        json: {},
        headers: { 'idempotency-key': `key-day-${day}` },
      });
      await rounds();
      fixture.clock.offsetMs += 86_400_000;
    }
    fixture.clock.offsetMs = start;
    const reply = await fixture.call('GET', `/webhooks/${webhook.id}`, { as: 'unit-handler' });
    expect(reply.body).toMatchObject({ status: 'disabled', disabledBecause: 'failing' });
    await rounds();
    const events = await fixture.service.collections.auditEntries.find(
      { where: { subject: { eq: `webhook/${webhook.id}` } }, limit: 10 },
      SCOPE_ALL,
    );
    expect(events.items.map(({ event }) => event.type)).toEqual([
      'webhook.created',
      'webhook.disabled',
    ]);
    const enabled = await fixture.call('PATCH', `/webhooks/${webhook.id}`, {
      as: 'unit-handler',
      json: { status: 'active' },
      headers: { 'if-match': reply.headers.get('etag') ?? '' },
    });
    expect(enabled.body).toMatchObject({ status: 'active', failingSince: null });
    await fixture.call('DELETE', `/webhooks/${webhook.id}`, { as: 'unit-handler' });
  });

  it('is disabled at once where the receiver says that it is gone', async () => {
    const { webhook } = await created(['contract.signed']);
    answers = [410];
    await fixture.call('POST', `/webhooks/${webhook.id}/test`, {
      as: 'unit-handler',
      json: {},
      headers: { 'idempotency-key': 'key-gone-1' },
    });
    await rounds();
    const reply = await fixture.call('GET', `/webhooks/${webhook.id}`, { as: 'unit-handler' });
    expect(reply.body).toMatchObject({ status: 'disabled', disabledBecause: 'gone' });
    await fixture.call('DELETE', `/webhooks/${webhook.id}`, { as: 'unit-handler' });
  });

  it.each([
    ['ftp://example.org/x'],
    ['http://user:pass@127.0.0.1/x'],
    ['http://127.0.0.1/x#y'],
    ['not an address'],
  ])('cannot be made for %s', async (to) => {
    const reply = await fixture.call('POST', '/webhooks', {
      as: 'unit-handler',
      json: { url: to, events: ['*'] },
    });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
  });

  it.each([['account.created'], ['contract.'], ['contract.*.x'], ['']])(
    'cannot ask for events %j',
    async (event) => {
      const reply = await fixture.call('POST', '/webhooks', {
        as: 'unit-handler',
        json: { url, events: [event] },
      });
      expect([reply.status, reply.body.code]).toEqual([400, 'request-invalid']);
    },
  );
});
