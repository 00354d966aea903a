/** What a request about a contract carries, and the findings of its checks. */
import { z } from 'zod';
import type { Principal } from '../access/index.js';
import { SIGNING_DUTIES, type ContractChange, type ContractService } from '../contract/index.js';
import type { ErrorCode } from '../kernel/index.js';
import { idSchema } from './schemas.js';

export const contractParams = z.strictObject({ id: idSchema('ctr', '合同编号') });

/** Codes that every change of a contract can answer. */
export const changeProblems: readonly ErrorCode[] = [
  'contract-not-found',
  'contract-transition-refused',
  'contract-signing-in-progress',
  'record-version-conflict',
];

/** The revision a change is made from: the one the caller names, or else the present one. */
export function changeFrom(contracts: Pick<ContractService, 'get'>) {
  return async (
    principal: Principal,
    id: string,
    expectedRevision: number | undefined,
  ): Promise<ContractChange> => ({
    id,
    expectedRevision: expectedRevision ?? (await contracts.get(principal, id)).revision,
  });
}

export const signingDuty = z
  .enum(SIGNING_DUTIES)
  .meta({ description: '单位章（公章、合同专用章）或法定代表人名章' });

const duties = z.array(signingDuty).min(1).max(SIGNING_DUTIES.length).optional();

const sealPlace = z.strictObject({
  role: z.enum(['buyer', 'supplier']),
  duty: signingDuty.optional(),
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
    awardId: idSchema('awd', '中标（成交）结果编号').optional().meta({
      description:
        '据以起草的中标（成交）结果：数据未填之处由它补齐 (fills in what the data leave out)',
    }),
    externalRef: z.string().min(1).max(100).optional(),
    firstSigner: z.enum(['buyer', 'supplier', 'any']).optional(),
    sealPlaces: z.array(sealPlace).max(20).optional(),
    supplementTo: idSchema('ctr', '合同编号')
      .optional()
      .meta({ description: '补充合同所补充的原合同 (the contract it supplements)' }),
    duties: z
      .strictObject({ buyer: duties, supplier: duties })
      .optional()
      .meta({ description: '各方应盖的印章；不填为只盖单位章' }),
  })
  .meta({ id: 'NewContract' });

export const finding = z.strictObject({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  text: z.string(),
  textEn: z.string(),
  pointer: z.string().nullable(),
  page: z.int().nullable().meta({ description: '文件页码，从 1 起 (page of the document)' }),
});

const fieldValue = z.union([z.string(), z.number(), z.boolean()]).nullable();

export const versionDifferences = z
  .strictObject({
    from: z.int().meta({ description: '先前文本的版本号' }),
    to: z.int().meta({ description: '现在文本的版本号' }),
    fields: z.array(z.strictObject({ pointer: z.string(), before: fieldValue, after: fieldValue })),
    pages: z.array(
      z.strictObject({ page: z.int(), removed: z.array(z.string()), added: z.array(z.string()) }),
    ),
  })
  .meta({ id: 'VersionDifferences' });
