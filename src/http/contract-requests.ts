/** What a request about a contract carries, and the findings of its checks. */
import { z } from 'zod';

const sealPlace = z.strictObject({
  role: z.enum(['buyer', 'supplier']),
  pageIndex: z.int().min(0).meta({ description: '页码，从 0 起' }),
  xPt: z.number().min(0).meta({ description: '印章中心，距页面左下角，点' }),
  yPt: z.number().min(0),
});

export const newContract = z
  .strictObject({
    template: z
      .string()
      .max(60)
      .optional()
      .meta({ description: '模板，如 goods 或 goods@1；上传文件时不填', examples: ['goods'] }),
    data: z.record(z.string(), z.unknown()).meta({ description: '合同数据' }),
    externalRef: z.string().min(1).max(100).optional(),
    firstSigner: z.enum(['buyer', 'supplier', 'any']).optional(),
    sealPlaces: z.array(sealPlace).max(20).optional(),
  })
  .meta({ id: 'NewContract' });

export const finding = z.strictObject({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  text: z.string(),
  textEn: z.string(),
  pointer: z.string().nullable(),
});
