/** What moves a contract on its way, signing and filing apart: confirmed, returned, held, ended. */
import { z } from 'zod';
import { CONTRACT_RIGHTS } from '../../contract/index.js';
import { AppError, type ErrorCode } from '../../kernel/index.js';
import { changeFrom, changeProblems, contractParams as params } from '../contract-requests.js';
import { contractAnswer, contractDetail } from '../contract-view.js';
import { route, type Route } from '../route.js';
import { creditCode, instant, present, reasonText } from '../schemas.js';
import type { HttpServices } from '../services.js';
import { CONTRACT_READERS } from './contracts.js';

type ReasonedAction = 'reject' | 'withdraw' | 'void' | 'terminate' | 'freeze' | 'unfreeze';
type PlainAction = 'confirm' | 'remind';

const success = { status: 200, description: '合同', json: contractDetail } as const;
const optionalEmptyBody = { json: z.strictObject({}), isOptional: true } as const;

export function contractFlowRoutes({ contracts, blobs, clock }: HttpServices): readonly Route[] {
  const changeOf = changeFrom(contracts);

  const reasoned = (action: ReasonedAction, summary: string): Route =>
    route({
      method: 'post',
      path: `/contracts/{id}/${action}`,
      operationId: `${action}Contract`,
      tag: 'contracts',
      summary,
      access: CONTRACT_RIGHTS[action].roles,
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: { json: z.strictObject({ reason: reasonText }) },
      problems: [...changeProblems, 'forbidden'],
      success,
      handle: async ({ principal, params: { id }, body, expectedRevision }) => {
        const change = await changeOf(principal, id, expectedRevision);
        const contract = await contracts[action](principal, { ...change, reason: body.reason });
        return contractAnswer(contract, clock.now());
      },
    });

  const plain = (
    action: PlainAction,
    path: string,
    summary: string,
    problems: readonly ErrorCode[],
  ): Route =>
    route({
      method: 'post',
      path,
      operationId: `${action}Contract`,
      tag: 'contracts',
      summary,
      access: CONTRACT_RIGHTS[action].roles,
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: optionalEmptyBody,
      problems: [...changeProblems, ...problems, 'forbidden'],
      success,
      handle: async ({ principal, params: { id }, expectedRevision }) => {
        const change = await changeOf(principal, id, expectedRevision);
        return contractAnswer(await contracts[action](principal, change), clock.now());
      },
    });

  return [
    plain('confirm', '/contracts/{id}/confirm', '供应商确认内容 / Confirm, by the supplier', [
      'contract-signing-closed',
    ]),
    plain('remind', '/contracts/{id}/reminders', '提醒轮到的一方 / Remind the party in turn', [
      'rate-limited',
    ]),
    reasoned('reject', '退回 / Reject'),
    reasoned('withdraw', '撤回 / Withdraw'),
    reasoned('void', '作废；已签署的须双方同意 / Void, once both agree'),
    reasoned(
      'terminate',
      '终止已备案的合同；须双方同意 / Terminate a filed contract, once both agree',
    ),
    reasoned('freeze', '按监管部门通知暂停 / Hold, by an order'),
    reasoned('unfreeze', '恢复 / Let go on'),

    route({
      method: 'post',
      path: '/contracts/{id}/announcement',
      operationId: 'announceContract',
      tag: 'contracts',
      summary: '登记合同公告 / Record that it is announced',
      access: CONTRACT_RIGHTS.announce.roles,
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: {
        json: z.strictObject({
          announcedAt: instant.optional().meta({ description: '公告时间；缺省为现在' }),
          url: z
            .url({ protocol: /^https?$/ })
            .max(500)
            .optional(),
        }),
        isOptional: true,
      },
      problems: [...changeProblems, 'forbidden'],
      success,
      handle: async ({ principal, params: { id }, body, expectedRevision }) => {
        const change = await changeOf(principal, id, expectedRevision);
        const { announcedAt, url } = body;
        const contract = await contracts.announce(principal, {
          ...change,
          ...(announcedAt === undefined ? {} : { announcedAt: new Date(announcedAt) }),
          ...present({ url }),
        });
        return contractAnswer(contract, clock.now());
      },
    }),

    route({
      method: 'post',
      path: '/contracts/{id}/archive',
      operationId: 'archiveContract',
      tag: 'contracts',
      summary: '归档 / Archive a filed contract',
      access: CONTRACT_RIGHTS.archive.roles,
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: {
        json: z.strictObject({
          fondsNumber: z.string().trim().min(1).max(40).meta({ description: '全宗号' }),
          fileNumber: z.string().trim().min(1).max(80).meta({ description: '档号' }),
          year: z.int().min(2000).max(2200).meta({ description: '年度' }),
          retentionYears: z.int().min(15).max(1000).meta({ description: '保管期限（年）' }),
          custodian: z.string().trim().min(1).max(60).meta({ description: '责任人' }),
        }),
      },
      problems: [...changeProblems, 'forbidden'],
      success,
      handle: async ({ principal, params: { id }, body, expectedRevision }) => {
        const change = await changeOf(principal, id, expectedRevision);
        const contract = await contracts.archive(principal, { ...change, entry: body });
        return contractAnswer(contract, clock.now());
      },
    }),

    route({
      method: 'post',
      path: '/contracts/{id}/authorisation',
      operationId: 'authoriseAgent',
      tag: 'contracts',
      summary: '授权采购代理机构代采购人签署（附授权委托书） / Let an agent sign for the buyer',
      access: CONTRACT_RIGHTS.update.roles,
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: { json: z.strictObject({ agentCreditCode: creditCode }), pdf: 'required' },
      problems: [
        ...changeProblems,
        'forbidden',
        'contract-data-invalid',
        'pdf-not-a-pdf',
        'pdf-malformed',
        'pdf-encrypted',
        'pdf-unsupported',
        'pdf-not-admitted',
        'pdf-limit-exceeded',
        'pdf-signing-not-permitted',
      ],
      success,
      handle: async ({ principal, params: { id }, body, file, expectedRevision }) => {
        const request = body as typeof body | undefined;
        if (file === undefined || request === undefined) {
          throw new AppError('input-invalid', 'a PDF and a data part are needed', {
            params: { field: 'data' },
          });
        }
        const change = await changeOf(principal, id, expectedRevision);
        const contract = await contracts.authoriseAgent(principal, {
          ...change,
          agentCreditCode: request.agentCreditCode,
          authorisation: { bytes: file.bytes, fileName: file.fileName ?? 'authorisation.pdf' },
        });
        return contractAnswer(contract, clock.now());
      },
    }),

    route({
      method: 'get',
      path: '/contracts/{id}/authorisation',
      operationId: 'getAuthorisation',
      tag: 'contracts',
      summary: '授权委托书 / The authorisation',
      access: CONTRACT_READERS,
      params,
      problems: ['contract-not-found', 'not-found', 'blob-corrupt'],
      success: { status: 200, description: 'PDF', media: ['application/pdf'] },
      handle: async ({ principal, params: { id } }) => {
        const { parties } = await contracts.get(principal, id);
        const annex = parties.find((party) => party.agent !== undefined)?.agent?.authorisation;
        if (annex === undefined) throw new AppError('not-found', 'no agent is authorised');
        return {
          bytes: await blobs.read(annex.blobId),
          mediaType: 'application/pdf',
          fileName: annex.fileName,
          sha256: annex.blobId,
        };
      },
    }),
  ];
}
