/** Uses of seals, rules and requests as the API shows and takes them. */
import { z } from 'zod';
import { ROLES } from '../access/index.js';
import { formatYuan, parseYuan } from '../contract/index.js';
import {
  USE_REQUEST_STATES,
  type SealUsage,
  type SealUsePolicy,
  type SealUseRequest,
  type SealUseRules,
} from '../seal/index.js';
import { idSchema, instant, present, sha256 } from './schemas.js';

const amountText = z.string().regex(/^\d{1,13}\.\d{2}$/, {
  error: '金额应为两位小数的元，如 1000000.00 (yuan, two decimals)',
});

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: '应为 HH:MM' });

export const rulesSchema = z
  .strictObject({
    accountIds: z.array(idSchema('acc', '账号')).max(200).optional(),
    roles: z.array(z.enum(ROLES)).max(10).optional(),
    contractKinds: z
      .array(z.string().min(1).max(40))
      .max(50)
      .optional()
      .meta({ description: '合同模板编号；upload 为无模板的上传文件' }),
    maxAmount: amountText.optional().meta({ description: '单笔合同金额上限，元' }),
    perDay: z.int().min(0).max(100_000).optional(),
    perMonth: z.int().min(0).max(1_000_000).optional(),
    validFrom: instant.optional(),
    validUntil: instant.optional(),
    hours: z
      .strictObject({
        from: clockTime,
        to: clockTime,
        weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).meta({ description: '1 为星期一' }),
      })
      .optional()
      .meta({ description: '北京时间 (Asia/Shanghai)' }),
    approval: z.enum(['none', 'each', 'above-amount']).meta({ description: '用印审批' }),
    approvalAbove: amountText.optional().meta({ description: '超过此金额须审批，元' }),
  })
  .meta({ id: 'SealUseRules', description: '未给出的项目不限制 (what is absent is not limited)' });

export function rulesOf(body: z.output<typeof rulesSchema>): SealUseRules {
  const { maxAmount, approvalAbove, ...rest } = body;
  return {
    ...present(rest),
    ...(maxAmount === undefined ? {} : { maxAmountFen: parseYuan(maxAmount) }),
    ...(approvalAbove === undefined ? {} : { approvalAboveFen: parseYuan(approvalAbove) }),
  };
}

function viewRules(rules: SealUseRules): z.input<typeof rulesSchema> {
  const { maxAmountFen, approvalAboveFen, accountIds, roles, contractKinds, hours, ...rest } =
    rules;
  return {
    ...rest,
    ...(accountIds === undefined ? {} : { accountIds: [...accountIds] }),
    ...(roles === undefined ? {} : { roles: [...roles] }),
    ...(contractKinds === undefined ? {} : { contractKinds: [...contractKinds] }),
    ...(hours === undefined ? {} : { hours: { ...hours, weekdays: [...hours.weekdays] } }),
    ...(maxAmountFen === undefined ? {} : { maxAmount: formatYuan(maxAmountFen) }),
    ...(approvalAboveFen === undefined ? {} : { approvalAbove: formatYuan(approvalAboveFen) }),
  };
}

const proposed = z.strictObject({
  rules: rulesSchema,
  digest: sha256.meta({ description: '规则内容的摘要；审批时须带上' }),
  proposedBy: z.string(),
  proposedAt: z.iso.datetime(),
});

export const policyView = z
  .strictObject({
    sealId: z.string(),
    inForce: proposed
      .extend({ approvedBy: z.string(), approvedAt: z.iso.datetime() })
      .nullable()
      .meta({ description: '生效的规则；空为不限制' }),
    proposed: proposed.nullable().meta({ description: '待另一人审批的规则' }),
  })
  .meta({ id: 'SealUsePolicy' });

export function viewPolicy(
  sealId: string,
  policy: SealUsePolicy | undefined,
): z.input<typeof policyView> {
  const inForce = policy?.inForce;
  const waiting = policy?.proposed;
  const common = (each: NonNullable<SealUsePolicy['proposed']>) => ({
    rules: viewRules(each.rules),
    digest: each.digest,
    proposedBy: each.by.accountId,
    proposedAt: each.at,
  });
  return {
    sealId,
    inForce:
      inForce === undefined
        ? null
        : {
            ...common(inForce),
            approvedBy: inForce.approvedBy.accountId,
            approvedAt: inForce.approvedAt,
          },
    proposed: waiting === undefined ? null : common(waiting),
  };
}

export const requestView = z
  .strictObject({
    id: z.string(),
    sealId: z.string(),
    sealCode: z.string(),
    unitId: z.string(),
    contractId: z.string(),
    contractNumber: z.string(),
    documentSha256: z.string().meta({ description: '审批只对这份文件有效' }),
    amount: z.string().nullable(),
    purpose: z.string(),
    state: z.enum(USE_REQUEST_STATES),
    requestedBy: z.string(),
    requestedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    decidedBy: z.string().nullable(),
    decidedAt: z.iso.datetime().nullable(),
    reason: z.string().nullable(),
    usedBy: z.string().nullable().meta({ description: '用掉它的那次用印' }),
  })
  .meta({ id: 'SealUseRequest' });

export function viewRequest(request: SealUseRequest): z.input<typeof requestView> {
  const { id, sealId, sealCode, unitId, contractId, contractNumber, documentSha256 } = request;
  const { amountFen, purpose, state, requestedAt, expiresAt } = request;
  return {
    id,
    sealId,
    sealCode,
    unitId,
    contractId,
    contractNumber,
    documentSha256,
    amount: amountFen === undefined ? null : formatYuan(amountFen),
    purpose,
    state,
    requestedBy: request.requestedBy.accountId,
    requestedAt,
    expiresAt,
    decidedBy: request.decidedBy?.accountId ?? null,
    decidedAt: request.decidedAt ?? null,
    reason: request.reason ?? null,
    usedBy: request.usedBy ?? null,
  };
}

export const usageView = z
  .strictObject({
    id: z.string().meta({ description: '用印的编号；成功的即签署的 attemptId' }),
    number: z.int().meta({ description: '在本单位用印登记簿中的序号' }),
    at: z.iso.datetime(),
    accountId: z.string(),
    role: z.string(),
    certificateSha256: z.string().nullable().meta({ description: '所用 UKey 的证书' }),
    sealVersion: z.int().nullable(),
    contractId: z.string(),
    contractNumber: z.string(),
    amount: z.string().nullable(),
    documentSha256: z.string().meta({ description: '签署前的合同文件' }),
    baseSha256: z.string().meta({ description: '此次签名所基于的文件，含此前的签名' }),
    signedSha256: z.string().nullable().meta({ description: '签成的文件' }),
    result: z.enum(['completed', 'failed', 'refused', 'interrupted', 'under-way']),
    code: z.string().nullable().meta({ description: '未成功的错误代码' }),
    reason: z.string().nullable(),
    endedAt: z.iso.datetime().nullable(),
    useRequestId: z.string().nullable(),
    requestedBy: z.string().nullable(),
    approvedBy: z.string().nullable(),
    requestId: z.string().nullable(),
  })
  .meta({ id: 'SealUsage', description: '用印记录，含被拒绝的' });

export function viewUsage({ line, result }: SealUsage): z.input<typeof usageView> {
  const { event, outcome } = line;
  const text = (name: string): string | null => {
    const value = event.details[name];
    return typeof value === 'string' ? value : null;
  };
  const whole = (name: string): number | null => {
    const value = event.details[name];
    return typeof value === 'number' ? value : null;
  };
  const amountFen = whole('amountFen');
  return {
    id: line.useId,
    number: line.number,
    at: event.at,
    accountId: event.actor.accountId,
    role: event.actor.role,
    certificateSha256: text('certificateSha256'),
    sealVersion: whole('sealVersion'),
    contractId: text('contractId') ?? '',
    contractNumber: text('contractNumber') ?? '',
    amount: amountFen === null ? null : formatYuan(amountFen),
    documentSha256: text('documentSha256') ?? '',
    baseSha256: text('baseSha256') ?? '',
    signedSha256: outcome?.signedSha256 ?? null,
    result,
    code: outcome?.code ?? text('code'),
    reason: text('reason'),
    endedAt: outcome?.at ?? null,
    useRequestId: text('useRequestId'),
    requestedBy: text('requestedBy'),
    approvedBy: text('approvedBy'),
    requestId: event.requestId ?? null,
  };
}
