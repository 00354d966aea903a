/** Applications for seals of many units at once, from a workbook. */
import { z } from 'zod';
import { APPLICATION_RIGHTS, informationFormTemplate } from '../../seal/index.js';
import { route, type Route } from '../route.js';
import { idSchema } from '../schemas.js';
import type { HttpServices } from '../services.js';

const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const fault = z.object({
  row: z.int().optional().meta({ description: '行号，从 1 起，同电子表格' }),
  column: z.string().optional().meta({ description: '列的字母' }),
  heading: z.string().optional().meta({ description: '列标题' }),
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  text: z.string(),
  textEn: z.string(),
});

const report = z
  .object({
    sheet: z.string(),
    rowCount: z.int(),
    isAcceptable: z.boolean().meta({ description: '没有错误；有一处错误则一行也不导入' }),
    faults: z.array(fault),
    applications: z
      .array(
        z.object({
          row: z.int(),
          id: idSchema('sap', '申请编号'),
          unitId: idSchema('unit', '单位编号'),
        }),
      )
      .meta({ description: '生成的草稿，与行一一对应' }),
  })
  .meta({ id: 'SealApplicationImport', description: '逐行报告' });

export function sealApplicationImportRoutes({
  sealApplications: { imports },
}: HttpServices): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/seal-applications/imports',
      operationId: 'importSealApplications',
      tag: 'seals',
      summary: '从电子表格批量起草，逐行报告 / Drafts for many units from a workbook, all or none',
      access: APPLICATION_RIGHTS.edit,
      query: z.strictObject({
        trial: z
          .enum(['true', 'false'])
          .optional()
          .meta({ description: 'true：只检查，不生成草稿' }),
      }),
      isIdempotent: true,
      body: { pdf: 'required', media: [WORKBOOK] },
      problems: ['spreadsheet-unreadable'],
      success: { status: 200, description: '逐行报告；全部无误时附生成的草稿', json: report },
      handle: async ({ principal, query, file }) => {
        const { applications, ...rest } = await imports.import(principal, {
          bytes: file?.bytes ?? new Uint8Array(),
          isTrial: query.trial === 'true',
        });
        return {
          body: {
            ...rest,
            faults: [...rest.faults],
            applications: applications.map(({ row, application: { id, unitId } }) => ({
              row,
              id,
              unitId,
            })),
          },
        };
      },
    }),

    route({
      method: 'get',
      path: '/seal-applications/imports/template',
      operationId: 'getSealApplicationTemplate',
      tag: 'seals',
      summary: '信息表模板 / The workbook to fill in',
      access: APPLICATION_RIGHTS.edit,
      success: { status: 200, description: '电子表格', media: [WORKBOOK] },
      handle: async () => ({
        bytes: await informationFormTemplate(),
        mediaType: WORKBOOK,
        fileName: '电子印章信息表.xlsx',
      }),
    }),
  ];
}
