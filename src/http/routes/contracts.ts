/** Contracts, from draft to the point where they are signed. */
import { z } from 'zod';
import type { Principal } from '../../access/index.js';
import { CONTRACT_STATES, currentBlobId, type ContractRecord } from '../../contract/index.js';
import { AppError, type ErrorCode } from '../../kernel/index.js';
import { contractAnswer, contractDetail, contractSummary, summaryView } from '../contract-view.js';
import { finding, newContract } from '../contract-requests.js';
import { requestInvalid } from '../request-faults.js';
import { route, type Route, type RouteAccess } from '../route.js';
import {
  idSchema,
  listOf,
  listView,
  pageOf,
  pageQuery,
  present,
  reasonText,
  wholeNumber,
} from '../schemas.js';
import type { HttpServices } from '../services.js';

export const CONTRACT_READERS = [
  'unit-handler',
  'unit-signer',
  'unit-seal-approver',
  'supplier-signer',
  'budget-system',
  'trading-system',
  'supervisor',
  'auditor',
] as const;

const params = z.strictObject({ id: idSchema('ctr', '合同编号') });

const changeProblems: readonly ErrorCode[] = [
  'contract-not-found',
  'contract-transition-refused',
  'contract-signing-in-progress',
  'record-version-conflict',
];

export function contractRoutes({ contracts, blobs, clock }: HttpServices): readonly Route[] {
  /** The revision a change is made from: the one the caller names, or else the present one. */
  const changeOf = async (
    principal: Principal,
    id: string,
    expectedRevision: number | undefined,
  ): Promise<{ readonly id: string; readonly expectedRevision: number }> => ({
    id,
    expectedRevision: expectedRevision ?? (await contracts.get(principal, id)).revision,
  });

  const ending = (
    action: 'reject' | 'withdraw' | 'void',
    summary: string,
    access: Exclude<RouteAccess, string>,
  ): Route =>
    route({
      method: 'post',
      path: `/contracts/{id}/${action}`,
      operationId: `${action}Contract`,
      tag: 'contracts',
      summary,
      access,
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: { json: z.strictObject({ reason: reasonText }) },
      problems: [...changeProblems, 'forbidden'],
      success: { status: 200, description: '合同', json: contractDetail },
      handle: async ({ principal, params: { id }, body, expectedRevision }) => {
        const change = await changeOf(principal, id, expectedRevision);
        const contract = await contracts[action](principal, { ...change, reason: body.reason });
        return contractAnswer(contract, clock.now());
      },
    });

  return [
    route({
      method: 'get',
      path: '/contracts',
      operationId: 'listContracts',
      tag: 'contracts',
      summary: '合同列表 / Contracts',
      access: CONTRACT_READERS,
      query: z.strictObject({
        ...pageQuery,
        state: z.enum(CONTRACT_STATES).optional(),
        number: z.string().min(1).max(100).optional(),
      }),
      success: { status: 200, description: '可见的合同', json: listOf(contractSummary) },
      handle: async ({ principal, query }) => {
        const page = await contracts.list(principal, {
          ...pageOf(query),
          ...(query.state === undefined ? {} : { state: [query.state] }),
          ...present({ number: query.number }),
        });
        return { body: listView(page, summaryView) };
      },
    }),

    route({
      method: 'post',
      path: '/contracts',
      operationId: 'createContract',
      tag: 'contracts',
      summary: '起草合同：数据加模板，或上传 PDF / Draft a contract',
      access: ['unit-handler', 'budget-system'],
      isIdempotent: true,
      body: { json: newContract, pdf: 'accepted' },
      problems: [
        'forbidden',
        'contract-data-invalid',
        'template-not-found',
        'record-exists',
        'conflict',
        'glyph-missing',
        'pdf-not-a-pdf',
        'pdf-malformed',
        'pdf-encrypted',
        'pdf-unsupported',
        'pdf-not-admitted',
        'pdf-limit-exceeded',
        'pdf-page-out-of-range',
        'pdf-signing-not-permitted',
      ],
      success: { status: 201, description: '草稿', json: contractDetail },
      handle: async ({ principal, body, file }) => {
        // A PDF alone arrives without a data part, whatever the type says.
        const request = body as typeof body | undefined;
        if (request === undefined) {
          const detail = '上传 PDF 时须以 multipart/form-data 附上 data (a data part is required)';
          throw requestInvalid([{ pointer: '#/data', detail }]);
        }
        const { sealPlaces, template, ...rest } = request;
        if (file !== undefined && template !== undefined) {
          const detail = '上传文件与模板只能选一种 (either a file or a template)';
          throw requestInvalid([{ pointer: '#/template', detail }]);
        }
        const upload =
          file === undefined
            ? undefined
            : {
                pdf: file.bytes,
                fileName: file.fileName ?? 'contract.pdf',
                ...present({ sealPlaces }),
              };
        const contract = await contracts.create(principal, {
          ...present(rest),
          ...present({ template, upload }),
        });
        return {
          ...contractAnswer(contract, clock.now()),
          location: `/api/v1/contracts/${contract.id}`,
        };
      },
    }),

    route({
      method: 'get',
      path: '/contracts/{id}',
      operationId: 'getContract',
      tag: 'contracts',
      summary: '合同 / One contract',
      access: CONTRACT_READERS,
      params,
      problems: ['contract-not-found'],
      success: { status: 200, description: '合同', json: contractDetail },
      handle: async ({ principal, params: { id } }) =>
        contractAnswer(await contracts.get(principal, id), clock.now()),
    }),

    route({
      method: 'patch',
      path: '/contracts/{id}',
      operationId: 'updateContract',
      tag: 'contracts',
      summary: '修改草稿的数据并重新生成文件 / Change a draft',
      access: ['unit-handler', 'budget-system'],
      params,
      ifMatch: 'required',
      body: {
        json: z.strictObject({
          data: z.record(z.string(), z.unknown()).meta({ description: '全部合同数据' }),
        }),
      },
      problems: [...changeProblems, 'forbidden', 'contract-data-invalid', 'glyph-missing'],
      success: { status: 200, description: '修改后的草稿', json: contractDetail },
      handle: async ({ principal, params: { id }, body, expectedRevision }) => {
        const change = await changeOf(principal, id, expectedRevision);
        const contract = await contracts.updateData(principal, { ...change, data: body.data });
        return contractAnswer(contract, clock.now());
      },
    }),

    route({
      method: 'post',
      path: '/contracts/{id}/checks',
      operationId: 'checkContract',
      tag: 'contracts',
      summary: '签署前检查 / Checks before signing',
      access: CONTRACT_READERS,
      params,
      body: { json: z.strictObject({}), isOptional: true },
      problems: ['contract-not-found'],
      success: {
        status: 200,
        description: '发现的问题；error 阻止提交，warning 须确认',
        json: z.strictObject({ findings: z.array(finding) }),
      },
      handle: async ({ principal, params: { id } }) => {
        const findings = await contracts.check(principal, id);
        return {
          body: {
            findings: findings.map(({ code, severity, text, textEn, pointer }) => ({
              code,
              severity,
              text,
              textEn,
              pointer: pointer ?? null,
            })),
          },
        };
      },
    }),

    route({
      method: 'post',
      path: '/contracts/{id}/submit',
      operationId: 'submitContract',
      tag: 'contracts',
      summary: '提交给供应商确认 / Send to the supplier',
      access: ['unit-handler', 'budget-system'],
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: {
        json: z.strictObject({
          acknowledged: z
            .array(z.string().max(100))
            .max(50)
            .optional()
            .meta({ description: '已确认的警告代码 (codes of warnings)' }),
        }),
        isOptional: true,
      },
      problems: [...changeProblems, 'forbidden', 'contract-checks-failed'],
      success: { status: 200, description: '合同', json: contractDetail },
      handle: async ({ principal, params: { id }, body, expectedRevision }) => {
        const change = await changeOf(principal, id, expectedRevision);
        const contract = await contracts.submit(principal, { ...change, ...present(body) });
        return contractAnswer(contract, clock.now());
      },
    }),

    route({
      method: 'post',
      path: '/contracts/{id}/confirm',
      operationId: 'confirmContract',
      tag: 'contracts',
      summary: '供应商确认内容 / Confirm, by the supplier',
      access: ['supplier-signer'],
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: { json: z.strictObject({}), isOptional: true },
      problems: [...changeProblems, 'forbidden'],
      success: { status: 200, description: '合同', json: contractDetail },
      handle: async ({ principal, params: { id }, expectedRevision }) => {
        const change = await changeOf(principal, id, expectedRevision);
        return contractAnswer(await contracts.confirm(principal, change), clock.now());
      },
    }),

    ending('reject', '退回 / Reject', ['supplier-signer', 'unit-signer']),
    ending('withdraw', '撤回 / Withdraw', ['unit-handler', 'budget-system']),
    ending('void', '作废；已签署的须双方同意 / Void, once both agree', [
      'unit-signer',
      'supplier-signer',
    ]),

    route({
      method: 'get',
      path: '/contracts/{id}/document',
      operationId: 'getContractDocument',
      tag: 'contracts',
      summary: '合同文件，最新或指定版本 / The document',
      access: CONTRACT_READERS,
      params,
      query: z.strictObject({
        revision: wholeNumber(0, 1000)
          .optional()
          .meta({ description: '0 为签署前的文件，1 起为各次签名后 (0: before any signature)' }),
      }),
      problems: ['contract-not-found', 'not-found', 'blob-corrupt'],
      success: { status: 200, description: 'PDF', media: ['application/pdf'] },
      handle: async ({ principal, params: { id }, query: { revision } }) => {
        const contract = await contracts.get(principal, id);
        const blobId = blobIdOf(contract, revision);
        if (blobId === undefined) throw new AppError('not-found', 'no such revision');
        return {
          bytes: await blobs.read(blobId),
          mediaType: 'application/pdf',
          fileName: contract.document?.fileName ?? `${contract.number}.pdf`,
          sha256: blobId,
          isInline: true,
          isImmutable: revision !== undefined,
        };
      },
    }),
  ];
}

function blobIdOf(contract: ContractRecord, revision: number | undefined): string | undefined {
  if (revision === undefined) return currentBlobId(contract);
  if (revision === 0) return contract.document?.blobId;
  return contract.signatures.find((each) => each.number === revision)?.blobId;
}
