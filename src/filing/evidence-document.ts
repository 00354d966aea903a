/** The completion report as a PDF for people. */
import { canonicalJson, sha256Hex, shanghaiText, utf8ToBytes } from '../kernel/index.js';
import {
  composeDocument,
  type Block,
  type Field,
  type PictureBlock,
} from '../typesetting/index.js';
import { accountRoleText, eventText, stateText } from './evidence-words.js';
import type { EvidencedReceipt, EvidencedSignature, SignedEvidence } from './evidence.js';

/** A seal's picture at its true size. */
export type EvidencePicture = Pick<PictureBlock, 'png' | 'widthMm' | 'heightMm'>;

/** Renders on A4, in Chinese. The same evidence gives the same bytes. @throws AppError `input-invalid` for a font */
export async function renderEvidence(
  evidence: SignedEvidence,
  fonts: { readonly regular: Uint8Array; readonly bold: Uint8Array },
  /** Of the seals, by the number of the signature. */
  pictures: ReadonlyMap<number, EvidencePicture> = new Map(),
): Promise<Uint8Array> {
  const { statement } = evidence;
  const { pdf } = await composeDocument({
    blocks: blocksOf(evidence, pictures),
    setting: 'report',
    fonts,
    runningHead: statement.contract.number,
    title: '电子合同签署证明',
    creator: 'qianyin completion report',
    at: new Date(statement.at),
    missingGlyphs: 'replace',
    source: canonicalJson(evidence),
  });
  return pdf;
}

const TONES = {
  'TOTAL-PASSED': 'good',
  'TOTAL-FAILED': 'bad',
  INDETERMINATE: 'open',
  'NO-SIGNATURE': 'open',
} as const;

const ANSWERS = {
  'TOTAL-PASSED': ['合同已签署，所有签名均通过验证', 'Signed; every signature passes'],
  'TOTAL-FAILED': ['合同的签名未通过验证', 'A signature fails'],
  INDETERMINATE: ['合同的签名无法判定，缺少验证材料', 'The signatures cannot be decided'],
  'NO-SIGNATURE': ['合同尚无签名', 'Nobody has signed yet'],
} as const;

const INDICATIONS = {
  'TOTAL-PASSED': '有效 (TOTAL-PASSED)',
  'TOTAL-FAILED': '无效 (TOTAL-FAILED)',
  INDETERMINATE: '无法判定 (INDETERMINATE)',
} as const;

const ROLES = { buyer: '采购人', supplier: '供应商' } as const;

function blocksOf(
  { statement, keyId, signature }: SignedEvidence,
  pictures: ReadonlyMap<number, EvidencePicture>,
): readonly Block[] {
  const { contract, document, parties, events, checkpoint } = statement;
  const [text, detail] = ANSWERS[document.indication];
  const { times } = contract;
  return [
    { kind: 'title', text: '电子合同签署证明', subtitle: 'Completion report' },
    { kind: 'verdict', tone: TONES[document.indication], text, detail },
    fields('合同', [
      ['编号', contract.number],
      ['名称', contract.title],
      ['状态', stateText(contract.state)],
      ['备案号', contract.filingNumber],
      ['文件 SHA-256', document.sha256],
      ['文件大小', `${document.sizeBytes} 字节`],
      ['起草', timeOf(times.createdAt)],
      ['送出', timeOf(times.sentAt)],
      ['确认', timeOf(times.confirmedAt)],
      ['各方签署完毕', timeOf(times.signedAt)],
      ['备案', timeOf(times.filedAt)],
    ]),
    ...parties.map((party) =>
      fields(ROLES[party.role], [
        ['名称', party.name],
        ['统一社会信用代码', party.creditCode],
        ['签署时间', timeOf(party.signedAt)],
      ]),
    ),
    ...statement.signatures.flatMap((each) => signatureBlocks(each, pictures.get(each.number))),
    ...statement.receipts.map(receiptBlock),
    { kind: 'heading', level: 2, text: '经过（审计日志）' },
    {
      kind: 'table',
      columns: [
        { title: '序号', width: 1.1, align: 'right' },
        { title: '时间', width: 3, align: 'left' },
        { title: '事项', width: 4.2, align: 'left' },
        { title: '账号与角色', width: 4.4, align: 'left' },
        { title: '记录哈希', width: 3, align: 'left' },
      ],
      rows: events.map(({ seq, at, type, accountId, role, hash }) => [
        String(seq),
        timeOf(at) ?? '',
        eventText(type),
        `${accountRoleText(role)}\n${accountId}`,
        `${hash.slice(0, 16)}…`,
      ]),
      footer: [],
    },
    fields('检查点', [
      ['编号与条数', `第 ${checkpoint.number} 个检查点，日志共 ${checkpoint.size} 条`],
      ['时间', timeOf(checkpoint.at)],
      ['根', checkpoint.rootHash],
      ['签名公钥', checkpoint.keyId],
    ]),
    fields('本证明', [
      ['出具时间', `${timeOf(statement.at) ?? ''}（本证明的时间均为北京时间）`],
      ['数据 SHA-256', sha256Hex(utf8ToBytes(canonicalJson(statement)))],
      ['服务的签名', signature],
      ['签名公钥', keyId],
    ]),
    {
      kind: 'paragraph',
      align: 'left',
      text: '核验方法：合同文件的 SHA-256 应与上文一致，签名可用 qianyin verify、pdfsig 或 Adobe Acrobat 验证。本证明的数据（同一地址，Accept: application/json）由服务以 Ed25519 签名，公钥公布于 /.well-known/jwks.json；日志记录可用 GET /audit/entries/{序号}/proof 取得证明，以 qianyin audit verify --proof 核验。备案包内另有全部材料，可离线核验。',
    },
  ];
}

function receiptBlock(receipt: EvidencedReceipt): Block {
  const { signature, isSuperseded } = receipt;
  return fields(isSuperseded ? '预算系统回执（已被取代）' : '预算系统回执', [
    ['备案号', receipt.filingNumber],
    ['出具时间', timeOf(receipt.receivedAt)],
    ['合同 SHA-256', receipt.documentSha256],
    ['备案包 SHA-256', receipt.packageSha256],
    ['回执签名公钥', signature?.keyId ?? '回执未签名，由已登录的预算系统送达'],
    ['回执签名', signature?.jws],
  ]);
}

function signatureBlocks(
  signature: EvidencedSignature,
  picture: EvidencePicture | undefined,
): readonly Block[] {
  const { certificate, seal, provedAt } = signature;
  const serial = certificate.serial === null ? '' : `，序列号 ${certificate.serial}`;
  return [
    {
      kind: 'heading',
      level: 2,
      text: `第 ${signature.number} 个签名：${ROLES[signature.role]} ${signature.unitName}`,
    },
    fields('', [
      ['签名域', signature.fieldName],
      ['结论', signature.indication === null ? null : INDICATIONS[signature.indication]],
      ['签署时间', timeOf(signature.signedAt)],
      [
        '时间证明',
        provedAt === null
          ? '无时间戳；以上为本服务记录的时间'
          : `时间戳证明签名不晚于 ${timeOf(provedAt) ?? ''} 存在`,
      ],
      ['等级', signature.level],
      ['证书', `${certificate.subject}${serial}`],
      ['颁发者', certificate.issuer],
      ['证书 SHA-256', certificate.sha256],
      [
        '印章',
        seal === null ? null : `${seal.name}，编码 ${seal.code}，第 ${seal.version ?? 0} 版`,
      ],
      ['签署时印章状态', seal?.statusAtSigning === 'active' ? '有效' : seal?.statusAtSigning],
      ['签署后文件 SHA-256', signature.revisionSha256],
    ]),
    ...(picture === undefined || seal === null
      ? []
      : [{ kind: 'picture', ...picture, alt: `印章图样：${seal.name}` } as const]),
  ];
}

function fields(
  title: string,
  rows: readonly (readonly [label: string, value: string | null | undefined])[],
): Block {
  return {
    kind: 'fields',
    title,
    rows: rows.flatMap(([label, value]): Field[] =>
      value === null || value === undefined ? [] : [{ label, value }],
    ),
  };
}

/** Beijing time, as people read it. */
function timeOf(instant: string | null | undefined): string | undefined {
  if (instant === null || instant === undefined) return undefined;
  return shanghaiText(new Date(instant));
}
