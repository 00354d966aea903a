/** A seal made from the scan of its physical seal, from the application to the verified contract. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decode } from 'fast-png';
import { MemorySource, sha256Hex } from '../../src/kernel/index.js';
import { PdfArray, PdfRef, openPdf } from '../../src/pdf/index.js';
import { describeSeal, drawSeal, pictureOfSeal, type WantedSeal } from '../../src/seal/index.js';
import { parseCertificate } from '../../src/pki/index.js';
import { sealedBySes, type SesSigner } from '../attacks/seal-desk.js';
import { samplePdf } from '../support/contract-pdf.js';
import { LETTER, completeForm } from '../support/seal-making.js';
import { asJpeg, asPng, scan, speck } from '../support/scanned-seal.js';
import { printedSize } from '../support/printed-size.js';
import { FONT } from '../unit/seal/seal-fixture.js';
import { confirmedContract, signAt } from './confirmed-contract.js';
import { ServiceFixture, principal, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
const directory = mkdtempSync(join(tmpdir(), 'qianyin-specimen-'));
const round = drawSeal({ name: '示例市教育局', kind: 'contract', sizeMm: 40, font: FONT });
const square = drawSeal({ name: '王明', kind: 'legal-person', sizeMm: 18, font: FONT });

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  await addWithKey('seal-administrator');
  await addWithKey('seal-reviewer');
}, 120_000);
afterAll(async () => {
  await fixture.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface ApplicationBody {
  readonly id: string;
  readonly attachments: readonly { readonly id: string; readonly kind: string }[];
  readonly preparation: {
    readonly contentSha256: string;
    readonly seals: readonly { readonly sealId: string; readonly widthMm: number }[];
  };
}

const bodyOf = (reply: Reply): ApplicationBody => reply.body as unknown as ApplicationBody;
const handler = { as: 'unit-handler' };

/** Accounts with a UKey each, as dual control asks for. */
const withKeys = new Map<string, string>();

async function addWithKey(role: 'seal-administrator' | 'seal-reviewer'): Promise<void> {
  const { regionCode } = fixture.units.get('buyer')!;
  const certificateSha256 = sha256Hex(new TextEncoder().encode(role));
  const { account } = await fixture.service.services.accounts.create(
    principal(['system-administrator'], { regionCode }),
    {
      name: `key-${role}`,
      kind: 'person',
      roles: [role],
      certificateSha256: [certificateSha256],
      regionCode,
    },
  );
  const claims = { accountId: account.id, sessionEpoch: 1, certificateSha256 };
  withKeys.set(role, fixture.tokens.issue(claims).accessToken);
}

const as = (role: string): { readonly as: string } => ({ as: withKeys.get(role)! });

/** An application with one scan a seal, still to be submitted. */
async function drafted(wanted: WantedSeal, file: Uint8Array): Promise<string> {
  const unit = fixture.units.get('buyer')!;
  const form = completeForm(unit, { validUntil: '2027-12-31T16:00:00Z' });
  const made = await fixture.call('POST', '/seal-applications', { ...handler, json: { form } });
  const path = `/seal-applications/${made.body.id}`;
  const attach = (kind: string, type: string, body: Uint8Array): Promise<Reply> =>
    fixture.call('POST', `${path}/attachments?kind=${kind}`, {
      ...handler,
      headers: { 'content-type': type },
      body,
    });
  await attach('authorisation-letter', 'application/pdf', LETTER);
  const isPng = file[0] === 0x89;
  const attached = await attach('specimen', isPng ? 'image/png' : 'image/jpeg', file);
  expect(attached.status).toBe(201);
  const { id: specimenId } = bodyOf(attached).attachments.find(({ kind }) => kind === 'specimen')!;
  const edited = await fixture.call('PATCH', path, {
    ...handler,
    headers: { 'if-match': attached.headers.get('etag')! },
    json: { form: { ...form, seals: [{ ...wanted, specimenId }] } },
  });
  expect(edited.status).toBe(200);
  return made.body.id;
}

async function step(id: string, action: string, who: object, json: object = {}): Promise<Reply> {
  const reply = await fixture.call('POST', `/seal-applications/${id}/${action}`, { ...who, json });
  expect([action, reply.status, reply.body.detail]).toEqual([action, 200, undefined]);
  return reply;
}

const picture = (path: string): Promise<Reply> =>
  fixture.call('GET', path, { as: 'seal-administrator' });

/** The id of the seal made of the scan. */
async function made(wanted: WantedSeal, file: Uint8Array): Promise<string> {
  const id = await drafted(wanted, file);
  await step(id, 'submit', handler);
  const seen = await picture(`/seal-applications/${id}/picture`);
  expect([seen.status, seen.headers.get('content-type')]).toEqual([200, 'image/png']);
  // 样章 is in the pixels and in the title; what is shown before is not the seal.
  expect(Buffer.from(seen.bytes).includes(Buffer.from('样章'))).toBe(true);
  const { preparation } = bodyOf(await step(id, 'prepare', as('seal-administrator')));
  expect((await picture(`/seal-applications/${id}/picture`)).bytes).toEqual(seen.bytes);
  await step(id, 'approve', as('seal-reviewer'), { contentSha256: preparation.contentSha256 });
  await step(id, 'make', as('seal-administrator'));
  return preparation.seals[0]!.sealId;
}

describe('a seal applied for with the scan of its physical seal', () => {
  const sheet = { paper: [244, 228, 190], shade: 0.8, noise: 6, writing: true } as const;

  it('shows the cleaned scan wherever it is shown, and is verified in what it signs', async () => {
    const jpeg = asJpeg(scan(round, { ...sheet, extra: speck() }), 85);
    const sealId = await made({ kind: 'contract', sizeMm: 40 }, jpeg);

    const png = await picture(`/seals/${sealId}/picture?format=png`);
    const { width, height, channels, resolution } = decode(png.bytes);
    expect([width, height, channels]).toEqual([945, 945, 4]);
    expect((width / resolution!.x) * 1000).toBeCloseTo(40, 2);
    const svg = Buffer.from((await picture(`/seals/${sealId}/picture`)).bytes).toString('utf8');
    expect(svg).toContain('width="40mm" height="40mm"');
    expect(svg).toContain(Buffer.from(png.bytes).toString('base64'));

    const ses = await picture(`/seals/${sealId}/ses`);
    expect(describeSeal(ses.bytes).picture).toMatchObject({ type: 'PNG', width: 40, height: 40 });
    expect(pictureOfSeal(ses.bytes)).toEqual(png.bytes);

    const contractId = await confirmedContract(fixture);
    expect((await signAt(fixture, contractId, 'supplier')).status).toBe(201);
    expect((await signAt(fixture, contractId, 'buyer', { sealId })).status).toBe(201);
    const document = await fixture.call('GET', `/contracts/${contractId}/document`, handler);
    const { signatures } = await verified(document.bytes);
    expect(signatures[1]).toMatchObject({
      indication: 'TOTAL-PASSED',
      seal: { status: 'valid', pictureMatches: true },
    });

    const file = join(directory, 'round.pdf');
    writeFileSync(file, document.bytes);
    const size = printedSize(file, { page: sealedPage(document.bytes), dpi: 300 });
    expect(Math.abs(size.widthMm - 40)).toBeLessThan(0.2);
    expect(Math.abs(size.heightMm - 40)).toBeLessThan(0.2);
  }, 180_000);

  it('is looked up by its structure where it signs a file itself (GM.sm2seal)', async () => {
    const sealId = await made({ kind: 'contract', sizeMm: 42 }, asPng(scan(round, { dpi: 220 })));
    const structure = (await picture(`/seals/${sealId}/ses`)).bytes;
    const plain = await samplePdf();
    const holders = { signer: buyer() };
    // Whole seconds, behind the making and before now.
    fixture.clock.passedMs += 5000;
    const signedAt = new Date(fixture.clock.now().getTime() - 2000);
    const at = (timeInfo: Date): Promise<Uint8Array> =>
      sealedBySes({ plain, holders }, structure, { timeInfo });
    const [own] = (await verified(await at(signedAt))).signatures;
    expect(own).toMatchObject({ indication: 'TOTAL-PASSED', seal: { status: 'valid' } });
    expect(JSON.stringify(own)).not.toContain('seal-unknown');

    const { status } = await fixture.call('POST', `/seals/${sealId}/revoke`, {
      ...as('seal-administrator'),
      json: { reason: 'other', note: '测试' },
    });
    expect(status).toBe(200);
    fixture.clock.passedMs += 60_000;
    const [late] = (await verified(await at(fixture.clock.now()))).signatures;
    expect(late).toMatchObject({ indication: 'TOTAL-FAILED', seal: { status: 'revoked' } });
    const [early] = (await verified(await at(signedAt))).signatures;
    expect(early).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'REVOKED_NO_POE',
    });
  }, 120_000);

  it('keeps the picture through a renewal', async () => {
    const png = asPng(scan(square, { dpi: 300 }));
    const sealId = await made({ kind: 'legal-person', sizeMm: 18 }, png);
    const renewal = await fixture.call('POST', `/seals/${sealId}/renew`, {
      ...handler,
      json: { validUntil: '2028-06-30T16:00:00Z' },
    });
    expect([renewal.status, renewal.body.detail]).toEqual([202, undefined]);
    const { id } = renewal.body;
    const before = await picture(`/seals/${sealId}/picture?format=png`);
    const seen = await picture(`/seal-applications/${id}/picture`);
    expect(seen.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(seen.bytes).includes(Buffer.from('样章'))).toBe(true);
    const { preparation } = bodyOf(await step(id, 'prepare', as('seal-administrator')));
    const { contentSha256 } = preparation;
    await step(id, 'approve', as('seal-reviewer'), { contentSha256 });
    await step(id, 'make', as('seal-administrator'));
    const after = await picture(`/seals/${sealId}/picture?format=png&version=2`);
    expect(after.bytes).toEqual(before.bytes);
  }, 60_000);

  it('is told what is wrong with the scan before anybody works on it', async () => {
    const submitted = async (wanted: WantedSeal, file: Uint8Array): Promise<readonly unknown[]> => {
      const id = await drafted(wanted, file);
      const reply = await fixture.call('POST', `/seal-applications/${id}/submit`, {
        ...handler,
        json: {},
      });
      const preview = await picture(`/seal-applications/${id}/picture`);
      expect(preview.body.code).toMatch(/^(specimen-unsuitable|input-invalid)$/);
      return [reply.status, reply.body.code, reply.body.params?.['errors'] ?? reply.body.errors];
    };
    const blue = asPng(scan(round, { ink: '#2030d0' }));
    const refused = await submitted({ kind: 'contract' }, blue);
    expect(refused.slice(0, 2)).toEqual([422, 'seal-application-incomplete']);
    expect(JSON.stringify(refused[2])).toMatch(/seals\/0\/specimenId.*红色.*no-red/);
    const fraction = await submitted({ kind: 'contract', sizeMm: 40.5 }, asPng(scan(round, {})));
    expect(JSON.stringify(fraction)).toMatch(/seals\/0\/sizeMm.*整毫米/);
  }, 60_000);
});

function buyer(): SesSigner {
  const { certificateDer, sign } = fixture.signers.get('buyer')!;
  return {
    certificate: parseCertificate(certificateDer),
    sign: (message) => sign(message, { padding: 'ecdsa', digest: 'sha256' }),
  };
}

/** Page of the buyer's seal, counted from 1. */
function sealedPage(pdf: Uint8Array): number {
  const document = openPdf(new MemorySource(pdf));
  const field = document.fields.find(
    ({ name, value }) => /^buyer/i.test(name) && value !== undefined,
  );
  const widget = field?.widgets[0]?.ref?.num;
  for (let page = 0; page < document.pages.count; page++) {
    const annots = document.resolve(document.pages.get(page).dict.get('Annots'));
    const refs = annots instanceof PdfArray ? annots.items : [];
    if (refs.some((each) => each instanceof PdfRef && each.num === widget)) return page + 1;
  }
  throw new Error('the seal is on no page');
}

async function verified(pdf: Uint8Array): Promise<{ readonly signatures: readonly unknown[] }> {
  const reply = await fixture.call('POST', '/verifications', {
    headers: { 'content-type': 'application/pdf' },
    body: pdf,
  });
  expect(reply.status).toBe(200);
  return reply.body;
}
