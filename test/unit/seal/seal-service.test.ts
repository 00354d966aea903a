import { describe, expect, it } from '@jest/globals';
import { bytesToUtf8 } from '../../../src/kernel/index.js';
import {
  drawSeal,
  drawingToSvg,
  type IssueSeal,
  type SealService,
} from '../../../src/seal/index.js';
import {
  ADMINISTRATOR,
  CERTIFICATE_A,
  CERTIFICATE_B,
  ELSEWHERE,
  FONT,
  JANUARY,
  OTHER_SIGNER,
  SIGNER,
  SUPERVISOR,
  YEAR_END,
  contractSeal,
  openRegister,
} from './seal-fixture.js';

const coded = (code: string, params?: unknown): unknown =>
  expect.objectContaining({ code, ...(params === undefined ? {} : { params }) });

describe('issue', () => {
  it('enters a drawn seal with the next code of the region and its event', async () => {
    const { service, blobs, seals } = await openRegister();
    const seal = await service.issue(ADMINISTRATOR, contractSeal());
    expect(seal).toMatchObject({
      code: '3701020000001',
      name: '济南市历下区教育和体育局',
      kind: 'contract',
      status: 'active',
      revision: 1,
      versions: [
        {
          number: 1,
          validFrom: '2026-01-01T00:00:00Z',
          validUntil: '2026-12-31T16:00:00Z',
          certificateSha256: [CERTIFICATE_A],
          widthMm: 42,
        },
      ],
      pendingEvents: [
        {
          type: 'seal.issued',
          at: '2026-03-01T00:00:00Z',
          subject: { kind: 'seal', id: seal.id },
          requestId: 'req_1',
          details: { code: '3701020000001', kind: 'contract', validUntil: '2026-12-31T16:00:00Z' },
        },
      ],
    });
    const svg = bytesToUtf8(await blobs.read(seal.versions[0]!.pictureBlobId));
    const drawing = drawSeal({ name: seal.name, kind: 'contract', code: seal.code, font: FONT });
    expect(svg).toBe(drawingToSvg(drawing));
    expect(await seals.get(seal.id, { kind: 'all' })).toEqual(seal);
    expect(await service.drawingOf(seal, 1)).toEqual(drawing);
    expect(await service.drawingOf(seal, 1)).toBe(await service.drawingOf(seal, 1));
  });

  it('gives seals that are issued at once different codes', async () => {
    const { service } = await openRegister();
    const issued = await Promise.all(
      Array.from({ length: 12 }, () => service.issue(ADMINISTRATOR, contractSeal())),
    );
    expect(issued.map((seal) => seal.code).sort()).toEqual(
      Array.from({ length: 12 }, (_, i) => `370102${String(i + 1).padStart(7, '0')}`),
    );
  });

  it('draws a square seal with the name of a person', async () => {
    const { service } = await openRegister();
    const request = contractSeal({ kind: 'legal-person' });
    const seal = await service.issue(ADMINISTRATOR, { ...request, name: '王明' });
    expect(seal).toMatchObject({ name: '王明', versions: [{ widthMm: 20, heightMm: 20 }] });
    await expect(service.issue(ADMINISTRATOR, request)).rejects.toEqual(
      coded('seal-name-unsuitable', { reason: 'missing' }),
    );
  });

  it.each<[string, Partial<IssueSeal>, unknown]>([
    ['seal-name-unsuitable', { name: '济南市历下区教育局' }, { reason: 'not-the-legal-name' }],
    ['seal-certificate-mismatch', { certificateSha256: ['d'.repeat(64)] }, {}],
    ['input-invalid', { certificateSha256: [] }, { field: 'certificateSha256' }],
    ['input-invalid', { validUntil: JANUARY }, { field: 'validUntil' }],
    ['input-invalid', { validFrom: new Date(Number.NaN) }, { field: 'validUntil' }],
    ['input-invalid', { sizeMm: 60 }, { field: 'sizeMm' }],
    ['not-found', { unitId: 'unit_c' }, {}],
  ])('refuses with %s: %j', async (code, changes, params) => {
    const { service, seals } = await openRegister();
    await expect(service.issue(ADMINISTRATOR, contractSeal(changes))).rejects.toEqual(
      coded(code, expect.objectContaining(params as object)),
    );
    expect(await seals.count({}, { kind: 'all' })).toBe(0);
  });

  it('lets a unit have one official seal at a time', async () => {
    const { service } = await openRegister();
    const official = contractSeal({ kind: 'official' });
    const first = await service.issue(ADMINISTRATOR, official);
    await expect(service.issue(ADMINISTRATOR, official)).rejects.toEqual(coded('conflict'));
    await service.revoke(ADMINISTRATOR, first.id, { reason: 'physical-seal-invalid' });
    expect((await service.issue(ADMINISTRATOR, official)).code).toBe('3701020000002');
  });
});

describe('who may', () => {
  it('change seals: the administrator of the region alone', async () => {
    const { service } = await openRegister();
    const { id } = await service.issue(ADMINISTRATOR, contractSeal());
    for (const principal of [SUPERVISOR, SIGNER]) {
      const calls: readonly Promise<unknown>[] = [
        service.issue(principal, contractSeal()),
        service.renew(principal, id, { validFrom: JANUARY, validUntil: YEAR_END }),
        service.rebind(principal, id, { certificateSha256: [CERTIFICATE_B] }),
        service.suspend(principal, id, {}),
        service.resume(principal, id, {}),
        service.revoke(principal, id, { reason: 'other' }),
      ];
      for (const call of calls) await expect(call).rejects.toEqual(coded('forbidden'));
    }
    await expect(service.issue(ELSEWHERE, contractSeal())).rejects.toEqual(coded('not-found'));
    await expect(service.revoke(ELSEWHERE, id, { reason: 'other' })).rejects.toEqual(
      coded('seal-not-found'),
    );
  });

  it('read seals: the unit its own, a supervisor those of the region', async () => {
    const { service } = await openRegister();
    const { id } = await service.issue(ADMINISTRATOR, contractSeal());
    for (const principal of [SIGNER, SUPERVISOR]) {
      expect((await service.get(principal, id)).id).toBe(id);
      expect((await service.list(principal, { limit: 10 })).items).toHaveLength(1);
    }
    for (const principal of [OTHER_SIGNER, ELSEWHERE]) {
      await expect(service.get(principal, id)).rejects.toEqual(coded('seal-not-found'));
      expect((await service.list(principal, { limit: 10 })).items).toHaveLength(0);
    }
  });
});

describe('changes', () => {
  it('renew makes a version with a new validity and the same picture', async () => {
    const { service, setTime } = await openRegister();
    const { id, versions } = await service.issue(ADMINISTRATOR, contractSeal());
    setTime('2026-12-20T08:00:00Z');
    const renewed = await service.renew(ADMINISTRATOR, id, {
      validFrom: new Date('2026-12-20T08:00:00Z'),
      validUntil: new Date('2027-12-31T16:00:00Z'),
      expectedRevision: 1,
    });
    expect(renewed).toMatchObject({ revision: 2, version: 2, status: 'active' });
    expect(renewed.versions).toEqual([
      versions[0],
      {
        ...versions[0],
        number: 2,
        validFrom: '2026-12-20T08:00:00Z',
        validUntil: '2027-12-31T16:00:00Z',
        madeAt: '2026-12-20T08:00:00Z',
      },
    ]);
    expect(renewed.pendingEvents.map((event) => event.type)).toEqual([
      'seal.issued',
      'seal.renewed',
    ]);
  });

  it('renew refuses a start in the future: the old version would end before the new begins', async () => {
    const { service } = await openRegister();
    const { id } = await service.issue(ADMINISTRATOR, contractSeal());
    await expect(
      service.renew(ADMINISTRATOR, id, {
        validFrom: new Date('2026-03-01T00:00:01Z'),
        validUntil: YEAR_END,
      }),
    ).rejects.toEqual(coded('input-invalid', { field: 'validFrom' }));
  });

  it('rebind makes a version for another certificate and keeps the validity', async () => {
    const { service } = await openRegister();
    const { id } = await service.issue(ADMINISTRATOR, contractSeal());
    const rebound = await service.rebind(ADMINISTRATOR, id, { certificateSha256: [CERTIFICATE_B] });
    expect(rebound.versions[1]).toMatchObject({
      number: 2,
      certificateSha256: [CERTIFICATE_B],
      validUntil: '2026-12-31T16:00:00Z',
    });
    await expect(
      service.rebind(ADMINISTRATOR, id, { certificateSha256: ['d'.repeat(64)] }),
    ).rejects.toEqual(coded('seal-certificate-mismatch'));
  });

  it('no new version once the unit has another name', async () => {
    const { service, rename } = await openRegister();
    const { id } = await service.issue(ADMINISTRATOR, contractSeal());
    await rename('济南市历下区教育局');
    await expect(
      service.rebind(ADMINISTRATOR, id, { certificateSha256: [CERTIFICATE_B] }),
    ).rejects.toEqual(coded('seal-name-unsuitable'));
  });

  it('suspend, resume and revoke keep the whole history with reasons', async () => {
    const { service, setTime } = await openRegister();
    const { id, code } = await service.issue(ADMINISTRATOR, contractSeal());
    setTime('2026-04-01T00:00:00Z');
    await service.suspend(ADMINISTRATOR, id, { reason: 'UKey 挂失' });
    setTime('2026-05-01T00:00:00Z');
    await service.resume(ADMINISTRATOR, id, {});
    setTime('2026-06-01T00:00:00Z');
    const revoked = await service.revoke(ADMINISTRATOR, id, {
      reason: 'unit-merged',
      note: '并入市教育局',
    });
    expect(revoked.statusHistory).toEqual([
      { at: '2026-03-01T00:00:00Z', status: 'active' },
      { at: '2026-04-01T00:00:00Z', status: 'suspended', reason: 'UKey 挂失' },
      { at: '2026-05-01T00:00:00Z', status: 'active' },
      { at: '2026-06-01T00:00:00Z', status: 'revoked', reason: 'unit-merged' },
    ]);
    expect(revoked.revocation).toEqual({
      at: '2026-06-01T00:00:00Z',
      reason: 'unit-merged',
      note: '并入市教育局',
    });
    expect(revoked.pendingEvents.map((event) => event.type)).toEqual([
      'seal.issued',
      'seal.suspended',
      'seal.resumed',
      'seal.revoked',
    ]);
    const at = new Date('2026-04-15T00:00:00Z');
    expect((await service.publicStatus(code, at)).status).toBe('suspended');
    await expect(service.resume(ADMINISTRATOR, id, {})).rejects.toEqual(
      coded('seal-transition-refused', { action: 'resume', from: 'revoked', to: 'active' }),
    );
  });

  it('refuses a change of a seal that was changed since it was read', async () => {
    const { service } = await openRegister();
    const { id } = await service.issue(ADMINISTRATOR, contractSeal());
    await service.suspend(ADMINISTRATOR, id, { expectedRevision: 1 });
    await expect(service.resume(ADMINISTRATOR, id, { expectedRevision: 1 })).rejects.toEqual(
      coded('record-version-conflict', { expected: 1, actual: 2 }),
    );
  });

  it('lets one of two who change at once win', async () => {
    const { service } = await openRegister();
    const { id } = await service.issue(ADMINISTRATOR, contractSeal());
    const outcomes = await Promise.allSettled([
      service.suspend(ADMINISTRATOR, id, {}),
      service.revoke(ADMINISTRATOR, id, { reason: 'other' }),
    ]);
    const [lost] = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect(lost?.reason).toEqual(coded('record-version-conflict'));
    expect((await service.get(ADMINISTRATOR, id)).revision).toBe(2);
  });
});

describe('reading', () => {
  it('lists by unit and status, newest first, page by page', async () => {
    const { service, setTime } = await openRegister();
    const ids: string[] = [];
    for (const day of ['01', '02', '03']) {
      setTime(`2026-03-${day}T00:00:00Z`);
      ids.unshift((await service.issue(ADMINISTRATOR, contractSeal())).id);
    }
    const first = await service.list(ADMINISTRATOR, { limit: 2, unitId: 'unit_a' });
    const second = await service.list(ADMINISTRATOR, {
      limit: 2,
      unitId: 'unit_a',
      cursor: first.nextCursor!,
    });
    expect([...first.items, ...second.items].map((seal) => seal.id)).toEqual(ids);
    await service.suspend(ADMINISTRATOR, ids[1]!, {});
    const suspended = await service.list(ADMINISTRATOR, { limit: 10, status: 'suspended' });
    expect(suspended.items.map((seal) => seal.id)).toEqual([ids[1]]);
  });

  it('tells anybody the status of a code and no more', async () => {
    const { service } = await openRegister();
    const { code } = await service.issue(ADMINISTRATOR, contractSeal());
    expect(await service.publicStatus(code, new Date('2027-01-01T00:00:00Z'))).toEqual({
      code,
      name: '济南市历下区教育和体育局',
      kind: 'contract',
      status: 'expired',
      validFrom: '2026-01-01T00:00:00Z',
      validUntil: '2026-12-31T16:00:00Z',
    });
    await expect(service.publicStatus('3701020009999', JANUARY)).rejects.toEqual(
      coded('seal-not-found'),
    );
  });

  it('refuses a picture that is not there or not of a seal', async () => {
    const { service, blobs } = await openRegister();
    const seal = await service.issue(ADMINISTRATOR, contractSeal());
    const missing = (call: ReturnType<SealService['drawingOf']>, code: string): Promise<void> =>
      expect(call).rejects.toEqual(coded(code));
    await missing(service.drawingOf(seal, 2), 'seal-not-found');
    const other = await blobs.put([Buffer.from('<svg/>')]);
    const altered = { ...seal, versions: [{ ...seal.versions[0]!, pictureBlobId: other }] };
    await missing(service.drawingOf(altered, 1), 'blob-corrupt');
  });
});
