/**
 * The same Idempotency-Key after a crash between the effect and its answer: the effect is found, not
 * made a second time and not refused. The crash is the state it leaves: a claimed key without an answer.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256Hex, utf8ToBytes } from '../../src/kernel/index.js';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { LETTER, completeForm } from '../support/seal-making.js';
import { allOf } from '../support/invariants.js';
import { goodsTemplate } from '../unit/contract/sample.js';
import { ServiceFixture, type CallOptions, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
beforeAll(async () => {
  fixture = await ServiceFixture.start();
});
afterAll(() => fixture.stop());

interface Repeated {
  readonly as: string;
  readonly operationId: string;
  readonly path: string;
  readonly options: Omit<CallOptions, 'as'>;
}

let keys = 0;

/** Calls, loses the answer as a process does that dies before it is kept, and calls again. */
async function twice({ as, operationId, path, options }: Repeated): Promise<[Reply, Reply]> {
  const key = `repeated-${++keys}`;
  const call = (): Promise<Reply> =>
    fixture.call('POST', path, {
      ...options,
      as,
      headers: { ...options.headers, 'idempotency-key': key },
    });
  const first = await call();
  expect([200, 201, 202]).toContain(first.status);
  const name = JSON.stringify([fixture.accounts.get(as), operationId, key]);
  const { idempotency } = fixture.service.collections;
  const kept = (await idempotency.get(`idem_${sha256Hex(utf8ToBytes(name))}`, SCOPE_ALL))!;
  const { id, fingerprint, expiresAt } = kept;
  const until = new Date(0).toISOString();
  await idempotency.replace({ id, fingerprint, expiresAt, until, version: kept.version + 1 });
  const again = await call();
  expect(again.headers.get('idempotent-replayed')).toBeNull();
  return [first, again];
}

const unit = () => fixture.units.get('buyer')!;
const webhook = { url: 'https://example.gov.cn/hook', events: ['contract.*'] };
type Counted = 'webhooks' | 'sealApplications' | 'units' | 'ownTemplates' | 'contracts';

const creations: readonly (readonly [what: string, records: Counted, request: () => Repeated])[] = [
  [
    'a contract',
    'contracts',
    () => ({
      as: 'unit-handler',
      operationId: 'createContract',
      path: '/contracts',
      options: {
        json: {
          template: 'goods',
          data: sampleContractData({ today: new Date(), number: 'HT-REPEATED' }),
        },
      },
    }),
  ],
  [
    'a webhook',
    'webhooks',
    () => ({
      as: 'unit-handler',
      operationId: 'createWebhook',
      path: '/webhooks',
      options: { json: webhook },
    }),
  ],
  [
    'an application for a seal',
    'sealApplications',
    () => ({
      as: 'unit-handler',
      operationId: 'createSealApplication',
      path: '/seal-applications',
      options: { json: { form: completeForm(unit()) } },
    }),
  ],
  [
    'a unit',
    'units',
    () => ({
      as: 'system-administrator',
      operationId: 'createUnit',
      path: '/units',
      options: {
        json: {
          name: '示例新单位',
          creditCode: '11370100MA3PNEW01L',
          regionCode: unit().regionCode,
          kind: 'budget-unit',
        },
      },
    }),
  ],
  [
    'a template of a unit',
    'ownTemplates',
    () => ({
      as: 'unit-handler',
      operationId: 'handInOwnTemplate',
      path: '/own-templates',
      options: {
        json: {
          template: { ...goodsTemplate, id: 'repeated', kind: 'goods', version: 1 },
          sample: sampleContractData({ today: new Date(), number: 'HT-SAMPLE' }),
        },
      },
    }),
  ],
];

describe('a request that is repeated after a crash', () => {
  it.each(creations)('makes %s once', async (_, records, request) => {
    const collection = fixture.service.collections[records] as unknown as Parameters<
      typeof allOf
    >[0];
    const before = (await allOf(collection)).length;
    const [first, again] = await twice(request());
    expect(first.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await allOf(collection)).toHaveLength(before + 1);
  });

  it('does not keep the secret of a webhook beside its answer', async () => {
    const key = 'no-secret-kept';
    const call = (events: readonly string[]): Promise<Reply> =>
      fixture.call('POST', '/webhooks', {
        as: 'unit-handler',
        json: { ...webhook, events },
        headers: { 'idempotency-key': key },
      });
    const first = await call(['contract.*']);
    expect((await call(['contract.*'])).body).toEqual(first.body);
    const kept = JSON.stringify(await allOf(fixture.service.collections.idempotency));
    expect(kept).not.toContain(first.body.secret);
    expect((await call(['filing.*'])).body.code).toBe('idempotency-key-reused');
  });

  it('rotates the secret of a webhook once: the one in use still signs', async () => {
    const made = await fixture.call('POST', '/webhooks', { as: 'unit-handler', json: webhook });
    const { id } = (made.body as unknown as { webhook: { id: string } }).webhook;
    const [first, again] = await twice({
      as: 'unit-handler',
      operationId: 'rotateWebhookSecret',
      path: `/webhooks/${id}/secret`,
      options: { json: {} },
    });
    expect(again.body).toEqual(first.body);
    const record = (await fixture.service.collections.webhooks.get(id, SCOPE_ALL))!;
    expect(record.revision).toBe(2);
    const [test, testAgain] = await twice({
      as: 'unit-handler',
      operationId: 'testWebhook',
      path: `/webhooks/${id}/test`,
      options: { json: {} },
    });
    expect(testAgain.body.id).toBe(test.body.id);
  });

  it('takes each step of an application once', async () => {
    const as = 'unit-handler';
    const draft = await fixture.call('POST', '/seal-applications', {
      as,
      json: { form: completeForm(unit()) },
    });
    const path = `/seal-applications/${draft.body.id}`;
    const [attached, attachedAgain] = await twice({
      as,
      operationId: 'attachToSealApplication',
      path: `${path}/attachments?kind=authorisation-letter&fileName=letter.pdf`,
      options: { body: LETTER, headers: { 'content-type': 'application/pdf' } },
    });
    expect(attachedAgain.body).toEqual(attached.body);
    const [submitted, submittedAgain] = await twice({
      as,
      operationId: 'submitSealApplication',
      path: `${path}/submit`,
      options: { json: {}, headers: { 'if-match': attached.headers.get('etag')! } },
    });
    expect(submitted.body.state).toBe('submitted');
    expect(submittedAgain.body).toEqual(submitted.body);
  });

  it('changes a seal once', async () => {
    const { id } = await fixture.issueSeal('buyer');
    const suspend = {
      as: 'seal-administrator',
      operationId: 'suspendSeal',
      path: `/seals/${id}/suspend`,
      options: { json: { cause: 'frozen', reason: '核查' } },
    };
    const [first, again] = await twice(suspend);
    expect(again.body).toEqual(first.body);
  });
});
