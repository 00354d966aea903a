/** An application for seals as the API takes and shows it. */
import { z } from 'zod';
import type { Principal } from '../access/index.js';
import {
  APPLICATION_PURPOSES,
  APPLICATION_STATES,
  ATTACHMENT_KINDS,
  SEAL_KINDS,
  type SealApplicationRecord,
  type SealInformationForm,
  type Step,
} from '../seal/index.js';
import { instant, sha256 } from './schemas.js';

const line = (max: number) => z.string().trim().min(1).max(max);

const wantedSeal = z.strictObject({
  kind: z.enum(SEAL_KINDS),
  kindText: line(8).optional().meta({ description: '其他业务专用章的章面文字' }),
  sizeMm: z.number().min(10).max(60).optional().meta({ description: '尺寸，毫米' }),
  physicalRegistration: line(20).optional().meta({ description: '实物印章备案号' }),
  specimenId: line(40).optional().meta({ description: '印模附件编号；缺省按名称绘制' }),
});

/** Every field may be left out of a draft; `submit` says what is missing. */
export const informationForm = z
  .strictObject({
    unitName: line(100).optional().meta({ description: '单位法定名称' }),
    creditCode: line(18).optional().meta({ description: '统一社会信用代码' }),
    budgetCode: line(40).optional().meta({ description: '预算单位编码' }),
    regionCode: line(6).optional().meta({ description: '行政区划' }),
    supervisingDepartment: line(100).optional().meta({ description: '主管部门' }),
    address: line(200).optional(),
    seals: z.array(wantedSeal).max(20).optional().meta({ description: '申请的印章' }),
    tokenKind: z.enum(['budget-system', 'trading-centre', 'other']).optional(),
    tokenSerial: line(64).optional().meta({ description: 'UKey 序列号' }),
    certificateSha256: z
      .array(sha256)
      .max(20)
      .optional()
      .meta({ description: '可用印章的 UKey 签名证书，须已登记在本单位名下' }),
    handler: z
      .strictObject({
        name: line(50).optional(),
        idNumber: line(18).optional(),
        mobile: line(20).optional(),
        landline: line(20).optional(),
      })
      .optional()
      .meta({ description: '经办人' }),
    legalRepresentative: z
      .strictObject({ name: line(50).optional() })
      .optional()
      .meta({ description: '法定代表人' }),
    purpose: line(200).optional().meta({ description: '用途' }),
    validFrom: instant.optional(),
    validUntil: instant.optional(),
    structureVersion: z
      .union([z.literal(4), z.literal(5)])
      .optional()
      .meta({ description: '4：GB/T 38540-2020（缺省）；5：GM/T 0031-2025' }),
    signerListing: z
      .enum(['certificates', 'digests'])
      .optional()
      .meta({ description: '印章数据中记证书全文（缺省）或摘要' }),
  })
  .meta({ id: 'SealInformationForm', description: '电子印章信息表' });

/** The form without the properties that were sent as nothing. */
export function formOf(form: z.output<typeof informationForm>): SealInformationForm {
  return JSON.parse(JSON.stringify(form)) as SealInformationForm;
}

const step = z.strictObject({
  accountId: z.string(),
  certificateSha256: z.string().nullable(),
  at: z.iso.datetime(),
});

export const sealApplicationView = z
  .strictObject({
    id: z.string(),
    purpose: z.enum(APPLICATION_PURPOSES),
    sealId: z.string().nullable(),
    unitId: z.string(),
    regionCode: z.string(),
    state: z.enum(APPLICATION_STATES),
    form: informationForm,
    attachments: z.array(
      z.strictObject({
        id: z.string(),
        kind: z.enum(ATTACHMENT_KINDS),
        fileName: z.string(),
        mediaType: z.string(),
        sizeBytes: z.int(),
        sha256: z.string(),
        addedAt: z.iso.datetime(),
      }),
    ),
    applicants: z.array(step),
    preparation: step
      .extend({
        contentSha256: z.string().meta({ description: '批准时须写明的内容摘要' }),
        seals: z.array(
          z.strictObject({
            sealId: z.string(),
            code: z.string(),
            name: z.string(),
            pictureSha256: z.string(),
            widthMm: z.number(),
            heightMm: z.number(),
          }),
        ),
      })
      .nullable(),
    approval: step.extend({ contentSha256: z.string(), note: z.string().nullable() }).nullable(),
    making: step.nullable(),
    refusals: z.array(
      step.extend({
        kind: z.enum(['returned', 'rejected']),
        reason: z.string(),
        faults: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })),
      }),
    ),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'SealApplication' });

type View = z.input<typeof sealApplicationView>;

export function sealApplicationAnswer(
  principal: Principal,
  application: SealApplicationRecord,
): { body: View; revision: number } {
  return { body: viewSealApplication(principal, application), revision: application.revision };
}

export function viewSealApplication(
  principal: Principal,
  application: SealApplicationRecord,
): View {
  const { preparation, approval, making } = application;
  return {
    id: application.id,
    purpose: application.purpose,
    sealId: application.sealId ?? null,
    unitId: application.unitId,
    regionCode: application.regionCode,
    state: application.state,
    form: shownForm(principal, application),
    attachments: [...application.attachments],
    applicants: application.applicants.map(viewStep),
    preparation:
      preparation === undefined
        ? null
        : {
            ...viewStep(preparation),
            contentSha256: preparation.contentSha256,
            seals: [...preparation.seals],
          },
    approval:
      approval === undefined
        ? null
        : {
            ...viewStep(approval),
            contentSha256: approval.contentSha256,
            note: approval.note ?? null,
          },
    making: making === undefined ? null : viewStep(making),
    refusals: application.refusals.map((refusal) => ({
      ...viewStep(refusal),
      kind: refusal.kind,
      reason: refusal.reason,
      faults: [...refusal.faults],
    })),
    createdAt: application.createdAt,
  };
}

function viewStep({ accountId, certificateSha256, at }: Step): z.input<typeof step> {
  return { accountId, certificateSha256: certificateSha256 ?? null, at };
}

/** Who works on the application sees the handler's numbers; others see that there are some. */
const WORKING_ROLES = new Set([
  'unit-handler',
  'supplier-signer',
  'budget-system',
  'seal-administrator',
  'seal-reviewer',
]);

function shownForm(principal: Principal, { form }: SealApplicationRecord): View['form'] {
  const copy = JSON.parse(JSON.stringify(form)) as View['form'];
  const { handler } = copy;
  if (handler === undefined || principal.roles.some((role) => WORKING_ROLES.has(role))) return copy;
  const hidden = Object.entries(handler).map(([key, value]) => [
    key,
    key === 'name' ? value : masked(value),
  ]);
  return { ...copy, handler: Object.fromEntries(hidden) as View['form']['handler'] };
}

function masked(text = ''): string {
  return text.slice(0, 3) + '*'.repeat(Math.max(0, text.length - 3));
}
