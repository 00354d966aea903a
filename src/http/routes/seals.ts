/** Seals: the register, its entries' versions, pictures and structures, and what is done to them. */
import { z } from 'zod';
import type { Principal } from '../../access/index.js';
import { AppError, type ErrorCode } from '../../kernel/index.js';
import {
  APPLICATION_RIGHTS,
  ATTACHMENT_MEDIA_TYPES,
  REVOCATION_REASONS,
  SEAL_RIGHTS,
  SUSPENSION_CAUSES,
  artworkToPng,
  artworkToSvg,
  type NewEvidence,
  type SealRecord,
} from '../../seal/index.js';
import {
  route,
  type Route,
  type RouteContext,
  type RouteDeclaration,
  type UploadedFile,
} from '../route.js';
import {
  idSchema,
  instant,
  listOf,
  listView,
  pageOf,
  pageQuery,
  present,
  reasonText,
  sha256,
  wholeNumber,
} from '../schemas.js';
import { sealApplicationAnswer, sealApplicationView } from '../seal-application-view.js';
import { sealAnswer, sealView, versionView, viewSeal, viewSealVersion } from '../seal-view.js';
import type { HttpServices } from '../services.js';

const params = z.strictObject({ id: idSchema('seal', '印章编号') });
const certificates = z.array(sha256).min(1).max(10);
const changeApplicants = ['seal-administrator', ...APPLICATION_RIGHTS.submit] as const;
const readers = [
  'seal-administrator',
  'seal-reviewer',
  'unit-handler',
  'unit-signer',
  'unit-seal-approver',
  'supplier-signer',
  'supervisor',
  'auditor',
] as const;

const changeProblems: readonly ErrorCode[] = [
  'seal-not-found',
  'seal-transition-refused',
  'record-version-conflict',
];

/** Sharp on paper and screen; a seal of 42 mm is 992 pixels wide. */
const PICTURE_DPI = 600;
const DAY_MS = 86_400_000;

/** Media type of a structure; no registered one fits. */
const SES_MEDIA_TYPE = 'application/octet-stream';
const MOST_EVIDENCE = 10;

const applicationProblems: readonly ErrorCode[] = [
  'seal-not-found',
  'seal-transition-refused',
  'record-version-conflict',
  'seal-application-incomplete',
  'seal-change-under-way',
  'seal-unit-closed',
];

const revocation = z.strictObject({
  reason: z.enum(REVOCATION_REASONS),
  note: reasonText.optional(),
  effectiveAt: instant.optional().meta({ description: '生效时间，缺省为此刻；不早于此刻' }),
});

const evidenceOf = (files: readonly UploadedFile[]): readonly NewEvidence[] =>
  files.map(({ bytes, fileName }) => ({ bytes, fileName: fileName ?? 'evidence' }));

const reminderView = z
  .strictObject({
    sealId: z.string(),
    code: z.string(),
    name: z.string(),
    unitId: z.string(),
    of: z.enum(['seal', 'certificate']).meta({ description: '印章到期，或 UKey 证书到期' }),
    daysBefore: z.int(),
    endsAt: z.iso.datetime(),
    givenAt: z.iso.datetime(),
  })
  .meta({ id: 'SealReminder' });

export function sealRoutes({
  seals,
  sealApplications,
  sealRevocations,
  clock,
}: HttpServices): readonly Route[] {
  const change = <B extends z.ZodType>(
    action: keyof typeof SEAL_RIGHTS,
    summary: string,
    body: NonNullable<RouteDeclaration['body']> & { readonly json: B },
    apply: (
      context: Pick<
        RouteContext<{ id: string }, unknown, z.output<B>, Principal>,
        'principal' | 'params' | 'body' | 'expectedRevision' | 'files'
      >,
    ) => Promise<SealRecord>,
    problems: readonly ErrorCode[] = [],
  ): Route =>
    route({
      method: 'post',
      path: `/seals/{id}/${action}`,
      operationId: `${action}Seal`,
      tag: 'seals',
      summary,
      access: SEAL_RIGHTS[action],
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body,
      problems: [...changeProblems, ...problems],
      success: { status: 200, description: '印章', json: sealView },
      handle: async (context) => sealAnswer(await apply(context), clock.now()),
    });

  /** A change that makes a new version begins an application; two persons see it through. */
  const application = <B extends z.ZodType>(
    name: 'renew' | 'rebind',
    purpose: 'renewal' | 'rebinding',
    summary: string,
    json: B,
    fieldsOf: (body: z.output<B>) => { validUntil?: string; certificateSha256?: string[] },
  ): Route =>
    route({
      method: 'post',
      path: `/seals/{id}/${name}`,
      operationId: `${name}Seal`,
      tag: 'seals',
      summary,
      access: changeApplicants,
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: { json },
      problems: applicationProblems,
      success: {
        status: 202,
        description: '已受理的申请：单位提出即为已提交，管理员提出须由单位确认',
        json: sealApplicationView,
      },
      handle: async ({ principal, params: { id }, body, expectedRevision }) => {
        const made = await sealApplications.changes.request(principal, id, {
          purpose,
          fields: fieldsOf(body),
          ...present({ expectedRevision }),
        });
        return {
          ...sealApplicationAnswer(principal, made),
          location: `/api/v1/seal-applications/${made.id}`,
        };
      },
    });

  return [
    route({
      method: 'get',
      path: '/seals',
      operationId: 'listSeals',
      tag: 'seals',
      summary: '印章列表 / Seals',
      access: readers,
      query: z.strictObject({
        ...pageQuery,
        unitId: idSchema('unit', '单位编号').optional(),
        status: z.enum(['active', 'suspended', 'revoked']).optional(),
        expiringWithinDays: wholeNumber(1, 366)
          .optional()
          .meta({ description: '多少天内到期（印章或其证书），先到期者在前' }),
      }),
      success: { status: 200, description: '可见的印章', json: listOf(sealView) },
      handle: async ({ principal, query }) => {
        const { unitId, status, expiringWithinDays } = query;
        const now = clock.now();
        const page = await seals.list(principal, {
          ...pageOf(query),
          ...present({ unitId, status }),
          ...(expiringWithinDays === undefined
            ? {}
            : { endsBefore: new Date(now.getTime() + expiringWithinDays * DAY_MS) }),
        });
        return { body: listView(page, (seal) => viewSeal(seal, now)) };
      },
    }),

    route({
      method: 'post',
      path: '/seals/revocations',
      operationId: 'revokeSealsOfUnit',
      tag: 'seals',
      summary: '单位撤销、合并：注销其全部印章 / Revoke all seals of a unit',
      access: SEAL_RIGHTS.revoke,
      isIdempotent: true,
      body: {
        json: revocation.extend({ unitId: idSchema('unit', '单位编号') }),
        pdf: 'accepted',
        media: ATTACHMENT_MEDIA_TYPES,
        mostFiles: MOST_EVIDENCE,
      },
      problems: ['not-found', 'input-invalid', 'seal-attachment-refused'],
      success: {
        status: 200,
        description: '已办完的注销令；中断后由后台续办',
        json: z.strictObject({
          id: z.string(),
          unitId: z.string(),
          reason: z.enum(REVOCATION_REASONS),
          effectiveAt: z.iso.datetime(),
          sealIds: z.array(z.string()),
        }),
      },
      handle: async ({ principal, body, files }) => {
        const { unitId, reason, note, effectiveAt } = body;
        const order = await sealRevocations.order(principal, {
          unitId,
          reason,
          evidence: evidenceOf(files),
          ...present({ note }),
          ...(effectiveAt === undefined ? {} : { effectiveAt: new Date(effectiveAt) }),
        });
        const { id, sealIds } = order;
        return {
          body: { id, unitId, reason, effectiveAt: order.effectiveAt, sealIds: [...sealIds] },
        };
      },
    }),

    route({
      method: 'get',
      path: '/seal-reminders',
      operationId: 'listSealReminders',
      tag: 'seals',
      summary: '到期提醒：30、15、7 天 / Reminders that seals or their certificates end',
      access: readers,
      query: z.strictObject(pageQuery),
      success: {
        status: 200,
        description: '每枚印章的提醒；一页为若干枚印章',
        json: listOf(reminderView),
      },
      handle: async ({ principal, query }) => {
        const page = await seals.reminded(principal, pageOf(query));
        return {
          body: {
            items: page.items.flatMap(viewReminders),
            nextCursor: page.nextCursor ?? null,
          },
        };
      },
    }),

    route({
      method: 'get',
      path: '/seals/{id}',
      operationId: 'getSeal',
      tag: 'seals',
      summary: '印章 / One seal',
      access: readers,
      params,
      problems: ['seal-not-found'],
      success: { status: 200, description: '印章', json: sealView },
      handle: async ({ principal, params: { id } }) =>
        sealAnswer(await seals.get(principal, id), clock.now()),
    }),

    route({
      method: 'get',
      path: '/seals/{id}/versions',
      operationId: 'listSealVersions',
      tag: 'seals',
      summary: '印章的全部版本 / Versions of a seal',
      access: readers,
      params,
      problems: ['seal-not-found'],
      success: {
        status: 200,
        description: '旧版本留作验证',
        json: z.strictObject({ items: z.array(versionView) }),
      },
      handle: async ({ principal, params: { id } }) => {
        const seal = await seals.get(principal, id);
        return { body: { items: seal.versions.map(viewSealVersion) }, revision: seal.revision };
      },
    }),

    route({
      method: 'get',
      path: '/seals/{id}/picture',
      operationId: 'getSealPicture',
      tag: 'seals',
      summary: '印模 / Picture of a seal',
      access: readers,
      params,
      query: z.strictObject({
        version: wholeNumber(1, 10_000).optional(),
        format: z.enum(['svg', 'png']).optional(),
      }),
      problems: ['seal-not-found', 'not-found'],
      success: { status: 200, description: '图片', media: ['image/svg+xml', 'image/png'] },
      handle: async ({ principal, params: { id }, query }) => {
        const format = query.format ?? 'svg';
        const seal = await seals.get(principal, id);
        const number = query.version ?? seal.versions.at(-1)?.number;
        if (number === undefined || !seal.versions.some((each) => each.number === number)) {
          throw new AppError('not-found', 'no such version');
        }
        const artwork = await seals.artworkOf(seal, number);
        return {
          bytes: format === 'svg' ? artworkToSvg(artwork) : artworkToPng(artwork, PICTURE_DPI),
          mediaType: format === 'svg' ? 'image/svg+xml' : 'image/png',
          fileName: `${id}.${format}`,
          isInline: true,
        };
      },
    }),

    route({
      method: 'get',
      path: '/seals/{id}/ses',
      operationId: 'getSealStructure',
      tag: 'seals',
      summary: '印章数据（GB/T 38540） / Structure of a seal',
      access: readers,
      params,
      query: z.strictObject({ version: wholeNumber(1, 10_000).optional() }),
      problems: ['seal-not-found', 'not-found'],
      success: { status: 200, description: '.esl，DER', media: [SES_MEDIA_TYPE] },
      handle: async ({ principal, params: { id }, query }) => {
        const seal = await seals.get(principal, id);
        const number = query.version ?? seal.versions.at(-1)?.number ?? 0;
        const version = seal.versions.find((each) => each.number === number);
        const bytes = await seals.structureOf(seal, number);
        const fileName = `${seal.code}-${String(number)}.esl`;
        const digest = present({ sha256: version?.structureBlobId });
        return { bytes, mediaType: SES_MEDIA_TYPE, fileName, ...digest };
      },
    }),

    route({
      method: 'get',
      path: '/seals/{id}/evidence/{sha256}',
      operationId: 'getSealRevocationEvidence',
      tag: 'seals',
      summary: '注销依据 / Evidence of a revocation',
      access: readers,
      params: params.extend({ sha256 }),
      problems: ['seal-not-found', 'not-found'],
      success: { status: 200, description: '原文', media: ATTACHMENT_MEDIA_TYPES },
      handle: async ({ principal, params: { id, sha256: digest } }) => {
        const { evidence, bytes } = await seals.evidenceOf(principal, id, digest);
        const { mediaType, fileName } = evidence;
        return { bytes, mediaType, fileName, sha256: digest, isImmutable: true };
      },
    }),

    application(
      'renew',
      'renewal',
      '延期：到期前申请，制作后产生新版本 / Apply for a renewal',
      z.strictObject({
        validUntil: instant,
        certificateSha256: certificates.optional(),
      }),
      ({ validUntil, certificateSha256 }) => ({ validUntil, ...present({ certificateSha256 }) }),
    ),
    application(
      'rebind',
      'rebinding',
      '换绑证书：制作后产生新版本 / Apply to bind to other certificates',
      z.strictObject({ certificateSha256: certificates }),
      ({ certificateSha256 }) => ({ certificateSha256 }),
    ),
    route({
      method: 'post',
      path: '/seals/{id}/alterations',
      operationId: 'alterSeal',
      tag: 'seals',
      summary: '变更名称或印模：起草申请 / Draft a change of name or picture',
      access: APPLICATION_RIGHTS.edit,
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      problems: applicationProblems,
      success: { status: 201, description: '草稿，补充后提交', json: sealApplicationView },
      handle: async ({ principal, params: { id }, expectedRevision }) => {
        const change = present({ expectedRevision });
        const made = await sealApplications.changes.draftAlteration(principal, id, change);
        return {
          ...sealApplicationAnswer(principal, made),
          location: `/api/v1/seal-applications/${made.id}`,
        };
      },
    }),

    change(
      'suspend',
      '停用：挂失、冻结 / Suspend',
      {
        json: z.strictObject({
          cause: z.enum(SUSPENSION_CAUSES).optional(),
          reason: reasonText.optional(),
        }),
        isOptional: true,
      },
      ({ principal, params: { id }, body, expectedRevision }) =>
        seals.suspend(principal, id, present({ ...body, expectedRevision })),
    ),
    change(
      'resume',
      '恢复 / Resume',
      { json: z.strictObject({ reason: reasonText.optional() }), isOptional: true },
      ({ principal, params: { id }, body, expectedRevision }) =>
        seals.resume(principal, id, present({ reason: body.reason, expectedRevision })),
    ),
    change(
      'revoke',
      '注销；不可恢复 / Revoke, for good',
      {
        json: revocation,
        pdf: 'accepted',
        media: ATTACHMENT_MEDIA_TYPES,
        mostFiles: MOST_EVIDENCE,
      },
      ({ principal, params: { id }, body, expectedRevision, files }) =>
        seals.revoke(principal, id, {
          reason: body.reason,
          evidence: evidenceOf(files),
          ...(body.effectiveAt === undefined ? {} : { effectiveAt: new Date(body.effectiveAt) }),
          ...present({ note: body.note, expectedRevision }),
        }),
      ['input-invalid', 'seal-attachment-refused'],
    ),
  ];
}

/** What reminds of versions that are no longer the newest is past. */
function viewReminders(seal: SealRecord): z.input<typeof reminderView>[] {
  const { id: sealId, code, name, unitId } = seal;
  const newest = seal.versions.at(-1)?.number;
  return (seal.reminders ?? [])
    .filter(({ versionNumber }) => versionNumber === newest)
    .map(({ of, daysBefore, endsAt, givenAt }) => {
      return { sealId, code, name, unitId, of, daysBefore, endsAt, givenAt };
    });
}
