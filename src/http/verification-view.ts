/** What the API answers about a file: its report, its pages, its signatures as they look. */
import { z } from 'zod';
import { INDICATIONS } from '../verification/index.js';
import type { ComparedPages, DrawnPicture } from './services.js';

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

export const report = z
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

const statementState = z.enum(['valid', 'invalid', 'unknown-key', 'missing']);

const packageFinding = z.strictObject({
  indication,
  version: z.int().nullable(),
  filingId: z.string().nullable(),
  contractNumber: z.string().nullable(),
  title: z.string().nullable(),
  manifest: z.strictObject({ state: statementState, keyId: z.string().nullable() }),
  parts: z
    .array(
      z.strictObject({
        name: z.string(),
        state: z.enum([
          'intact',
          'altered',
          'missing',
          'extra',
          'duplicated',
          'misnamed',
          'unsafe-name',
        ]),
        sizeBytes: z.int().nullable(),
        sha256: z.string().nullable(),
      }),
    )
    .readonly(),
  audit: z.strictObject({
    state: statementState,
    entries: z.int(),
    checkpoint: z
      .strictObject({ number: z.int(), size: z.int(), at: z.string(), keyId: z.string() })
      .nullable(),
  }),
  anchors: z
    .array(
      z.strictObject({ subject: z.string(), certificateSha256: z.string(), trusted: z.boolean() }),
    )
    .readonly(),
  messages: z.array(message).readonly(),
});

/** Of a filing package: the contract inside, and the parts around it. */
export const packageReport = report
  .extend({ package: packageFinding })
  .meta({ id: 'PackageVerificationReport', description: '备案包：其中合同的报告，及包内各部分' });

/** Of several files, in the order in which they came. */
export const reports = z
  .strictObject({ reports: z.array(z.union([report, packageReport])) })
  .meta({ id: 'VerificationReports' });

const picture = {
  widthPx: z.int(),
  heightPx: z.int(),
  pngB64: z.base64(),
};

export const pageDifferences = z
  .strictObject({
    revision: z.int(),
    revisions: z.int(),
    pagesCompared: z.int(),
    isComplete: z
      .boolean()
      .meta({ description: '是否比较了所有页面并列出了所有变化 (every page compared and told)' }),
    pages: z.array(
      z.strictObject({
        page: z.int(),
        kind: z.enum(['changed', 'resized', 'added', 'removed']),
        before: z.strictObject(picture).nullable(),
        after: z.strictObject(picture).nullable(),
        areas: z
          .array(z.strictObject({ left: z.int(), top: z.int(), width: z.int(), height: z.int() }))
          .meta({ description: '变化之处，以 after 的像素计，原点在左上 (in pixels of after)' }),
      }),
    ),
  })
  .meta({ id: 'PageDifferences' });

export const signaturePictures = z
  .strictObject({
    pictures: z.array(z.strictObject({ field: z.string(), page: z.int(), ...picture })),
  })
  .meta({ id: 'SignaturePictures' });

export function pictureView({ widthPx, heightPx, png }: DrawnPicture) {
  return { widthPx, heightPx, pngB64: Buffer.from(png).toString('base64') };
}

export function pageDifferencesView(compared: ComparedPages) {
  return {
    ...compared,
    pages: compared.pages.map(({ page, kind, before, after, areas }) => ({
      page,
      kind,
      before: before === undefined ? null : pictureView(before),
      after: after === undefined ? null : pictureView(after),
      areas: [...areas],
    })),
  };
}
