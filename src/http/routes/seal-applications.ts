/** Applications for seals: the information form with its attachments, its review by two persons, the making. */
import { z } from 'zod';
import type { Principal } from '../../access/index.js';
import type { ErrorCode } from '../../kernel/index.js';
import {
  APPLICATION_RIGHTS,
  APPLICATION_STATES,
  ATTACHMENT_KINDS,
  ATTACHMENT_MEDIA_TYPES,
  type ApplicationAction,
  type SealApplicationRecord,
} from '../../seal/index.js';
import { route, type Route, type RouteContext } from '../route.js';
import {
  idSchema,
  listOf,
  pageOf,
  pageQuery,
  present,
  reasonText,
  sha256,
  wholeNumber,
} from '../schemas.js';
import {
  formOf,
  informationForm,
  sealApplicationAnswer,
  sealApplicationView,
  viewSealApplication,
} from '../seal-application-view.js';
import type { HttpServices } from '../services.js';

const params = z.strictObject({ id: idSchema('sap', '申请编号') });
const attachmentParams = params.extend({ attachmentId: idSchema('att', '附件编号') });
const nothing = z.strictObject({});
const refusal = z.strictObject({
  reason: reasonText,
  faults: z
    .array(z.strictObject({ pointer: z.string().max(200), detail: z.string().min(1).max(500) }))
    .max(50)
    .optional()
    .meta({ description: '逐项意见：表中位置与问题' }),
});

const readers = [
  'unit-handler',
  'unit-signer',
  'unit-seal-approver',
  'supplier-signer',
  'budget-system',
  'seal-administrator',
  'seal-reviewer',
  'supervisor',
  'auditor',
] as const;

const stepProblems: readonly ErrorCode[] = [
  'seal-application-not-found',
  'seal-application-transition-refused',
  'record-version-conflict',
];
const drawingProblems: readonly ErrorCode[] = [
  'seal-application-incomplete',
  'seal-name-unsuitable',
  'glyph-missing',
];

const specimenProblems: readonly ErrorCode[] = [
  'specimen-unsuitable',
  'picture-malformed',
  'picture-unsupported',
  'picture-too-large',
];

const success = { status: 200, description: '印章申请', json: sealApplicationView } as const;

export function sealApplicationRoutes({
  sealApplications: { once, applicants, review, making },
}: HttpServices): readonly Route[] {
  const step = <B extends z.ZodType>(
    action: Exclude<ApplicationAction, 'edit'>,
    summary: string,
    json: B,
    problems: readonly ErrorCode[],
    apply: (
      principal: Principal,
      request: { readonly id: string; readonly expectedRevision?: number },
      body: RouteContext<unknown, unknown, z.output<B>, Principal>['body'],
    ) => Promise<SealApplicationRecord>,
    isOptional = true,
  ): Route =>
    route({
      method: 'post',
      path: `/seal-applications/{id}/${action}`,
      operationId: `${action}SealApplication`,
      tag: 'seals',
      summary,
      access: APPLICATION_RIGHTS[action],
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: { json, isOptional },
      problems: [...stepProblems, ...problems],
      success,
      handle: async ({ principal, params: { id }, body, expectedRevision }) =>
        sealApplicationAnswer(
          principal,
          await once(principal, id, () =>
            apply(principal, { id, ...present({ expectedRevision }) }, body),
          ),
        ),
    });

  return [
    route({
      method: 'get',
      path: '/seal-applications',
      operationId: 'listSealApplications',
      tag: 'seals',
      summary: '印章申请列表 / Seal applications',
      access: readers,
      query: z.strictObject({
        ...pageQuery,
        state: z.enum(APPLICATION_STATES).optional(),
        unitId: idSchema('unit', '单位编号').optional(),
        sealId: idSchema('seal', '印章编号').optional(),
      }),
      success: { status: 200, description: '可见的申请', json: listOf(sealApplicationView) },
      handle: async ({ principal, query }) => {
        const { state, unitId, sealId } = query;
        const page = await applicants.list(principal, {
          ...pageOf(query),
          ...present({ state, unitId, sealId }),
        });
        return {
          body: {
            items: page.items.map((each) => viewSealApplication(principal, each)),
            nextCursor: page.nextCursor ?? null,
          },
        };
      },
    }),

    route({
      method: 'post',
      path: '/seal-applications',
      operationId: 'createSealApplication',
      tag: 'seals',
      summary: '起草印章申请 / Draft an application for seals',
      access: APPLICATION_RIGHTS.edit,
      isIdempotent: true,
      body: {
        json: z.strictObject({
          unitId: idSchema('unit', '单位编号')
            .optional()
            .meta({ description: '缺省为本单位；预算系统须写明' }),
          form: informationForm,
        }),
      },
      problems: ['not-found'],
      success: { status: 201, description: '草稿；提交前可不完整', json: sealApplicationView },
      handle: async ({ principal, body: { unitId, form } }) => {
        const application = await applicants.create(principal, {
          form: formOf(form),
          ...present({ unitId }),
        });
        return {
          ...sealApplicationAnswer(principal, application),
          location: `/api/v1/seal-applications/${application.id}`,
        };
      },
    }),

    route({
      method: 'get',
      path: '/seal-applications/{id}',
      operationId: 'getSealApplication',
      tag: 'seals',
      summary: '印章申请 / One application',
      access: readers,
      params,
      problems: ['seal-application-not-found'],
      success,
      handle: async ({ principal, params: { id } }) =>
        sealApplicationAnswer(principal, await applicants.get(principal, id)),
    }),

    route({
      method: 'patch',
      path: '/seal-applications/{id}',
      operationId: 'editSealApplication',
      tag: 'seals',
      summary: '修改信息表；审核与批准随之作废 / Replace the form; what was approved is void',
      access: APPLICATION_RIGHTS.edit,
      params,
      ifMatch: 'required',
      body: { json: z.strictObject({ form: informationForm }) },
      problems: stepProblems,
      success,
      handle: async ({ principal, params: { id }, body, expectedRevision }) =>
        sealApplicationAnswer(
          principal,
          await applicants.edit(principal, {
            id,
            form: formOf(body.form),
            ...present({ expectedRevision }),
          }),
        ),
    }),

    route({
      method: 'post',
      path: '/seal-applications/{id}/attachments',
      operationId: 'attachToSealApplication',
      tag: 'seals',
      summary: '上传附件 / Attach a document',
      access: APPLICATION_RIGHTS.edit,
      params,
      query: z.strictObject({
        kind: z.enum(ATTACHMENT_KINDS).meta({
          description: '授权书、印模、实物印章备案、变更依据、其他',
        }),
        fileName: z.string().trim().min(1).max(120).optional(),
      }),
      isIdempotent: true,
      ifMatch: 'accepted',
      body: { pdf: 'required', media: ATTACHMENT_MEDIA_TYPES },
      problems: [...stepProblems, 'seal-attachment-refused'],
      success: { ...success, status: 201 },
      handle: async ({ principal, params: { id }, query, file, expectedRevision }) =>
        sealApplicationAnswer(
          principal,
          await applicants.attach(principal, {
            id,
            attachment: {
              kind: query.kind,
              fileName: query.fileName ?? file?.fileName ?? query.kind,
              bytes: file?.bytes ?? new Uint8Array(),
            },
            ...present({ expectedRevision }),
          }),
        ),
    }),

    route({
      method: 'get',
      path: '/seal-applications/{id}/attachments/{attachmentId}',
      operationId: 'getSealApplicationAttachment',
      tag: 'seals',
      summary: '附件 / One attachment',
      access: readers,
      params: attachmentParams,
      problems: ['seal-application-not-found', 'not-found'],
      success: { status: 200, description: '附件原文', media: ATTACHMENT_MEDIA_TYPES },
      handle: async ({ principal, params: { id, attachmentId } }) => {
        const { attachment, bytes } = await applicants.attachment(principal, id, attachmentId);
        const { mediaType, fileName } = attachment;
        return { bytes, mediaType, fileName, sha256: attachment.sha256, isImmutable: true };
      },
    }),

    route({
      method: 'delete',
      path: '/seal-applications/{id}/attachments/{attachmentId}',
      operationId: 'detachFromSealApplication',
      tag: 'seals',
      summary: '删去附件 / Take an attachment off',
      access: APPLICATION_RIGHTS.edit,
      params: attachmentParams,
      ifMatch: 'accepted',
      problems: [...stepProblems, 'not-found'],
      success,
      handle: async ({ principal, params: { id, attachmentId }, expectedRevision }) =>
        sealApplicationAnswer(
          principal,
          await applicants.detach(principal, {
            id,
            attachmentId,
            ...present({ expectedRevision }),
          }),
        ),
    }),

    route({
      method: 'get',
      path: '/seal-applications/{id}/picture',
      operationId: 'getSealApplicationPicture',
      tag: 'seals',
      summary: '待审印模，标有“样章” / The picture under review, marked as a specimen',
      access: readers,
      params,
      query: z.strictObject({
        index: wholeNumber(0, 19).optional().meta({ description: '第几枚，从 0 起' }),
      }),
      problems: [
        'seal-application-not-found',
        'not-found',
        ...drawingProblems,
        ...specimenProblems,
      ],
      success: { status: 200, description: '图片', media: ['image/svg+xml', 'image/png'] },
      handle: async ({ principal, params: { id }, query }) => {
        const { bytes, mediaType } = await review.preview(principal, id, query.index ?? 0);
        return { bytes, mediaType, fileName: id, isInline: true };
      },
    }),

    step(
      'submit',
      '提交 / Submit',
      nothing,
      ['seal-application-incomplete'],
      (principal, request) => applicants.submit(principal, request),
    ),
    step(
      'confirm',
      '单位确认延期或换绑 / The unit confirms what is proposed',
      nothing,
      ['seal-application-incomplete'],
      (principal, request) => applicants.confirm(principal, request),
    ),
    step('withdraw', '撤回 / Withdraw', nothing, [], (principal, request) =>
      applicants.withdraw(principal, request),
    ),
    step(
      'prepare',
      '审核并备制 / Check and prepare',
      nothing,
      ['seal-dual-control', 'conflict', ...drawingProblems, ...specimenProblems],
      (principal, request) => review.prepare(principal, request),
    ),
    step(
      'approve',
      '复核批准；须写明所批准内容的摘要 / Approve exactly this content',
      z.strictObject({
        contentSha256: sha256.meta({ description: '申请 preparation.contentSha256' }),
        note: reasonText.optional(),
      }),
      ['seal-dual-control', 'seal-application-changed'],
      (principal, request, { contentSha256, note }) =>
        review.approve(principal, { ...request, contentSha256, ...present({ note }) }),
      false,
    ),
    step(
      'return',
      '退回修改 / Return for correction',
      refusal,
      [],
      (principal, request, { reason, faults }) =>
        review.return(principal, { ...request, reason, ...present({ faults }) }),
      false,
    ),
    step(
      'reject',
      '不予批准 / Reject',
      refusal,
      [],
      (principal, request, { reason, faults }) =>
        review.reject(principal, { ...request, reason, ...present({ faults }) }),
      false,
    ),
    step(
      'make',
      '制作 / Make the seals',
      nothing,
      [
        'seal-dual-control',
        'seal-application-changed',
        'seal-maker-unavailable',
        'seal-unit-closed',
        'signature-not-verified',
        'seal-transition-refused',
        'conflict',
        ...drawingProblems,
      ],
      (principal, request) => making.make(principal, request),
    ),
  ];
}
