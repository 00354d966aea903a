/** Contracts, from draft to the point where they are signed. */
import { z } from 'zod';
import {
  CONTRACT_STATES,
  currentBlobId,
  versionNumber,
  type ContractRecord,
} from '../../contract/index.js';
import { AppError } from '../../kernel/index.js';
import { contractAnswer, contractDetail, contractSummary, summaryView } from '../contract-view.js';
import {
  changeFrom,
  changeProblems,
  contractParams as params,
  finding,
  newContract,
  versionDifferences,
} from '../contract-requests.js';
import { requestInvalid } from '../request-faults.js';
import { route, type Route } from '../route.js';
import { listOf, listView, pageOf, pageQuery, present, wholeNumber } from '../schemas.js';
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

const PDF = 'application/pdf';
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

export function contractRoutes({ contracts, blobs, clock }: HttpServices): readonly Route[] {
  const changeOf = changeFrom(contracts);

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
      summary: '起草合同：数据加模板，或上传 PDF、Word 文件 / Draft a contract',
      access: ['unit-handler', 'budget-system'],
      isIdempotent: true,
      body: { json: newContract, pdf: 'accepted', media: [PDF, DOCX] },
      problems: [
        'forbidden',
        'contract-not-found',
        'not-found',
        'contract-data-invalid',
        'supplement-refused',
        'template-not-found',
        'record-exists',
        'conflict',
        'glyph-missing',
        'word-unreadable',
        'word-not-admitted',
        'unavailable',
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
        // A file alone arrives without a data part, whatever the type says.
        const request = body as typeof body | undefined;
        if (request === undefined) {
          const detail = '上传文件时须以 multipart/form-data 附上 data (a data part is required)';
          throw requestInvalid([{ pointer: '#/data', detail }]);
        }
        const { sealPlaces, template, duties, ...rest } = request;
        if (file !== undefined && template !== undefined) {
          const detail = '上传文件与模板只能选一种 (either a file or a template)';
          throw requestInvalid([{ pointer: '#/template', detail }]);
        }
        const upload =
          file === undefined
            ? undefined
            : {
                bytes: file.bytes,
                fileName: file.fileName ?? 'contract.pdf',
                ...(sealPlaces === undefined ? {} : { sealPlaces: sealPlaces.map(present) }),
              };
        const contract = await contracts.create(principal, {
          ...present(rest),
          ...present({ template, upload }),
          ...(duties === undefined ? {} : { duties: present(duties) }),
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
          restartsSigning: z
            .boolean()
            .optional()
            .meta({ description: '知悉已有签名失效、签署重新开始 (signatures become void)' }),
        }),
      },
      problems: [
        ...changeProblems,
        'forbidden',
        'contract-data-invalid',
        'contract-signatures-at-stake',
        'glyph-missing',
      ],
      success: { status: 200, description: '修改后的草稿', json: contractDetail },
      handle: async ({ principal, params: { id }, body, expectedRevision }) => {
        const change = await changeOf(principal, id, expectedRevision);
        const contract = await contracts.updateData(principal, { ...change, ...present(body) });
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
            findings: findings.map(({ code, severity, text, textEn, pointer, page }) => ({
              code,
              severity,
              text,
              textEn,
              pointer: pointer ?? null,
              page: page ?? null,
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
            .array(
              z.union([
                z.string().max(100),
                z.strictObject({ code: z.string().max(100), reason: z.string().min(1).max(500) }),
              ]),
            )
            .max(50)
            .optional()
            .meta({
              description: '已确认的警告：代码，或代码及理由 (warnings by code, with the reason)',
            }),
          signBy: z.iso
            .date()
            .optional()
            .meta({ description: '确认和签署的最后一日；缺省为 30 日 (last day for signing)' }),
        }),
        isOptional: true,
      },
      problems: [...changeProblems, 'forbidden', 'contract-checks-failed', 'supplement-refused'],
      success: { status: 200, description: '合同', json: contractDetail },
      handle: async ({ principal, params: { id }, body, expectedRevision }) => {
        const change = await changeOf(principal, id, expectedRevision);
        const contract = await contracts.submit(principal, { ...change, ...present(body) });
        return contractAnswer(contract, clock.now());
      },
    }),

    route({
      method: 'get',
      path: '/contracts/{id}/differences',
      operationId: 'compareContractVersions',
      tag: 'contracts',
      summary: '与先前送签文本的差异 / What changed since an earlier version',
      access: CONTRACT_READERS,
      params,
      query: z.strictObject({
        from: wholeNumber(1, 1000)
          .optional()
          .meta({ description: '先前文本的版本号；缺省为本方确认或签署过的最近一版' }),
      }),
      problems: [
        'contract-not-found',
        'not-found',
        'blob-corrupt',
        'pdf-malformed',
        'pdf-encrypted',
        'pdf-limit-exceeded',
      ],
      success: {
        status: 200,
        description: '逐项数据差异与逐页文字差异',
        json: versionDifferences,
      },
      handle: async ({ principal, params: { id }, query: { from } }) => {
        const found = await contracts.differences(principal, id, from);
        return {
          body: {
            from: found.from,
            to: found.to,
            fields: found.fields.map(({ pointer, before, after }) => ({
              pointer,
              before: before ?? null,
              after: after ?? null,
            })),
            pages: found.pages.map(({ page, removed, added }) => ({
              page,
              removed: [...removed],
              added: [...added],
            })),
          },
        };
      },
    }),

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
        version: wholeNumber(1, 1000)
          .optional()
          .meta({ description: '修改前送签过的文本 (an earlier version)' }),
        original: z.enum(['true', 'false']).optional().meta({
          description: 'true：排版前上传的 Word 文件 (the Word document it was set from)',
        }),
      }),
      problems: ['contract-not-found', 'not-found', 'blob-corrupt'],
      success: { status: 200, description: 'PDF', media: [PDF, DOCX] },
      handle: async ({ principal, params: { id }, query }) => {
        const contract = await contracts.get(principal, id);
        const { revision, version } = query;
        if (query.original === 'true') {
          const original = contract.document?.original;
          if (original === undefined) throw new AppError('not-found', 'not set from a Word file');
          return {
            bytes: await blobs.read(original.blobId),
            mediaType: DOCX,
            fileName: original.fileName,
            sha256: original.blobId,
          };
        }
        const blobId = blobIdOf(contract, revision, version);
        if (blobId === undefined) throw new AppError('not-found', 'no such revision');
        return {
          bytes: await blobs.read(blobId),
          mediaType: PDF,
          fileName: contract.document?.fileName ?? `${contract.number}.pdf`,
          sha256: blobId,
          isInline: true,
          isImmutable: revision !== undefined,
        };
      },
    }),
  ];
}

function blobIdOf(
  contract: ContractRecord,
  revision: number | undefined,
  version: number | undefined,
): string | undefined {
  const isPresent = version === undefined || version === versionNumber(contract);
  const shown = isPresent ? contract : contract.earlier?.find((each) => each.number === version);
  if (shown === undefined) return undefined;
  if (revision === undefined) {
    return isPresent
      ? currentBlobId(contract)
      : (shown.signatures.at(-1)?.blobId ?? shown.document?.blobId);
  }
  if (revision === 0) return shown.document?.blobId;
  return shown.signatures.find((each) => each.number === revision)?.blobId;
}
