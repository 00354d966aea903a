/** Applications of many units from one workbook: a report row by row, and all drafts or none. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readXlsx, writeXlsx, type CellValue } from 'hucre/xlsx';
import { ServiceFixture, type Reply } from './service-fixture.js';

const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

let fixture: ServiceFixture;

beforeAll(async () => {
  fixture = await ServiceFixture.start();
});
afterAll(async () => {
  await fixture.stop();
});

type Row = Readonly<Record<string, CellValue>>;

const dayIn = (days: number): string =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

function rowOf(name: 'buyer' | 'supplier', change: Row = {}): Row {
  const unit = fixture.units.get(name)!;
  return {
    单位法定名称: unit.name,
    统一社会信用代码: unit.creditCode,
    行政区划代码: unit.regionCode,
    公章: '是',
    UKey类别: '预算管理一体化系统',
    UKey序列号: 'A1-00023',
    法定代表人姓名: '甲某',
    经办人姓名: '乙某',
    经办人手机: '13800000000',
    用途: '签订政府采购合同',
    启用日期: dayIn(-30),
    截止日期: dayIn(300),
    ...change,
  };
}

async function send(
  rows: readonly Row[],
  options: { readonly as?: string; readonly query?: string; readonly key?: string } = {},
): Promise<Reply> {
  const headings = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const bytes = await writeXlsx({
    sheets: [
      {
        name: '印章信息表',
        rows: [headings, ...rows.map((row) => headings.map((each) => row[each] ?? null))],
      },
    ],
  });
  return fixture.call('POST', `/seal-applications/imports${options.query ?? ''}`, {
    as: options.as ?? 'budget-system',
    body: bytes,
    headers: {
      'content-type': WORKBOOK,
      'idempotency-key': options.key ?? `import-${Math.random()}`,
    },
  });
}

const drafts = async (): Promise<number> =>
  (await fixture.call('GET', '/seal-applications', { as: 'budget-system' })).body.items.length;

interface Report {
  readonly isAcceptable: boolean;
  readonly rowCount: number;
  readonly faults: readonly {
    readonly row?: number;
    readonly code: string;
    readonly text: string;
  }[];
  readonly applications: readonly { readonly row: number; readonly id: string }[];
}
const reportOf = (reply: Reply): Report => reply.body as unknown as Report;

describe('a workbook of information forms', () => {
  it('is looked at without a trace where that is asked', async () => {
    const reply = await send([rowOf('buyer'), rowOf('supplier')], { query: '?trial=true' });
    expect([reply.status, reportOf(reply)]).toMatchObject([
      200,
      { isAcceptable: true, rowCount: 2, applications: [] },
    ]);
    expect(await drafts()).toBe(0);
  });

  it.each<readonly [string, Row, string]>([
    ['a wrong credit code', { 统一社会信用代码: '91350100M000100Y44' }, 'credit-code'],
    ['a unit that nobody registered', { 统一社会信用代码: '914403001922038216' }, 'unit-unknown'],
  ])('makes no draft at all where one row has %s', async (_what, change, code) => {
    const reply = await send([rowOf('buyer'), rowOf('supplier', change)]);
    const { isAcceptable, faults, applications } = reportOf(reply);
    expect([reply.status, isAcceptable, applications]).toEqual([200, false, []]);
    expect(
      faults
        .filter(({ row }) => row === 3)
        .map((each) => each.code)
        .join(),
    ).toContain(code);
    expect(await drafts()).toBe(0);
  });

  it('does not reach beyond the unit of its sender', async () => {
    const reply = await send([rowOf('buyer'), rowOf('supplier')], { as: 'unit-handler' });
    expect(reportOf(reply).faults).toContainEqual(
      expect.objectContaining({ row: 3, code: 'unit-unknown' }),
    );
    expect(await drafts()).toBe(0);
  });

  it('becomes a draft for each unit, once however often it is sent', async () => {
    const rows = [rowOf('buyer'), rowOf('supplier')];
    const first = reportOf(await send(rows));
    expect(first.applications.map(({ row }) => row)).toEqual([2, 3]);
    expect(reportOf(await send(rows)).applications).toEqual(first.applications);
    expect(await drafts()).toBe(2);
    const path = `/seal-applications/${first.applications[0]!.id}`;
    const { body } = await fixture.call('GET', path, { as: 'unit-handler' });
    expect(body).toMatchObject({
      state: 'draft',
      unitId: fixture.unitId('buyer'),
      form: { unitName: fixture.units.get('buyer')!.name, seals: [{ kind: 'official' }] },
    });
  });

  it('is refused where it is none', async () => {
    const reply = await fixture.call('POST', '/seal-applications/imports', {
      as: 'budget-system',
      body: new TextEncoder().encode('a,b\n1,2\n'),
      headers: { 'content-type': WORKBOOK, 'idempotency-key': 'no-workbook-1' },
    });
    expect([reply.status, reply.body.code]).toEqual([422, 'spreadsheet-unreadable']);
  });

  it('has a template', async () => {
    const reply = await fixture.call('GET', '/seal-applications/imports/template', {
      as: 'unit-handler',
    });
    expect(reply.headers.get('content-type')).toBe(WORKBOOK);
    const { sheets } = await readXlsx(reply.bytes);
    expect(sheets.map(({ name }) => name)).toContain('印章信息表');
  });
});
