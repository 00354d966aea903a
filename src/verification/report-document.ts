/** The report as a PDF for people: the answer, the file, and each signature, on one page for a contract as usual. */
import { shanghaiText, toRfc3339 } from '../kernel/index.js';
import { composeDocument, type Block, type Field } from '../typesetting/index.js';
import type { Indication, ReportedChange, SignatureReport, VerificationReport } from './report.js';

export interface ReportDocumentInput {
  readonly report: VerificationReport;
  /** When it was verified. */
  readonly at: Date;
  /** TrueType files. */
  readonly fonts: { readonly regular: Uint8Array; readonly bold: Uint8Array };
}

/**
 * Renders the report on A4, in Chinese with the standard's terms beside it. The same input gives the same bytes.
 *
 * @throws AppError `input-invalid` for a font
 */
export async function renderReport({
  report,
  at,
  fonts,
}: ReportDocumentInput): Promise<Uint8Array> {
  const { pdf } = await composeDocument({
    blocks: reportBlocks(report, at),
    setting: 'report',
    fonts,
    runningHead: `SHA-256 ${report.sha256.slice(0, 16)}…`,
    title: '电子签名验证报告',
    creator: 'qianyin verification report',
    at,
    missingGlyphs: 'replace',
    source: JSON.stringify([report, toRfc3339(at)]),
  });
  return pdf;
}

const TONES = {
  'TOTAL-PASSED': 'good',
  'TOTAL-FAILED': 'bad',
  INDETERMINATE: 'open',
  'NO-SIGNATURE': 'bad',
} as const;

function reportBlocks(report: VerificationReport, at: Date): readonly Block[] {
  const { answer } = report;
  return [
    { kind: 'title', text: '电子签名验证报告', subtitle: 'Signature verification report' },
    {
      kind: 'verdict',
      tone: TONES[report.indication],
      text: answer.text,
      detail: answer.reason === '' ? answer.textEn : `${answer.reason}（${answer.textEn}）`,
    },
    {
      kind: 'fields',
      title: '',
      rows: [
        { label: '文件', value: report.file },
        { label: 'SHA-256', value: report.sha256 },
        {
          label: '版本',
          value: `${report.revisions}${report.repaired ? '（结构有损，已修复读取）' : ''}`,
        },
        { label: '验证时间', value: chinaTime(toRfc3339(at)) },
        { label: '结论', value: report.indication },
      ],
    },
    ...report.signatures.flatMap(signatureBlocks),
    {
      kind: 'paragraph',
      align: 'left',
      text: '本报告依据 ETSI EN 319 102-1 的术语作出。任何人都可以用原文件和信任的根证书重新验证；文件的 SHA-256 与上文不同的，不是本报告所指的文件。',
    },
  ];
}

const KINDS: Readonly<Record<SignatureReport['kind'], string>> = {
  signature: '签名',
  certification: '认证签名',
  'document-timestamp': '文档时间戳',
};

const VERDICTS: Readonly<Record<Indication, string>> = {
  'TOTAL-PASSED': '有效',
  'TOTAL-FAILED': '无效',
  INDETERMINATE: '无法判定',
};

const COVERAGES: Readonly<Record<SignatureReport['coverage'], string>> = {
  'whole-file': '整个文件',
  'whole-revision': '签署时的完整版本',
  partial: '部分内容',
};

const CHANGES: Readonly<Record<SignatureReport['changesAfter']['verdict'], string>> = {
  none: '没有',
  permitted: '有，均为允许的改动',
  forbidden: '有，包含不允许的改动',
};

const REVOCATIONS = { good: '未吊销', revoked: '已吊销', unknown: '吊销状态未知' } as const;
const SEAL_STATUSES = {
  valid: '有效',
  expired: '已过期',
  revoked: '已注销',
  unknown: '未核对',
} as const;

function signatureBlocks(signature: SignatureReport, index: number): readonly Block[] {
  return [
    {
      kind: 'heading',
      level: 2,
      text: `${index + 1}　${KINDS[signature.kind]} ${signature.field}：${VERDICTS[signature.indication]}`,
    },
    { kind: 'fields', title: '', rows: signatureFields(signature) },
  ];
}

function signatureFields(signature: SignatureReport): readonly Field[] {
  const { signer, certificate, seal, changesAfter } = signature;
  const fields: Field[] = [];
  const add = (label: string, value: string | null | undefined): void => {
    if (value !== null && value !== undefined && value !== '') fields.push({ label, value });
  };
  const { indication, subIndication } = signature;
  add('结论', subIndication === null ? indication : `${indication} / ${subIndication}`);
  add('签署单位', signer?.unit);
  add('信用代码', signer?.creditCode);
  add('证书', signer === null ? null : `${signer.subject}，序列号 ${signer.serial}`);
  add('颁发者', signer?.issuer);
  add('证书状态', certificate === null ? null : certificateText(certificate));
  add('印章', seal === null ? null : sealText(seal));
  add('签署时间', timeText(signature));
  add('覆盖范围', `${COVERAGES[signature.coverage]}（第 ${signature.revision} 版）`);
  add('之后的改动', CHANGES[changesAfter.verdict]);
  for (const line of changeLines(changesAfter.changes)) add('', line);
  add('算法', [signature.algorithm, signature.digest, signature.level].filter(Boolean).join('，'));
  for (const { text } of signature.messages) add('说明', text);
  return fields;
}

/** The report is a page for people; who wants every change reads the JSON. */
const MOST_CHANGES = 4;

/** What is not permitted comes first. */
function changeLines(changes: readonly ReportedChange[]): readonly string[] {
  const byWeight = changes.toSorted((a, b) => Number(a.permitted) - Number(b.permitted));
  const rest = changes.length - MOST_CHANGES;
  return [
    ...byWeight.slice(0, MOST_CHANGES).map(changeText),
    ...(rest > 0 ? [`另有 ${rest} 处，见 JSON 格式的报告`] : []),
  ];
}

function changeText({ permitted, revision, page, place, text }: ReportedChange): string {
  const where = page === null ? '' : `第 ${page} 页`;
  const at = place === null ? '' : `（距左 ${place.leftMm} 毫米、距底 ${place.bottomMm} 毫米处）`;
  return `${permitted ? '允许' : '不允许'}：第 ${revision} 版${where}${at}${text}`;
}

function certificateText(certificate: NonNullable<SignatureReport['certificate']>): string {
  const profile = certificate.profile === null ? '' : `，信任配置 ${certificate.profile}`;
  return `${VERDICTS[certificate.indication]}，${REVOCATIONS[certificate.revocation]}${profile}`;
}

function sealText(seal: NonNullable<SignatureReport['seal']>): string {
  const picture =
    seal.pictureMatches === null ? '图样未核对' : seal.pictureMatches ? '图样一致' : '图样不一致';
  return `${seal.name}（${seal.code}），签署时${SEAL_STATUSES[seal.status]}，${picture}`;
}

function timeText({ claimedTime, bestSignatureTime }: SignatureReport): string {
  const claimed = claimedTime === null ? '未声明' : chinaTime(claimedTime);
  return bestSignatureTime === null
    ? `${claimed}（签署者声明）`
    : `${claimed}（签署者声明）；不晚于 ${chinaTime(bestSignatureTime)}（已证明）`;
}

/** China Standard Time, as on paper. */
function chinaTime(rfc3339: string): string {
  return `${shanghaiText(new Date(rfc3339))}（北京时间）`;
}
