/** Batches: many contracts with one UKey at the server and one entry of its PIN. */
import { z } from 'zod';
import { Secret } from '../../kernel/index.js';
import { batchStateAt, type SigningBatchRecord } from '../../signing/index.js';
import type { JsonAnswer } from '../route.js';
import { route, type Route } from '../route.js';
import { idSchema, present, wholeNumber } from '../schemas.js';
import type { HttpServices } from '../services.js';
import {
  crossPage,
  edgeOf,
  pinEntry,
  selectorOf,
  tokenProblems,
  tokenSelector,
} from '../signing-requests.js';

const signers = ['unit-signer', 'supplier-signer'] as const;
const MAX_CONTRACTS = 200;
const MAX_WAIT_SECONDS = 30;

const batchParams = z.strictObject({ id: idSchema('bat', '批次编号') });

const pinBody = {
  ...pinEntry,
  allowPinForEachSignature: z.boolean().optional().meta({
    description:
      'UKey 要求每次签名都输入 PIN 时，同意本批次内由系统代为输入 (the token wants its PIN for each signature: it may be given from memory during this batch)',
  }),
};

const batchView = z
  .strictObject({
    id: z.string(),
    state: z
      .enum(['running', 'finished', 'stopped', 'interrupted'])
      .meta({ description: 'stopped、interrupted 可凭 PIN 继续 (may be resumed)' }),
    stopCode: z.string().nullable().meta({ description: '提前结束的原因 (why it ended early)' }),
    total: z.int(),
    signed: z.int(),
    failed: z.int(),
    items: z.array(
      z.strictObject({
        contractId: z.string(),
        state: z.enum(['waiting', 'signed', 'failed']),
        code: z.string().nullable(),
        documentSha256: z.string().nullable(),
      }),
    ),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'SigningBatch' });

export function signingBatchRoutes({ batches, clock }: HttpServices): readonly Route[] {
  const answer = (batch: SigningBatchRecord): JsonAnswer<z.input<typeof batchView>> => ({
    body: view(batch, clock.now()),
    location: `/api/v1/signing-batches/${batch.id}`,
  });
  return [
    route({
      method: 'post',
      path: '/signing-batches',
      operationId: 'createSigningBatch',
      tag: 'signing',
      summary: '一次输入 PIN，签署多份合同 / Sign many contracts with one entry of the PIN',
      access: signers,
      isIdempotent: true,
      body: {
        json: z.strictObject({
          contractIds: z.array(idSchema('ctr', '合同编号')).min(1).max(MAX_CONTRACTS),
          token: tokenSelector,
          ...pinBody,
          sealId: idSchema('seal', '印章编号').optional(),
          crossPage,
        }),
        secretFields: ['pin'],
      },
      problems: [...tokenProblems, 'token-pin-each-signature', 'contract-party-mismatch'],
      success: { status: 202, description: '已开始；进度见 Location', json: batchView },
      handle: async ({ principal, body }) => {
        using pin = Secret.fromText(body.pin);
        return answer(
          await batches.start({
            principal,
            contractIds: body.contractIds,
            token: selectorOf(body.token),
            pin,
            ...consents(body),
            ...present({ sealId: body.sealId, crossPage: edgeOf(body.crossPage) }),
          }),
        );
      },
    }),

    route({
      method: 'get',
      path: '/signing-batches/{id}',
      operationId: 'getSigningBatch',
      tag: 'signing',
      summary: '批次进度 / How far a batch has come',
      access: signers,
      params: batchParams,
      query: z.strictObject({
        wait: wholeNumber(0, MAX_WAIT_SECONDS)
          .optional()
          .meta({ description: '最多等待多少秒至批次结束 (wait for its end, seconds)' }),
      }),
      problems: ['not-found'],
      success: { status: 200, description: '批次', json: batchView },
      handle: async ({ principal, params: { id }, query }) => ({
        body: view(await batches.get(principal, id, (query.wait ?? 0) * 1000), clock.now()),
      }),
    }),

    route({
      method: 'post',
      path: '/signing-batches/{id}/resume',
      operationId: 'resumeSigningBatch',
      tag: 'signing',
      summary: '重新输入 PIN，继续未完成的批次 / Go on with what is not signed yet',
      access: signers,
      params: batchParams,
      isIdempotent: true,
      body: { json: z.strictObject(pinBody), secretFields: ['pin'] },
      problems: [...tokenProblems, 'token-pin-each-signature', 'not-found', 'conflict'],
      success: { status: 202, description: '已继续', json: batchView },
      handle: async ({ principal, params: { id }, body }) => {
        using pin = Secret.fromText(body.pin);
        return answer(await batches.resume({ principal, batchId: id, pin, ...consents(body) }));
      },
    }),
  ];
}

function consents(body: {
  readonly confirmFinalTry?: boolean | undefined;
  readonly allowPinForEachSignature?: boolean | undefined;
}): { readonly confirmFinalTry?: boolean; readonly consentsToEachSignature?: boolean } {
  return present({
    confirmFinalTry: body.confirmFinalTry,
    consentsToEachSignature: body.allowPinForEachSignature,
  });
}

function view(batch: SigningBatchRecord, at: Date): z.input<typeof batchView> {
  const count = (state: string): number =>
    batch.items.filter((item) => item.state === state).length;
  return {
    id: batch.id,
    state: batchStateAt(batch, at),
    stopCode: batch.stopCode ?? null,
    total: batch.items.length,
    signed: count('signed'),
    failed: count('failed'),
    items: batch.items.map((item) => ({
      contractId: item.contractId,
      state: item.state,
      code: item.code ?? null,
      documentSha256: item.documentSha256 ?? null,
    })),
    createdAt: batch.createdAt,
    updatedAt: batch.updatedAt,
  };
}
