/** The statement as a PDF for people; what proves it is the JSON, whose digest is on every page. */
import { formatYuan } from '../../contract/index.js';
import type { AuditEvent } from '../../audit/index.js';
import { canonicalJson, sha256Hex, shanghaiText, utf8ToBytes } from '../../kernel/index.js';
import { composeDocument, type Block, type Table } from '../../typesetting/index.js';
import type { SealStatement, UseTotals } from './statement.js';

/** @param fonts - TrueType files. @throws AppError `input-invalid` for a font */
export async function renderStatement(
  statement: SealStatement,
  fonts: { readonly regular: Uint8Array; readonly bold: Uint8Array },
): Promise<Uint8Array> {
  const source = canonicalJson(statement);
  const digest = sha256Hex(utf8ToBytes(source));
  const { pdf } = await composeDocument({
    blocks: statementBlocks(statement, digest),
    setting: 'report',
    fonts,
    runningHead: `${statement.unit.name} ${statement.month}　SHA-256 ${digest.slice(0, 16)}…`,
    title: `用印月报 ${statement.month}`,
    creator: 'qianyin seal statement',
    at: new Date(statement.after.entry.event.at),
    missingGlyphs: 'replace',
    source,
  });
  return pdf;
}

const COLUMNS = {
  intended: '发起',
  completed: '完成',
  failed: '失败',
  interrupted: '中断',
  refused: '拒绝',
};
const KEYS = Object.keys(COLUMNS) as readonly (keyof UseTotals)[];

function statementBlocks(statement: SealStatement, digest: string): readonly Block[] {
  const { unit, lines, totals, seals, before, after, month } = statement;
  const { checkpoint } = after;
  return [
    { kind: 'title', text: `用印月报　${month}`, subtitle: 'Monthly seal statement' },
    {
      kind: 'fields',
      title: '',
      rows: [
        { label: '单位', value: `${unit.name}（${unit.creditCode}）` },
        {
          label: '期间',
          value: `${chinaTime(statement.from)} 至 ${chinaTime(statement.to)}（不含）`,
        },
        { label: '登记簿行', value: lineRange(lines) },
        { label: '前一行', value: before === null ? '无：登记簿从本月开始' : lineText(before) },
        { label: '后一行', value: lineText(after.entry.event) },
        {
          label: '检查点',
          value: `第 ${checkpoint.number} 个，日志 ${checkpoint.size} 条，根 ${checkpoint.rootHash}`,
        },
        { label: '数据摘要', value: `SHA-256 ${digest}` },
      ],
    },
    { kind: 'heading', level: 2, text: '合计' },
    {
      kind: 'table',
      columns: [
        { title: '印章编码', width: 3, align: 'left' },
        ...KEYS.map((key) => ({ title: COLUMNS[key], width: 1, align: 'right' as const })),
      ],
      rows: seals.map((seal) => [
        seal.sealCode === '' ? '（未涉及印章）' : seal.sealCode,
        ...KEYS.map((key) => String(seal[key])),
      ]),
      footer: [`合计：${KEYS.map((key) => `${COLUMNS[key]} ${totals[key]}`).join('，')}`],
    },
    { kind: 'heading', level: 2, text: '明细' },
    ...(lines.length === 0
      ? [{ kind: 'paragraph', align: 'left', text: '本期没有用印，也没有被拒绝的用印。' } as const]
      : [detail(lines)]),
    {
      kind: 'paragraph',
      align: 'left',
      text: '每一行都带有前一行的哈希，后一行在审计日志中，由已签名的检查点证明，因此本期既不能多一行，也不能少一行。用本月报的数据文件和公布的公钥，任何人都可以离线校验：qianyin audit verify --statement 文件 --key jwks.json。',
    },
  ];
}

const TYPES: Readonly<Record<string, string>> = {
  'seal.use-intended': '发起',
  'seal.use-completed': '完成',
  'seal.use-failed': '失败',
  'seal.use-interrupted': '中断',
  'seal.use-refused': '拒绝',
  'seal.use-book-closed': '结账',
};

function detail(lines: readonly AuditEvent[]): Table {
  return {
    kind: 'table',
    columns: [
      { title: '行', width: 1, align: 'right' },
      { title: '时间', width: 3, align: 'left' },
      { title: '事项', width: 1.2, align: 'left' },
      { title: '印章', width: 2.6, align: 'left' },
      { title: '合同', width: 3, align: 'left' },
      { title: '金额（元）', width: 2.8, align: 'right' },
      { title: '文件摘要', width: 2.6, align: 'left' },
      { title: '办理人、原因', width: 3.6, align: 'left' },
    ],
    rows: lines.map(({ at, type, actor, details }) => {
      const { number, sealCode, contractNumber, amountFen, documentSha256, code, reason } = details;
      return [
        text(number),
        chinaTime(at),
        TYPES[type] ?? type,
        text(sealCode),
        text(contractNumber),
        typeof amountFen === 'number' ? formatYuan(amountFen) : '',
        text(documentSha256).slice(0, 12),
        [actor.accountId, text(code), text(reason)].filter((each) => each !== '').join(' '),
      ];
    }),
    footer: [],
  };
}

function text(value: AuditEvent['details'][string] | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

function lineRange(lines: readonly AuditEvent[]): string {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) return '无';
  return `第 ${text(first.details['number'])} 至 ${text(last.details['number'])} 行，共 ${lines.length} 行`;
}

function lineText({ at, type, details }: AuditEvent): string {
  return `第 ${text(details['number'])} 行，${chinaTime(at)}，${TYPES[type] ?? type}`;
}

function chinaTime(rfc3339: string): string {
  return shanghaiText(new Date(rfc3339));
}
