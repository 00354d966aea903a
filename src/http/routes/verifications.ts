/** Verification, open to anybody. */
import { z } from 'zod';
import { INDICATIONS } from '../../verification/index.js';
import { AppError } from '../../kernel/index.js';
import { route, type Route } from '../route.js';
import { instant } from '../schemas.js';
import type { HttpServices } from '../services.js';

const message = z.strictObject({ code: z.string(), text: z.string(), textEn: z.string() });
const indication = z.enum(INDICATIONS);

const change = z.strictObject({
  code: z.string(),
  permitted: z.boolean(),
  revision: z.int(),
  page: z.int().nullable(),
  place: z
    .strictObject({
      leftMm: z.number(),
      bottomMm: z.number(),
      widthMm: z.number(),
      heightMm: z.number(),
    })
    .nullable(),
  field: z.string().nullable(),
  text: z.string(),
  textEn: z.string(),
});

const signatureReport = z.strictObject({
  field: z.string(),
  kind: z.enum(['signature', 'certification', 'document-timestamp']),
  indication,
  subIndication: z.string().nullable(),
  level: z.enum(['B-B', 'B-T', 'B-LT', 'B-LTA']).nullable(),
  subFilter: z.string().nullable(),
  digest: z.string().nullable(),
  algorithm: z.string().nullable(),
  signer: z
    .strictObject({
      subject: z.string(),
      issuer: z.string(),
      serial: z.string(),
      unit: z.string(),
      creditCode: z.string().nullable(),
    })
    .nullable(),
  claimedTime: z.string().nullable(),
  bestSignatureTime: z.string().nullable(),
  coverage: z.enum(['whole-file', 'whole-revision', 'partial']),
  revision: z.int(),
  changesAfter: z.strictObject({
    verdict: z.enum(['none', 'permitted', 'forbidden']),
    details: z.array(z.string()).readonly(),
    changes: z.array(change).readonly(),
  }),
  certificate: z
    .strictObject({
      indication,
      subIndication: z.string().nullable(),
      chain: z.array(z.string()).readonly(),
      revocation: z.enum(['good', 'revoked', 'unknown']),
      source: z.enum(['embedded', 'ocsp', 'crl']).nullable(),
      profile: z.string().nullable(),
    })
    .nullable(),
  seal: z
    .strictObject({
      code: z.string(),
      name: z.string(),
      status: z.enum(['valid', 'expired', 'revoked', 'unknown']),
      pictureMatches: z.boolean().nullable(),
    })
    .nullable(),
  messages: z.array(message).readonly(),
});

const report = z
  .strictObject({
    file: z.string(),
    sha256: z.string(),
    indication: z.enum([...INDICATIONS, 'NO-SIGNATURE']),
    revisions: z.int(),
    repaired: z.boolean(),
    signatures: z.array(signatureReport).readonly(),
    messages: z.array(message).readonly(),
    answer: z.strictObject({
      text: z.string(),
      textEn: z.string(),
      reason: z.string(),
      reasonEn: z.string(),
    }),
  })
  .meta({ id: 'VerificationReport', description: 'ETSI EN 319 102-1' });

const sealStatus = z
  .strictObject({
    code: z.string(),
    name: z.string(),
    kind: z.string(),
    status: z.enum(['active', 'suspended', 'revoked', 'expired', 'not-yet-valid']),
    validFrom: z.iso.datetime(),
    validUntil: z.iso.datetime(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'PublicSealStatus' });

export function verificationRoutes({ verification, seals, clock }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/verifications',
      operationId: 'verifyDocument',
      tag: 'verification',
      summary: '验证 PDF 中的签名与印章；无需登录 / Verify a PDF',
      access: 'public',
      rateLimit: 'verification',
      query: z.strictObject({
        at: instant.optional().meta({ description: '以此时间为准；缺省为现在 (as of)' }),
        format: z
          .enum(['json', 'pdf'])
          .optional()
          .meta({ description: 'pdf：供人阅读的报告 (a report for people)' }),
      }),
      body: { pdf: 'required' },
      problems: ['pdf-not-a-pdf', 'pdf-malformed', 'pdf-encrypted', 'pdf-limit-exceeded'],
      success: {
        status: 200,
        description: '报告；签名无效也是 200',
        json: report,
        media: ['application/pdf'],
      },
      handle: async ({ query, file }) => {
        if (file === undefined) throw new AppError('request-invalid', 'a file is required');
        const fileName = file.fileName ?? 'document.pdf';
        const at = query.at === undefined ? undefined : new Date(query.at);
        const found = await verification.verify(file.bytes, { fileName, at });
        if (query.format === 'pdf') {
          return {
            bytes: await verification.render(found, at ?? clock.now()),
            mediaType: 'application/pdf',
            fileName: 'verification-report.pdf',
          };
        }
        return { body: { ...found, signatures: [...found.signatures] } };
      },
    }),

    route({
      method: 'get',
      path: '/public/seals/{code}/status',
      operationId: 'getPublicSealStatus',
      tag: 'verification',
      summary: '按印章编码查询状态；无需登录 / Status of a seal',
      access: 'public',
      rateLimit: 'verification',
      params: z.strictObject({
        code: z.string().regex(/^\d{13}$/, { error: '印章编码应为 13 位数字 (13 digits)' }),
      }),
      query: z.strictObject({ at: instant.optional() }),
      problems: ['seal-not-found'],
      success: { status: 200, description: '该时间的状态', json: sealStatus },
      handle: async ({ params: { code }, query }) => {
        const at = query.at === undefined ? clock.now() : new Date(query.at);
        const status = await seals.publicStatus(code, at);
        return { body: { ...status, at: at.toISOString() } };
      },
    }),
  ];
}
