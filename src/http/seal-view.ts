/** A seal as the API shows it. */
import { z } from 'zod';
import {
  REVOCATION_REASONS,
  SEAL_KINDS,
  SUSPENSION_CAUSES,
  effectiveStatus,
  endOf,
  type SealRecord,
} from '../seal/index.js';

export const versionView = z.strictObject({
  number: z.int(),
  validFrom: z.iso.datetime(),
  validUntil: z.iso.datetime(),
  name: z.string().nullable().meta({ description: '此版本章面名称；空同印章名称' }),
  certificateSha256: z.array(z.string()),
  certificatesUntil: z.iso.datetime().nullable().meta({ description: '最早到期的证书何时到期' }),
  structureVersion: z.union([z.literal(4), z.literal(5)]).nullable(),
  structureSha256: z.string().nullable().meta({ description: 'GB/T 38540 印章数据的摘要' }),
  applicationId: z.string().nullable(),
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
    effectiveStatus: z
      .enum(['active', 'expiring', 'expired', 'not-yet-valid', 'suspended', 'revoked'])
      .meta({ description: '此刻的状态；expiring：30 天内到期' }),
    endsAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: '印章与其证书中先到期者；此后不能再用' }),
    statusHistory: z.array(
      z.strictObject({
        at: z.iso.datetime(),
        status: z.string(),
        cause: z.enum(SUSPENSION_CAUSES).nullable(),
        reason: z.string().nullable(),
      }),
    ),
    version: versionView.nullable().meta({ description: '现行版本' }),
    revocation: z
      .strictObject({
        at: z.iso.datetime(),
        reason: z.enum(REVOCATION_REASONS),
        note: z.string().nullable(),
        evidence: z.array(
          z.strictObject({
            sha256: z.string(),
            fileName: z.string(),
            mediaType: z.string(),
            sizeBytes: z.int(),
          }),
        ),
        orderId: z.string().nullable(),
      })
      .nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Seal' });

/** A seal that ends within so many days is shown as expiring. */
const EXPIRING_MS = 30 * 86_400_000;

export function sealAnswer(
  seal: SealRecord,
  now: Date,
): { body: z.input<typeof sealView>; revision: number } {
  return { body: viewSeal(seal, now), revision: seal.revision };
}

export function viewSealVersion(
  version: SealRecord['versions'][number],
): z.input<typeof versionView> {
  return {
    number: version.number,
    name: version.name ?? null,
    validFrom: version.validFrom,
    validUntil: version.validUntil,
    certificateSha256: [...version.certificateSha256],
    certificatesUntil: version.certificatesUntil ?? null,
    structureVersion: version.structureVersion ?? null,
    structureSha256: version.structureBlobId ?? null,
    applicationId: version.applicationId ?? null,
    widthMm: version.widthMm,
    heightMm: version.heightMm,
    madeAt: version.madeAt,
  };
}

export function viewSeal(seal: SealRecord, now: Date): z.input<typeof sealView> {
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
    effectiveStatus: shownStatus(seal, now),
    endsAt: endOf(seal) ?? null,
    statusHistory: seal.statusHistory.map(({ at, status, cause, reason }) => ({
      at,
      status,
      cause: cause ?? null,
      reason: reason ?? null,
    })),
    version: newest === undefined ? null : viewSealVersion(newest),
    revocation:
      revocation === undefined
        ? null
        : {
            at: revocation.at,
            reason: revocation.reason,
            note: revocation.note ?? null,
            evidence: [...(revocation.evidence ?? [])],
            orderId: revocation.orderId ?? null,
          },
    createdAt: seal.createdAt,
  };
}

function shownStatus(seal: SealRecord, now: Date): z.input<typeof sealView>['effectiveStatus'] {
  const status = effectiveStatus(seal, now);
  const endsAt = endOf(seal);
  const isEnding = endsAt !== undefined && Date.parse(endsAt) - now.getTime() <= EXPIRING_MS;
  return status === 'active' && isEnding ? 'expiring' : status;
}
