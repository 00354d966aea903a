import { describe, expect, it } from '@jest/globals';
import { bytesToUtf8 } from '../../../src/kernel/index.js';
import { parseSeal } from '../../../src/eseal/index.js';
import { drawSeal, drawingToSvg, type SealService } from '../../../src/seal/index.js';
import {
  ADMINISTRATOR,
  CERTIFICATE_A,
  ELSEWHERE,
  FONT,
  JANUARY,
  OTHER_SIGNER,
  SIGNER,
  SUPERVISOR,
  openRegister,
} from './seal-fixture.js';

const coded = (code: string, params?: unknown): unknown =>
  expect.objectContaining({ code, ...(params === undefined ? {} : { params }) });

describe('a made seal', () => {
  it('is a drawn seal with the next code of the region, its structure and its event', async () => {
    const { service, blobs, issue } = await openRegister();
    const seal = await issue();
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
          certificatesUntil: '2030-01-01T00:00:00Z',
          structureVersion: 4,
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
    expect(await service.artworkOf(seal, 1)).toEqual({ kind: 'drawing', drawing });
    expect(await service.artworkOf(seal, 1)).toBe(await service.artworkOf(seal, 1));
    const structure = parseSeal(await service.structureOf(seal, 1));
    expect(structure).toMatchObject({
      version: 4,
      notes: [],
      info: { esID: seal.code, property: { name: seal.name, type: 1 } },
    });
  });

  it('lets a unit have one official seal at a time', async () => {
    const { service, issue } = await openRegister();
    const first = await issue({ kind: 'official' });
    await expect(issue({ kind: 'official' })).rejects.toEqual(coded('conflict'));
    await service.revoke(ADMINISTRATOR, first.id, { reason: 'physical-seal-invalid' });
    expect((await issue({ kind: 'official' })).code).toBe('3701020000002');
  });
});

describe('who may', () => {
  it('change seals: the administrator of the region; a unit reports its own loss', async () => {
    const { service, issue } = await openRegister();
    const { id } = await issue();
    for (const principal of [SUPERVISOR, SIGNER]) {
      const calls = [
        () => service.suspend(principal, id, {}),
        () => service.resume(principal, id, {}),
        () => service.revoke(principal, id, { reason: 'other' }),
      ];
      for (const call of calls) await expect(call()).rejects.toEqual(coded('forbidden'));
    }
    await expect(service.revoke(ELSEWHERE, id, { reason: 'other' })).rejects.toEqual(
      coded('seal-not-found'),
    );
    const handler = { ...SIGNER, roles: ['unit-handler'] } as const;
    await expect(service.suspend(handler, id, { cause: 'frozen' })).rejects.toEqual(
      coded('forbidden'),
    );
    const lost = await service.suspend(handler, id, {});
    expect(lost.statusHistory.at(-1)).toMatchObject({
      status: 'suspended',
      cause: 'reported-lost',
    });
  });

  it('read seals: the unit its own, a supervisor those of the region', async () => {
    const { service, issue } = await openRegister();
    const { id } = await issue();
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
  it('suspend, resume and revoke keep the whole history with reasons', async () => {
    const { service, setTime, issue, ended } = await openRegister();
    const { id, code } = await issue();
    setTime('2026-04-01T00:00:00Z');
    await service.suspend(ADMINISTRATOR, id, { cause: 'reported-lost', reason: 'UKey 挂失' });
    setTime('2026-05-01T00:00:00Z');
    await service.resume(ADMINISTRATOR, id, {});
    setTime('2026-06-01T00:00:00Z');
    const evidence = [{ fileName: '合并文件.pdf', bytes: new TextEncoder().encode('%PDF-1.4') }];
    const revoked = await service.revoke(ADMINISTRATOR, id, {
      reason: 'unit-merged',
      note: '并入市教育局',
      evidence,
    });
    expect(revoked.statusHistory).toEqual([
      { at: '2026-03-01T00:00:00Z', status: 'active' },
      {
        at: '2026-04-01T00:00:00Z',
        status: 'suspended',
        cause: 'reported-lost',
        reason: 'UKey 挂失',
      },
      { at: '2026-05-01T00:00:00Z', status: 'active' },
      { at: '2026-06-01T00:00:00Z', status: 'revoked', reason: 'unit-merged' },
    ]);
    expect(revoked.revocation).toMatchObject({
      at: '2026-06-01T00:00:00Z',
      reason: 'unit-merged',
      note: '并入市教育局',
      evidence: [{ fileName: '合并文件.pdf', mediaType: 'application/pdf', sizeBytes: 8 }],
    });
    expect(revoked.pendingEvents.map((event) => event.type)).toEqual([
      'seal.issued',
      'seal.suspended',
      'seal.resumed',
      'seal.revoked',
    ]);
    expect(ended).toEqual([id, id]);
    const at = new Date('2026-04-15T00:00:00Z');
    expect((await service.publicStatus(code, at)).status).toBe('suspended');
    await expect(service.resume(ADMINISTRATOR, id, {})).rejects.toEqual(
      coded('seal-transition-refused', { action: 'resume', from: 'revoked', to: 'active' }),
    );
  });

  it('revoke can take effect later, be brought forward, and never backward', async () => {
    const { service, setTime, issue, ended } = await openRegister();
    const { id, code } = await issue();
    const effectiveAt = new Date('2026-04-01T00:00:00Z');
    const pending = await service.revoke(ADMINISTRATOR, id, { reason: 'unit-merged', effectiveAt });
    expect(pending).toMatchObject({ status: 'active', revocation: { at: '2026-04-01T00:00:00Z' } });
    expect(ended).toEqual([]);
    expect((await service.publicStatus(code, JANUARY)).status).toBe('not-yet-valid');
    const before = new Date('2026-03-31T23:59:59Z');
    expect((await service.publicStatus(code, before)).status).toBe('active');
    expect((await service.publicStatus(code, effectiveAt)).status).toBe('revoked');
    // A suspension in between stands in the history before the revocation to come.
    setTime('2026-03-10T00:00:00Z');
    const lost = await service.suspend(ADMINISTRATOR, id, { cause: 'reported-lost' });
    expect(lost.statusHistory.map(({ status }) => status)).toEqual([
      'active',
      'suspended',
      'revoked',
    ]);
    for (const time of ['2026-03-09T00:00:00Z', '2026-05-01T00:00:00Z']) {
      await expect(
        service.revoke(ADMINISTRATOR, id, { reason: 'other', effectiveAt: new Date(time) }),
      ).rejects.toEqual(coded('input-invalid', { field: 'effectiveAt' }));
    }
    const now = await service.revoke(ADMINISTRATOR, id, { reason: 'key-compromise' });
    expect(now).toMatchObject({
      status: 'revoked',
      revocation: { at: '2026-03-10T00:00:00Z', reason: 'key-compromise' },
    });
    expect(now.statusHistory.filter(({ status }) => status === 'revoked')).toHaveLength(1);
  });

  it('refuses evidence of a kind that nobody can look at', async () => {
    const { service, issue } = await openRegister();
    const { id } = await issue();
    const evidence = [{ fileName: 'x.exe', bytes: Uint8Array.of(0x4d, 0x5a) }];
    await expect(
      service.revoke(ADMINISTRATOR, id, { reason: 'other', evidence }),
    ).rejects.toMatchObject({ code: 'seal-attachment-refused', params: { reason: 'type' } });
  });

  it('refuses a change of a seal that was changed since it was read', async () => {
    const { service, issue } = await openRegister();
    const { id } = await issue();
    await service.suspend(ADMINISTRATOR, id, { expectedRevision: 1 });
    await expect(service.resume(ADMINISTRATOR, id, { expectedRevision: 1 })).rejects.toEqual(
      coded('record-version-conflict', { expected: 1, actual: 2 }),
    );
  });

  it('lets a revocation win over a suspension at the same time', async () => {
    const { service, issue } = await openRegister();
    const { id } = await issue();
    await Promise.allSettled([
      service.suspend(ADMINISTRATOR, id, {}),
      service.revoke(ADMINISTRATOR, id, { reason: 'other' }),
    ]);
    expect((await service.get(ADMINISTRATOR, id)).status).toBe('revoked');
  });
});

describe('reading', () => {
  it('lists by unit and status, newest first, page by page', async () => {
    const { service, setTime, issue } = await openRegister();
    const ids: string[] = [];
    for (const day of ['01', '02', '03']) {
      setTime(`2026-03-${day}T00:00:00Z`);
      ids.unshift((await issue()).id);
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

  it('lists what ends soon, the nearest first', async () => {
    const { service, issue } = await openRegister();
    const until = async (validUntil: string) => (await issue({ form: { validUntil } })).id;
    const later = await until('2026-03-25T00:00:00Z');
    const sooner = await until('2026-03-10T00:00:00Z');
    await until('2026-09-01T00:00:00Z');
    const endsBefore = new Date('2026-03-31T00:00:00Z');
    const ending = await service.list(ADMINISTRATOR, { limit: 10, endsBefore });
    expect(ending.items.map(({ id }) => id)).toEqual([sooner, later]);
  });

  it('tells anybody the status of a code and no more', async () => {
    const { service, issue } = await openRegister();
    const { code } = await issue();
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
    const { service, blobs, issue } = await openRegister();
    const seal = await issue();
    const missing = (call: ReturnType<SealService['artworkOf']>, code: string): Promise<void> =>
      expect(call).rejects.toEqual(coded(code));
    await missing(service.artworkOf(seal, 2), 'seal-not-found');
    const other = await blobs.put([Buffer.from('<svg/>')]);
    const altered = { ...seal, versions: [{ ...seal.versions[0]!, pictureBlobId: other }] };
    await missing(service.artworkOf(altered, 1), 'blob-corrupt');
  });
});
