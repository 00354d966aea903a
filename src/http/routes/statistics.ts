/** Statistics of contracts for supervisors, and for units about themselves. */
import { z } from 'zod';
import { dateInShanghai } from '../../contract/index.js';
import {
  OVERDUE_GROUPS,
  STATISTICS_GROUPS,
  csv,
  type OverdueRow,
  type StatisticsRow,
} from '../../supervision/index.js';
import { route, type BytesAnswer, type Route } from '../route.js';
import { idSchema, regionCode } from '../schemas.js';
import type { HttpServices } from '../services.js';
import { dueFilter } from './deadlines.js';

const READERS = [
  'unit-handler',
  'unit-signer',
  'unit-seal-approver',
  'supplier-signer',
  'budget-system',
  'supervisor',
  'auditor',
] as const;

const month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: '应为 YYYY-MM (a month)' })
  .optional();
const format = z.enum(['json', 'csv']).optional().meta({ description: '缺省为 json' });
const count = z.int();

const statisticsRow = z
  .strictObject({
    key: z.string().meta({ description: '月份、行政区划、单位编号或合同类别；合计为 total' }),
    contracts: count.meta({ description: '已签订合同数' }),
    amount: z.string().meta({ description: '合同金额（元）' }),
    averageDaysToSign: z.number().nullable().meta({ description: '自中标通知至签订的平均天数' }),
    mostDaysToSign: count.nullable(),
    signedLate: count.meta({ description: '逾期签订' }),
    announced: count,
    announcedLate: count.meta({ description: '逾期公告' }),
    filed: count,
    filedLate: count.meta({ description: '逾期备案' }),
    ended: count.meta({ description: '签订后作废或终止' }),
    sealCoverage: z.number().nullable().meta({ description: '带电子印章的签名所占比例，0 至 1' }),
  })
  .meta({ id: 'ContractStatistics' });

const overdueRow = z
  .strictObject({
    key: z.string(),
    sign: count.meta({ description: '逾期未签订' }),
    announce: count.meta({ description: '逾期未公告' }),
    file: count.meta({ description: '逾期未备案' }),
  })
  .meta({ id: 'OverdueStatistics' });

/** Columns of a table, with their heads. */
type Columns<T> = readonly (readonly [head: string, value: (row: T) => string | number | null])[];

const STATISTICS_COLUMNS: Columns<StatisticsRow> = [
  ['分组', (row) => row.key],
  ['合同数', (row) => row.contracts],
  ['合同金额（元）', (row) => row.amount],
  ['平均签订天数', (row) => row.averageDaysToSign],
  ['最长签订天数', (row) => row.mostDaysToSign],
  ['逾期签订', (row) => row.signedLate],
  ['已公告', (row) => row.announced],
  ['逾期公告', (row) => row.announcedLate],
  ['已备案', (row) => row.filed],
  ['逾期备案', (row) => row.filedLate],
  ['作废或终止', (row) => row.ended],
  ['印章覆盖率', (row) => row.sealCoverage],
];

const OVERDUE_COLUMNS: Columns<OverdueRow> = [
  ['分组', (row) => row.key],
  ['逾期未签订', (row) => row.sign],
  ['逾期未公告', (row) => row.announce],
  ['逾期未备案', (row) => row.file],
];

function table<T>(columns: Columns<T>, rows: readonly T[], fileName: string): BytesAnswer {
  return {
    bytes: csv(
      columns.map(([head]) => head),
      rows.map((row) => columns.map(([, value]) => value(row))),
    ),
    mediaType: 'text/csv; charset=utf-8',
    fileName,
  };
}

export function statisticsRoutes({ supervision, clock }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/statistics/contracts',
      operationId: 'getContractStatistics',
      tag: 'supervision',
      summary: '已签订合同的统计 / Statistics of signed contracts',
      access: READERS,
      query: z.strictObject({
        groupBy: z.enum(STATISTICS_GROUPS).optional().meta({ description: '缺省按月' }),
        from: month.meta({ description: '起始月，缺省为本年一月' }),
        to: month.meta({ description: '截止月（含），缺省为本月' }),
        regionCode: regionCode.optional().meta({ description: '行政区划，含下级' }),
        unitId: idSchema('unit', '采购人单位编号').optional(),
        kind: z.string().min(1).max(60).optional().meta({ description: '合同类别' }),
        format,
      }),
      success: {
        status: 200,
        description: '分组统计与合计',
        json: z.strictObject({ rows: z.array(statisticsRow), total: statisticsRow }),
        media: ['text/csv; charset=utf-8'],
      },
      handle: async ({ principal, query }) => {
        const thisMonth = dateInShanghai(clock.now()).slice(0, 7);
        const { rows, total } = await supervision.statistics(principal, {
          groupBy: query.groupBy ?? 'month',
          from: query.from ?? `${(query.to ?? thisMonth).slice(0, 4)}-01`,
          to: query.to ?? thisMonth,
          regionCode: query.regionCode,
          unitId: query.unitId,
          kind: query.kind,
        });
        if (query.format === 'csv') {
          const all = [...rows, { ...total, key: '合计' }];
          return table(STATISTICS_COLUMNS, all, 'contract-statistics.csv');
        }
        return { body: { rows: [...rows], total } };
      },
    }),

    route({
      method: 'get',
      path: '/statistics/overdue',
      operationId: 'getOverdueStatistics',
      tag: 'supervision',
      summary: '逾期未办事项的统计 / What is overdue, counted',
      access: READERS,
      query: z.strictObject({
        groupBy: z.enum(OVERDUE_GROUPS).optional().meta({ description: '缺省按行政区划' }),
        ...dueFilter,
        format,
      }),
      success: {
        status: 200,
        description: '分组统计',
        json: z.strictObject({ rows: z.array(overdueRow) }),
        media: ['text/csv; charset=utf-8'],
      },
      handle: async ({ principal, query }) => {
        const { groupBy = 'region', format: asked, ...filter } = query;
        const rows = await supervision.overdue(principal, { ...filter, groupBy });
        if (asked === 'csv') return table(OVERDUE_COLUMNS, rows, 'overdue.csv');
        return { body: { rows: [...rows] } };
      },
    }),
  ];
}
