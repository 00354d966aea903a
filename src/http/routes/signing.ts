/** Signing: with a UKey at the server, or in two steps with a key elsewhere. */
import { z } from 'zod';
import { Secret } from '../../kernel/index.js';
import { signingDuty } from '../contract-requests.js';
import { contractAnswer, contractDetail } from '../contract-view.js';
import { route, type Route } from '../route.js';
import { base64, idSchema, present } from '../schemas.js';
import type { HttpServices } from '../services.js';
import {
  pinEntry,
  placing,
  placingOf,
  selectorOf,
  signingProblems,
  tokenProblems,
  tokenSelector,
} from '../signing-requests.js';

const signers = ['unit-signer', 'supplier-signer'] as const;

const contractParams = z.strictObject({ id: idSchema('ctr', '合同编号') });
const sessionParams = z.strictObject({ id: idSchema('sgn', '签署会话编号') });
const sealId = idSchema('seal', '印章编号').optional();

const sessionView = z
  .strictObject({
    id: z.string(),
    expiresAt: z.iso.datetime(),
    signedAttributesB64: z.string().meta({ description: '由密钥签名的内容：DER SET OF' }),
    digestAlgorithm: z.string(),
    digestB64: z.string().meta({ description: 'signedAttributes 的摘要' }),
    padding: z.string(),
    preparedSha256: z.string().meta({ description: '待签文件的 SHA-256' }),
    field: z.string(),
  })
  .meta({ id: 'SigningSession' });

export function signingRoutes({ signing, clock }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/contracts/{id}/signatures',
      operationId: 'signContract',
      tag: 'signing',
      summary: '用接在服务器上的 UKey 签署 / Sign with a UKey at the server',
      access: signers,
      params: contractParams,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: {
        json: z.strictObject({
          token: tokenSelector,
          ...pinEntry,
          sealId,
          duty: signingDuty.optional(),
          ...placing,
        }),
        secretFields: ['pin'],
      },
      problems: [...signingProblems, ...tokenProblems],
      success: { status: 201, description: '签署后的合同', json: contractDetail },
      handle: async ({ principal, params: { id }, body, expectedRevision }) => {
        using pin = Secret.fromText(body.pin);
        const contract = await signing.sign({
          principal,
          contractId: id,
          token: selectorOf(body.token),
          pin,
          placing: placingOf(body),
          ...present({
            confirmFinalTry: body.confirmFinalTry,
            sealId: body.sealId,
            duty: body.duty,
            expectedRevision,
          }),
        });
        return contractAnswer(contract, clock.now());
      },
    }),

    route({
      method: 'post',
      path: '/contracts/{id}/signing-sessions',
      operationId: 'createSigningSession',
      tag: 'signing',
      summary: '为别处的密钥准备签署 / Prepare a signature for a key elsewhere',
      access: signers,
      params: contractParams,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: {
        json: z.strictObject({
          certificateB64: base64,
          chainB64: z.array(base64).max(8).optional(),
          sealId,
          duty: signingDuty.optional(),
          ...placing,
        }),
      },
      problems: signingProblems,
      success: { status: 201, description: '签署会话；只能用一次', json: sessionView },
      handle: async ({ principal, params: { id }, body, expectedRevision }) => {
        const session = await signing.startSession({
          principal,
          contractId: id,
          certificateDer: body.certificateB64,
          placing: placingOf(body),
          ...present({
            chainDer: body.chainB64,
            sealId: body.sealId,
            duty: body.duty,
            expectedRevision,
          }),
        });
        const { sessionId, fieldName, ...rest } = session;
        return {
          body: { id: sessionId, field: fieldName, ...rest },
          location: `/api/v1/signing-sessions/${sessionId}/signature`,
        };
      },
    }),

    route({
      method: 'get',
      path: '/signing-sessions/{id}/document',
      operationId: 'getPreparedDocument',
      tag: 'signing',
      summary: '待签文件，供签署人自行核对 / The prepared file',
      access: signers,
      params: sessionParams,
      problems: ['not-found', 'signing-session-used'],
      success: { status: 200, description: 'PDF', media: ['application/pdf'] },
      handle: async ({ principal, params: { id } }) => ({
        bytes: await signing.preparedFile(principal, id),
        mediaType: 'application/pdf',
        fileName: 'prepared.pdf',
      }),
    }),

    route({
      method: 'put',
      path: '/signing-sessions/{id}/signature',
      operationId: 'completeSigningSession',
      tag: 'signing',
      summary: '交回签名值 / Hand in the signature',
      access: signers,
      params: sessionParams,
      isIdempotent: true,
      body: { json: z.strictObject({ signatureB64: base64 }) },
      problems: [
        ...signingProblems,
        'not-found',
        'signing-session-expired',
        'signing-session-used',
        'signature-session-mismatch',
        'signature-too-large',
      ],
      success: { status: 200, description: '签署后的合同', json: contractDetail },
      handle: async ({ principal, params: { id }, body }) => {
        const contract = await signing.completeSession({
          principal,
          sessionId: id,
          signature: body.signatureB64,
        });
        return contractAnswer(contract, clock.now());
      },
    }),
  ];
}
