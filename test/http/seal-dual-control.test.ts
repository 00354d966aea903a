/** 双人复核 over HTTP: who is refused, what an approval is bound to, and what may be attached. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../../src/access/index.js';
import { sha256Hex } from '../../src/kernel/index.js';
import { describeSeal, type SealInformationForm } from '../../src/seal/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { LETTER, completeForm } from '../support/seal-making.js';
import { confirmedContract, signAt } from './confirmed-contract.js';
import { ServiceFixture, principal, type Reply } from './service-fixture.js';

const MIB = 1024 * 1024;
const PDF = { 'content-type': 'application/pdf' };

let fixture: ServiceFixture;
let serial = 0;
beforeAll(async () => {
  fixture = await ServiceFixture.start({ limits: { uploadBytes: 12 * MIB } });
}, 120_000);
afterAll(() => fixture.stop());

/** An account that logged in with a UKey, or without. */
interface Person {
  readonly id: string;
  readonly certificateSha256: string | undefined;
}

async function person(
  role: Role,
  {
    certificateSha256 = newKey(),
    regionCode = unit().regionCode,
  }: { readonly certificateSha256?: string | undefined; readonly regionCode?: string } = {},
): Promise<Person> {
  const { account } = await fixture.service.services.accounts.create(
    principal(['system-administrator'], { regionCode }),
    {
      name: `person-${String(++serial)}`,
      kind: 'person',
      roles: [role],
      certificateSha256: [certificateSha256],
      regionCode,
    },
  );
  return { id: account.id, certificateSha256 };
}

function newKey(): string {
  return sha256Hex(new TextEncoder().encode(`UKey ${String(++serial)}`));
}

/** The person was given another post, or another UKey. */
async function change(
  { id }: Person,
  changes: { readonly roles?: readonly Role[]; readonly certificateSha256?: readonly string[] },
): Promise<void> {
  const { accounts } = fixture.service.services;
  await accounts.update(principal(['system-administrator']), id, changes);
}

const unit = () => fixture.units.get('buyer')!;

function post(as: Person | string, path: string, json: object = {}): Promise<Reply> {
  const who =
    typeof as === 'string'
      ? as
      : fixture.tokens.issue({
          accountId: as.id,
          sessionEpoch: 1,
          certificateSha256: as.certificateSha256,
        }).accessToken;
  return fixture.call('POST', `/seal-applications${path}`, { as: who, json });
}

const attach = (
  id: string,
  bytes: Uint8Array,
  { as = 'unit-handler', type = 'application/pdf', name = '授权书.pdf' } = {},
): Promise<Reply> =>
  fixture.call(
    'POST',
    `/seal-applications/${id}/attachments?kind=authorisation-letter&fileName=${encodeURIComponent(name)}`,
    { as, body: bytes, headers: { ...PDF, 'content-type': type } },
  );

interface Application {
  readonly id: string;
  readonly state: string;
  readonly attachments: readonly { readonly id: string; readonly sha256: string }[];
  readonly preparation: {
    readonly contentSha256: string;
    readonly seals: readonly { readonly sealId: string }[];
  } | null;
}

function bodyOf(reply: Reply, status = 200): Application {
  expect([reply.status, reply.body.code]).toEqual([status, undefined]);
  return reply.body as unknown as Application;
}

async function drafted(form: Partial<SealInformationForm> = {}): Promise<string> {
  const made = await post('unit-handler', '', { form: completeForm(unit(), form) });
  return bodyOf(made, 201).id;
}

async function submitted(form: Partial<SealInformationForm> = {}): Promise<string> {
  const id = await drafted(form);
  bodyOf(await attach(id, LETTER), 201);
  bodyOf(await post('unit-handler', `/${id}/submit`));
  return id;
}

const digestOf = (reply: Reply): string => bodyOf(reply).preparation!.contentSha256;

async function prepared(maker: Person): Promise<{ readonly id: string; readonly digest: string }> {
  const id = await submitted();
  return { id, digest: digestOf(await post(maker, `/${id}/prepare`)) };
}

const approve = (as: Person | string, id: string, contentSha256: string): Promise<Reply> =>
  post(as, `/${id}/approve`, { contentSha256 });

function expectRefused(reply: Reply, reason: string): void {
  expect(reply).toMatchObject({
    status: 403,
    body: { code: 'seal-dual-control', params: { reason } },
  });
  expect(reply.body.detail).toMatch(/\p{Script=Han}/u);
}

describe('an approval is refused to', () => {
  it('who logged in without a UKey', async () => {
    const { id, digest } = await prepared(await person('seal-administrator'));
    const bare = await person('seal-reviewer');
    expectRefused(
      await approve({ ...bare, certificateSha256: undefined }, id, digest),
      'certificate-required',
    );
  });

  it('who prepared it, also in another post', async () => {
    const maker = await person('seal-administrator');
    const { id, digest } = await prepared(maker);
    expect(await approve(maker, id, digest)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    await change(maker, { roles: ['seal-reviewer'] });
    expectRefused(await approve(maker, id, digest), 'same-person');
  });

  it('the same UKey under another account', async () => {
    const maker = await person('seal-administrator');
    const { certificateSha256 } = maker;
    const { id, digest } = await prepared(maker);
    // One certificate logs in as one account at a time.
    await expect(person('seal-reviewer', { certificateSha256 })).rejects.toMatchObject({
      name: 'AppError',
    });
    await change(maker, { certificateSha256: [newKey()] });
    expectRefused(
      await approve(await person('seal-reviewer', { certificateSha256 }), id, digest),
      'same-certificate',
    );
  });

  it('who applied, or holds the UKey that applied', async () => {
    const applicant = await person('budget-system');
    const made = await post(applicant, '', { unitId: unit().id, form: completeForm(unit()) });
    const { id } = bodyOf(made, 201);
    bodyOf(await attach(id, LETTER), 201);
    bodyOf(await post('unit-handler', `/${id}/submit`));
    const digest = digestOf(await post(await person('seal-administrator'), `/${id}/prepare`));
    await change(applicant, { roles: ['supervisor'] });
    expectRefused(await approve(applicant, id, digest), 'applicant');
    await change(applicant, { certificateSha256: [newKey()] });
    const heir = await person('seal-reviewer', { certificateSha256: applicant.certificateSha256 });
    expectRefused(await approve(heir, id, digest), 'applicant');
  });

  it('reviewers of another region, who do not even see it', async () => {
    const { id, digest } = await prepared(await person('seal-administrator'));
    const far = await person('seal-reviewer', { regionCode: '990200' });
    const supervisor = await person('supervisor', { regionCode: '990200' });
    for (const who of [far, supervisor]) {
      expect(await approve(who, id, digest)).toMatchObject({
        status: 404,
        body: { code: 'seal-application-not-found' },
      });
    }
    bodyOf(await approve(await person('supervisor', { regionCode: '990000' }), id, digest));
  });
});

it('is not made by who approved it, nor by who applied', async () => {
  const { id, digest } = await prepared(await person('seal-administrator'));
  const checker = await person('seal-reviewer');
  bodyOf(await approve(checker, id, digest));
  await change(checker, { roles: ['seal-administrator'] });
  expectRefused(await post(checker, `/${id}/make`), 'same-person');
  const { certificateSha256 } = checker;
  await change(checker, { certificateSha256: [newKey()] });
  const heir = await person('seal-administrator', { certificateSha256 });
  expectRefused(await post(heir, `/${id}/make`), 'same-certificate');
});

describe('an approval is for one content', () => {
  it('and no other: an edit or an attachment takes it back', async () => {
    const maker = await person('seal-administrator');
    const checker = await person('seal-reviewer');
    const { id, digest } = await prepared(maker);
    bodyOf(await approve(checker, id, digest));
    bodyOf(await attach(id, new TextEncoder().encode('%PDF-1.4\n% 另一份\n')), 201);
    expect((await post(maker, `/${id}/make`)).body.code).toBe(
      'seal-application-transition-refused',
    );
    bodyOf(await post('unit-handler', `/${id}/submit`));
    const now = digestOf(await post(maker, `/${id}/prepare`));
    expect(now).not.toBe(digest);
    expect(await approve(checker, id, digest)).toMatchObject({
      status: 409,
      body: { code: 'seal-application-changed' },
    });
    bodyOf(await approve(checker, id, now));
  });

  it.each([
    ['the form', { form: { purpose: '另一用途' } }],
    ['an attachment', { attachments: [] }],
  ])('%s altered in the database after it was approved: nothing is made', async (_, altered) => {
    const maker = await person('seal-administrator');
    const { id, digest } = await prepared(maker);
    bodyOf(await approve(await person('seal-reviewer'), id, digest));
    const { sealApplications, seals } = fixture.service.collections;
    const record = (await sealApplications.get(id, SCOPE_ALL))!;
    await sealApplications.replace({
      ...record,
      ...altered,
      form: { ...record.form, ...('form' in altered ? altered.form : {}) },
      version: record.version + 1,
      revision: record.revision + 1,
    });
    const before = await seals.count({}, SCOPE_ALL);
    expect(await post(maker, `/${id}/make`)).toMatchObject({
      status: 409,
      body: { code: 'seal-application-changed' },
    });
    expect(await seals.count({}, SCOPE_ALL)).toBe(before);
  });
});

describe('an attachment', () => {
  const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3);

  it('is kept as it was sent, by its digest, and shown to those who see the application', async () => {
    const id = await drafted();
    const { attachments } = bodyOf(
      await attach(id, PNG, { type: 'image/png', name: '印模.png' }),
      201,
    );
    expect(attachments).toMatchObject([{ sha256: sha256Hex(PNG) }]);
    const path = `/seal-applications/${id}/attachments/${attachments[0]!.id}`;
    const got = await fixture.call('GET', path, { as: 'unit-handler' });
    expect(got.headers.get('content-type')).toBe('image/png');
    expect(Buffer.compare(got.bytes, PNG)).toBe(0);
    const stranger = await fixture.call('GET', path, { as: 'stranger-unit-handler' });
    expect(stranger.status).toBe(404);
  });

  it.each([
    ['a program under the name of a PDF', new TextEncoder().encode('MZ\u0090'), 'type'],
    ['a page of HTML', new TextEncoder().encode('<html></html>'), 'type'],
    ['more than 10 MiB', Buffer.concat([LETTER, Buffer.alloc(10 * MIB)]), 'too-large'],
  ])('is refused where it is %s', async (_, bytes, reason) => {
    const id = await drafted();
    expect(await attach(id, bytes)).toMatchObject({
      status: 422,
      body: { code: 'seal-attachment-refused', params: { reason } },
    });
  });

  it('is refused without content, as another type, and beyond twenty', async () => {
    const id = await drafted();
    expect((await attach(id, new Uint8Array())).status).toBeGreaterThanOrEqual(400);
    expect((await attach(id, LETTER, { type: 'text/html' })).status).toBe(415);
    for (let count = 0; count < 20; count++) bodyOf(await attach(id, LETTER), 201);
    expect(await attach(id, LETTER)).toMatchObject({
      status: 422,
      body: { code: 'seal-attachment-refused', params: { reason: 'too-many' } },
    });
  });
});

it('makes a seal of version 5 (GM/T 0031-2025), and verification passes what it signed', async () => {
  const maker = await person('seal-administrator');
  await fixture.issueSeal('supplier');
  const id = await submitted({ structureVersion: 5 });
  const { preparation } = bodyOf(await post(maker, `/${id}/prepare`));
  const sealId = preparation!.seals[0]!.sealId;
  bodyOf(await approve(await person('seal-reviewer'), id, preparation!.contentSha256));
  bodyOf(await post(maker, `/${id}/make`));
  const ses = await fixture.call('GET', `/seals/${sealId}/ses`, { as: 'unit-handler' });
  expect(describeSeal(ses.bytes)).toMatchObject({ version: 5, notes: [] });

  const contractId = await confirmedContract(fixture);
  expect((await signAt(fixture, contractId, 'supplier')).status).toBe(201);
  expect((await signAt(fixture, contractId, 'buyer', { sealId })).status).toBe(201);
  const path = `/contracts/${contractId}/document`;
  const { bytes } = await fixture.call('GET', path, { as: 'unit-handler' });
  const report = await fixture.call('POST', '/verifications', { body: bytes, headers: PDF });
  expect(report.body).toMatchObject({
    indication: 'TOTAL-PASSED',
    signatures: [{}, { seal: { code: expect.stringMatching(/^\d{13}$/) as unknown } }],
  });
}, 240_000);
