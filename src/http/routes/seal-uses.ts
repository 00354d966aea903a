/** 用印内控: rules for a seal, requests to use it, and the record of its uses. */
import { z } from 'zod';
import { AppError } from '../../kernel/index.js';
import type { SealUseRequest } from '../../seal/index.js';
import { route, type Route } from '../route.js';
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
} from '../schemas.js';
import {
  policyView,
  requestView,
  rulesOf,
  rulesSchema,
  usageView,
  viewPolicy,
  viewRequest,
  viewUsage,
} from '../seal-use-view.js';
import type { HttpServices } from '../services.js';

const sealParams = z.strictObject({ id: idSchema('seal', '印章编号') });
const requestParams = z.strictObject({ id: idSchema('urq', '用印申请编号') });
const readers = [
  'unit-handler',
  'unit-signer',
  'unit-seal-approver',
  'supplier-signer',
  'seal-administrator',
  'seal-reviewer',
  'supervisor',
  'auditor',
] as const;
const unitReaders = ['unit-handler', 'unit-signer', 'unit-seal-approver', 'auditor'] as const;
const deciders = ['unit-seal-approver'] as const;

const requestAnswer = (request: SealUseRequest) => ({
  body: viewRequest(request),
  revision: request.revision,
});

export function sealUseRoutes({ sealUses, contracts }: HttpServices): readonly Route[] {
  const { policies, requests, usages } = sealUses;

  return [
    route({
      method: 'get',
      path: '/seals/{id}/usages',
      operationId: 'listSealUsages',
      tag: 'seals',
      summary: '用印记录，含被拒绝的 / Uses of a seal, refusals too',
      access: readers,
      params: sealParams,
      query: z.strictObject({ ...pageQuery, from: instant.optional(), to: instant.optional() }),
      problems: ['seal-not-found'],
      success: { status: 200, description: '按时间倒序', json: listOf(usageView) },
      handle: async ({ principal, params: { id }, query }) => {
        const { from, to } = query;
        const page = await usages.list(principal, id, {
          ...pageOf(query),
          ...present({ from, to }),
        });
        return { body: listView(page, viewUsage) };
      },
    }),

    route({
      method: 'get',
      path: '/seals/{id}/use-policy',
      operationId: 'getSealUsePolicy',
      tag: 'seals',
      summary: '用印规则 / Rules for the use of a seal',
      access: readers,
      params: sealParams,
      problems: ['seal-not-found'],
      success: { status: 200, description: '生效的与待审批的', json: policyView },
      handle: async ({ principal, params: { id } }) => {
        const policy = await policies.get(principal, id);
        return { body: viewPolicy(id, policy), revision: policy?.revision ?? 0 };
      },
    }),

    route({
      method: 'put',
      path: '/seals/{id}/use-policy',
      operationId: 'proposeSealUsePolicy',
      tag: 'seals',
      summary: '提出用印规则，由另一人审批后生效 / Propose rules',
      access: ['unit-handler', 'unit-seal-approver'],
      params: sealParams,
      ifMatch: 'accepted',
      body: { json: rulesSchema },
      problems: ['seal-not-found', 'record-version-conflict', 'input-invalid'],
      success: { status: 200, description: '待审批', json: policyView },
      handle: async ({ principal, params: { id }, body, expectedRevision }) => {
        const rules = rulesOf(body);
        const policy = await policies.propose(principal, id, {
          rules,
          ...present({ expectedRevision }),
        });
        return { body: viewPolicy(id, policy), revision: policy.revision };
      },
    }),

    ...(['approve', 'return'] as const).map((action) =>
      route({
        method: 'post',
        path: `/seals/{id}/use-policy/${action}`,
        operationId: action === 'approve' ? 'approveSealUsePolicy' : 'returnSealUsePolicy',
        tag: 'seals',
        summary:
          action === 'approve'
            ? '审批用印规则：提出人不能自己审批 / Approve proposed rules'
            : '退回用印规则 / Return proposed rules',
        access: deciders,
        params: sealParams,
        isIdempotent: true,
        body: {
          json: z.strictObject({
            digest: sha256.meta({ description: '所审批规则的摘要' }),
            reason: reasonText.optional(),
          }),
        },
        problems: [
          'seal-not-found',
          'not-found',
          'seal-use-self-approval',
          'conflict',
          'record-version-conflict',
        ],
        success: { status: 200, description: '规则', json: policyView },
        handle: async ({ principal, params: { id }, body }) => {
          const policy = await policies.decide(principal, id, {
            digest: body.digest,
            isApproved: action === 'approve',
            ...present({ reason: body.reason }),
          });
          return { body: viewPolicy(id, policy), revision: policy.revision };
        },
      }),
    ),

    route({
      method: 'post',
      path: '/seal-use-requests',
      operationId: 'createSealUseRequest',
      tag: 'seals',
      summary: '申请用印 / Request the use of a seal',
      access: ['unit-handler', 'unit-signer'],
      isIdempotent: true,
      body: {
        json: z.strictObject({
          sealId: idSchema('seal', '印章编号'),
          contractId: idSchema('ctr', '合同编号'),
          purpose: z.string().trim().min(2).max(500).meta({ description: '用途' }),
          expiresAt: instant.optional().meta({ description: '缺省 7 天后失效，最长 30 天' }),
        }),
      },
      problems: ['seal-not-found', 'contract-not-found', 'input-invalid'],
      success: { status: 201, description: '待审批', json: requestView },
      handle: async ({ principal, body }) => {
        const contract = await contracts.get(principal, body.contractId);
        if (contract.document === undefined) {
          throw new AppError('input-invalid', 'the contract has no document yet', {
            params: { field: 'contractId' },
          });
        }
        const request = await requests.request(principal, {
          sealId: body.sealId,
          purpose: body.purpose,
          subject: {
            contractId: contract.id,
            contractNumber: contract.number,
            documentSha256: contract.document.blobId,
            amountFen: contract.amountFen,
          },
          ...(body.expiresAt === undefined ? {} : { expiresAt: new Date(body.expiresAt) }),
        });
        return { ...requestAnswer(request), location: `/api/v1/seal-use-requests/${request.id}` };
      },
    }),

    route({
      method: 'get',
      path: '/seal-use-requests',
      operationId: 'listSealUseRequests',
      tag: 'seals',
      summary: '用印申请列表 / Requests',
      access: unitReaders,
      query: z.strictObject({ ...pageQuery, sealId: idSchema('seal', '印章编号').optional() }),
      success: { status: 200, description: '按时间倒序', json: listOf(requestView) },
      handle: async ({ principal, query }) => {
        const { sealId } = query;
        const page = await requests.list(principal, { ...pageOf(query), ...present({ sealId }) });
        return { body: listView(page, viewRequest) };
      },
    }),

    route({
      method: 'get',
      path: '/seal-use-requests/{id}',
      operationId: 'getSealUseRequest',
      tag: 'seals',
      summary: '用印申请 / One request',
      access: unitReaders,
      params: requestParams,
      problems: ['not-found'],
      success: { status: 200, description: '用印申请', json: requestView },
      handle: async ({ principal, params: { id } }) =>
        requestAnswer(await requests.get(principal, id)),
    }),

    route({
      method: 'post',
      path: '/seal-use-requests/{id}/approve',
      operationId: 'approveSealUseRequest',
      tag: 'seals',
      summary: '审批用印：只对所看的那份文件、只用一次 / Approve, for one document and one use',
      access: deciders,
      params: requestParams,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: {
        json: z.strictObject({
          documentSha256: sha256.meta({ description: '审批人所看文件的 SHA-256' }),
        }),
      },
      problems: ['not-found', 'seal-use-self-approval', 'conflict', 'record-version-conflict'],
      success: { status: 200, description: '已审批', json: requestView },
      handle: async ({ principal, params: { id }, body, expectedRevision }) =>
        requestAnswer(
          await requests.approve(principal, id, { ...body, ...present({ expectedRevision }) }),
        ),
    }),

    route({
      method: 'post',
      path: '/seal-use-requests/{id}/return',
      operationId: 'returnSealUseRequest',
      tag: 'seals',
      summary: '退回用印申请，并说明理由 / Return with a reason',
      access: deciders,
      params: requestParams,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: { json: z.strictObject({ reason: reasonText }) },
      problems: ['not-found', 'seal-use-self-approval', 'conflict', 'record-version-conflict'],
      success: { status: 200, description: '已退回', json: requestView },
      handle: async ({ principal, params: { id }, body, expectedRevision }) =>
        requestAnswer(
          await requests.return(principal, id, { ...body, ...present({ expectedRevision }) }),
        ),
    }),

    route({
      method: 'post',
      path: '/seal-use-requests/{id}/withdraw',
      operationId: 'withdrawSealUseRequest',
      tag: 'seals',
      summary: '撤回自己的用印申请 / Withdraw',
      access: ['unit-handler', 'unit-signer'],
      params: requestParams,
      isIdempotent: true,
      problems: ['not-found', 'forbidden', 'conflict'],
      success: { status: 200, description: '已撤回', json: requestView },
      handle: async ({ principal, params: { id } }) =>
        requestAnswer(await requests.withdraw(principal, id)),
    }),
  ];
}
