/** A seal as the API shows it. */
import { z } from 'zod';
import { REVOCATION_REASONS, SEAL_KINDS, type SealRecord } from '../seal/index.js';

export const versionView = z.strictObject({
  number: z.int(),
  validFrom: z.iso.datetime(),
  validUntil: z.iso.datetime(),
  certificateSha256: z.array(z.string()),
  widthMm: z.number(),
  heightMm: z.number(),
  madeAt: z.iso.datetime(),
});

export const sealView = z
  .strictObject({
    id: z.string(),
    code: z.string().meta({ description: '印章编码，13 位' }),
    name: z.string(),
    kind: z.enum(SEAL_KINDS),
    unitId: z.string(),
    regionCode: z.string(),
    status: z.enum(['active', 'suspended', 'revoked']),
    statusHistory: z.array(
      z.strictObject({ at: z.iso.datetime(), status: z.string(), reason: z.string().nullable() }),
    ),
    version: versionView.nullable().meta({ description: '现行版本' }),
    revocation: z
      .strictObject({
        at: z.iso.datetime(),
        reason: z.enum(REVOCATION_REASONS),
        note: z.string().nullable(),
      })
      .nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Seal' });

export function sealAnswer(seal: SealRecord): { body: z.input<typeof sealView>; revision: number } {
  return { body: viewSeal(seal), revision: seal.revision };
}

export function viewSealVersion(
  version: SealRecord['versions'][number],
): z.input<typeof versionView> {
  return {
    number: version.number,
    validFrom: version.validFrom,
    validUntil: version.validUntil,
    certificateSha256: [...version.certificateSha256],
    widthMm: version.widthMm,
    heightMm: version.heightMm,
    madeAt: version.madeAt,
  };
}

export function viewSeal(seal: SealRecord): z.input<typeof sealView> {
  const newest = seal.versions.at(-1);
  const { revocation } = seal;
  return {
    id: seal.id,
    code: seal.code,
    name: seal.name,
    kind: seal.kind,
    unitId: seal.unitId,
    regionCode: seal.regionCode,
    status: seal.status,
    statusHistory: seal.statusHistory.map(({ at, status, reason }) => ({
      at,
      status,
      reason: reason ?? null,
    })),
    version: newest === undefined ? null : viewSealVersion(newest),
    revocation:
      revocation === undefined
        ? null
        : { at: revocation.at, reason: revocation.reason, note: revocation.note ?? null },
    createdAt: seal.createdAt,
  };
}
