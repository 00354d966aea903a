/** Verification, open to anybody. */
import { z } from 'zod';
import type { PackageFileReport } from '../../filing/index.js';
import { AppError, isAppError } from '../../kernel/index.js';
import type { VerificationReport } from '../../verification/index.js';
import { requestInvalid } from '../request-faults.js';
import { route, type Route, type UploadedFile } from '../route.js';
import { instant, wholeNumber } from '../schemas.js';
import type { HttpServices } from '../services.js';
import {
  pageDifferences,
  packageReport,
  pageDifferencesView,
  pictureView,
  report,
  reports,
  signaturePictures,
} from '../verification-view.js';

const PDF = 'application/pdf';
const ZIP = 'application/zip';
const UNNAMED = 'document.pdf';
const MOST_FILES = 20;
const FILE_PROBLEMS = [
  'pdf-not-a-pdf',
  'pdf-malformed',
  'pdf-encrypted',
  'pdf-password-incorrect',
  'pdf-unsupported',
  'pdf-limit-exceeded',
  'unavailable',
] as const;
const DRAWING_PROBLEMS = ['renderer-missing', 'input-invalid'] as const;

function notForPdf(): AppError {
  const detail = 'PDF 报告只针对一个 PDF 文件 (the report as a PDF is of one PDF)';
  return requestInvalid([{ pointer: '#/document', detail }]);
}

/** Of several files, the caller has to know which one it is. */
async function naming<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { code, message, params } = error;
    throw new AppError(code, message, { params: { ...params, file }, cause: error });
  }
}

function contentOf(file: UploadedFile | undefined): Uint8Array {
  if (file === undefined) throw new AppError('internal', 'the pipeline requires the file');
  return file.bytes;
}

export function verificationRoutes({ verification, clock }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/verifications',
      operationId: 'verifyDocument',
      tag: 'verification',
      summary: '验证 PDF 中的签名与印章，或备案包；无需登录 / Verify a PDF or a filing package',
      access: 'public',
      rateLimit: 'verification',
      query: z.strictObject({
        at: instant.optional().meta({ description: '以此时间为准；缺省为现在 (as of)' }),
        format: z
          .enum(['json', 'pdf'])
          .optional()
          .meta({ description: 'pdf：供人阅读的报告 (a report for people)' }),
      }),
      body: { pdf: 'required', media: [PDF, ZIP], mostFiles: MOST_FILES },
      problems: [...FILE_PROBLEMS, 'package-malformed'],
      success: {
        status: 200,
        description:
          '报告；签名无效也是 200。备案包的报告另有 package。一个表单可带多个文件，此时为 reports。Accept: application/pdf 同 format=pdf',
        json: z.union([report, packageReport, reports]),
        media: ['application/pdf'],
      },
      handle: async ({ query, files, mediaType }) => {
        const at = query.at === undefined ? undefined : new Date(query.at);
        const isPdf = query.format === 'pdf' || (query.format === undefined && mediaType === PDF);
        if (isPdf && files.length > 1) throw notForPdf();
        const found: (VerificationReport | PackageFileReport)[] = [];
        // One after the other: a caller with many files waits, the others do not.
        for (const { bytes, fileName = UNNAMED } of files) {
          found.push(await naming(fileName, verification.verify(bytes, { fileName, at })));
        }
        const [only] = found;
        if (only === undefined || found.length > 1) return { body: { reports: found } };
        if (!isPdf) return { body: only };
        if ('package' in only) throw notForPdf();
        return {
          bytes: await verification.render(only, at ?? clock.now()),
          mediaType: PDF,
          fileName: 'verification-report.pdf',
        };
      },
    }),

    route({
      method: 'post',
      path: '/verifications/page-differences',
      operationId: 'compareDocumentPages',
      tag: 'verification',
      summary:
        '某一版本之后外观有变化的页面；文件不保存 / Pages that look otherwise than in a revision',
      access: 'public',
      rateLimit: 'drawing',
      query: z.strictObject({
        revision: wholeNumber(1, 1_000_000).meta({
          description: '与现在比较的版本，如签名的 revision (the revision to compare with)',
        }),
      }),
      body: { pdf: 'required' },
      problems: [...FILE_PROBLEMS, ...DRAWING_PROBLEMS],
      success: { status: 200, description: '有变化的页面', json: pageDifferences },
      handle: async ({ query, file }) => ({
        body: pageDifferencesView(await verification.comparePages(contentOf(file), query.revision)),
      }),
    }),

    route({
      method: 'post',
      path: '/verifications/signature-pictures',
      operationId: 'drawDocumentSignatures',
      tag: 'verification',
      summary: '每个签名签署时在页面上的样子；文件不保存 / What is seen of each signature',
      access: 'public',
      rateLimit: 'drawing',
      body: { pdf: 'required' },
      problems: [...FILE_PROBLEMS, ...DRAWING_PROBLEMS],
      success: { status: 200, description: '可见的签名', json: signaturePictures },
      handle: async ({ file }) => {
        const drawn = await verification.drawSignatures(contentOf(file));
        return {
          body: {
            pictures: drawn.map(({ field, page, ...picture }) => ({
              field,
              page,
              ...pictureView(picture),
            })),
          },
        };
      },
    }),
  ];
}
