/** Seals: the register, its entries' versions and pictures, and what is done to them. */
import { z } from 'zod';
import type { Principal } from '../../access/index.js';
import { AppError, utf8ToBytes, type ErrorCode } from '../../kernel/index.js';
import { sealAnswer, sealView, versionView, viewSeal, viewSealVersion } from '../seal-view.js';
import {
  REVOCATION_REASONS,
  SEAL_KINDS,
  drawingToPng,
  drawingToSvg,
  type SealRecord,
} from '../../seal/index.js';
import { route, type Route, type RouteContext } from '../route.js';
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
import type { HttpServices } from '../services.js';

const params = z.strictObject({ id: idSchema('seal', '印章编号') });
const certificates = z.array(sha256).min(1).max(10);
const makers = ['seal-administrator'] as const;
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

type SealAction = 'renew' | 'suspend' | 'resume' | 'revoke' | 'rebind';

export function sealRoutes({ seals }: HttpServices): readonly Route[] {
  const change = <B extends z.ZodType>(
    action: SealAction,
    summary: string,
    json: B,
    isOptional: boolean,
    apply: (
      context: Pick<
        RouteContext<{ id: string }, unknown, z.output<B>, Principal>,
        'principal' | 'params' | 'body' | 'expectedRevision'
      >,
    ) => Promise<SealRecord>,
  ): Route =>
    route({
      method: 'post',
      path: `/seals/{id}/${action}`,
      operationId: `${action}Seal`,
      tag: 'seals',
      summary,
      access: makers,
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: { json, isOptional },
      problems: changeProblems,
      success: { status: 200, description: '印章', json: sealView },
      handle: async (context) => sealAnswer(await apply(context)),
    });

  const optionalReason = z.strictObject({ reason: reasonText.optional() });

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
      }),
      success: { status: 200, description: '可见的印章', json: listOf(sealView) },
      handle: async ({ principal, query }) => {
        const { unitId, status } = query;
        const page = await seals.list(principal, {
          ...pageOf(query),
          ...present({ unitId, status }),
        });
        return { body: listView(page, viewSeal) };
      },
    }),

    route({
      method: 'post',
      path: '/seals',
      operationId: 'issueSeal',
      tag: 'seals',
      summary: '制作印章 / Issue a seal',
      access: makers,
      isIdempotent: true,
      body: {
        json: z.strictObject({
          unitId: idSchema('unit', '单位编号'),
          kind: z.enum(SEAL_KINDS),
          name: z.string().trim().min(2).max(40).optional().meta({
            description: '印章名称；缺省为单位法定名称',
          }),
          validFrom: instant,
          validUntil: instant,
          certificateSha256: certificates.meta({ description: '可用此印章的证书，须已登记' }),
        }),
      },
      problems: [
        'not-found',
        'forbidden',
        'input-invalid',
        'record-exists',
        'seal-name-unsuitable',
        'glyph-missing',
        'seal-certificate-mismatch',
      ],
      success: { status: 201, description: '已制作', json: sealView },
      handle: async ({ principal, body }) => {
        const { validFrom, validUntil, ...rest } = body;
        const seal = await seals.issue(principal, {
          ...present(rest),
          validFrom: new Date(validFrom),
          validUntil: new Date(validUntil),
        });
        return { ...sealAnswer(seal), location: `/api/v1/seals/${seal.id}` };
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
      handle: async ({ principal, params: { id } }) => sealAnswer(await seals.get(principal, id)),
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
        const drawing = await seals.drawingOf(seal, number);
        return {
          bytes:
            format === 'svg'
              ? utf8ToBytes(drawingToSvg(drawing))
              : drawingToPng(drawing, PICTURE_DPI),
          mediaType: format === 'svg' ? 'image/svg+xml' : 'image/png',
          fileName: `${id}.${format}`,
          isInline: true,
        };
      },
    }),

    change(
      'renew',
      '延期：产生新版本 / Renew',
      z.strictObject({ validFrom: instant, validUntil: instant }),
      false,
      ({ principal, params: { id }, body, expectedRevision }) =>
        seals.renew(principal, id, {
          validFrom: new Date(body.validFrom),
          validUntil: new Date(body.validUntil),
          ...present({ expectedRevision }),
        }),
    ),
    change(
      'rebind',
      '换绑证书：产生新版本 / Bind to other certificates',
      z.strictObject({ certificateSha256: certificates }),
      false,
      ({ principal, params: { id }, body, expectedRevision }) =>
        seals.rebind(principal, id, { ...body, ...present({ expectedRevision }) }),
    ),
    change(
      'suspend',
      '停用 / Suspend',
      optionalReason,
      true,
      ({ principal, params: { id }, body, expectedRevision }) =>
        seals.suspend(principal, id, present({ reason: body.reason, expectedRevision })),
    ),
    change(
      'resume',
      '恢复 / Resume',
      optionalReason,
      true,
      ({ principal, params: { id }, body, expectedRevision }) =>
        seals.resume(principal, id, present({ reason: body.reason, expectedRevision })),
    ),
    change(
      'revoke',
      '注销；不可恢复 / Revoke, for good',
      z.strictObject({ reason: z.enum(REVOCATION_REASONS), note: reasonText.optional() }),
      false,
      ({ principal, params: { id }, body, expectedRevision }) =>
        seals.revoke(principal, id, {
          reason: body.reason,
          ...present({ note: body.note, expectedRevision }),
        }),
    ),
  ];
}
