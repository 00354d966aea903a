/** A verification report as a person reads it at the terminal: the simple answer first, then each signature. */
import type { PackageFileReport, PackageReport } from '../filing/index.js';
import type { SignatureReport, VerificationReport } from '../verification/index.js';

const MARK: Readonly<Record<VerificationReport['indication'], string>> = {
  'TOTAL-PASSED': '✔',
  'TOTAL-FAILED': '✘',
  INDETERMINATE: '？',
  'NO-SIGNATURE': '✘',
};

const KIND: Readonly<Record<SignatureReport['kind'], string>> = {
  signature: '签名 (signature)',
  certification: '认证签名 (certification)',
  'document-timestamp': '文档时间戳 (document timestamp)',
};

const COVERAGE: Readonly<Record<SignatureReport['coverage'], string>> = {
  'whole-file': '整个文件 (whole file)',
  'whole-revision': '签署时的完整版本 (whole revision)',
  partial: '部分内容 (partial)',
};

function signatureLines(signature: SignatureReport): readonly string[] {
  const verdict =
    signature.subIndication === null
      ? signature.indication
      : `${signature.indication} / ${signature.subIndication}`;
  const lines = [
    `  ${signature.field}  ${KIND[signature.kind]}  ${verdict}`,
    `    签署人 (signer): ${signature.signer?.unit ?? '—'}  [${signature.signer?.subject ?? '—'}]`,
    `    声明时间 (claimed time): ${signature.claimedTime ?? '—'}`,
    `    证明时间 (proved time): ${signature.bestSignatureTime ?? '—'}  等级 (level): ${signature.level ?? '—'}`,
    `    覆盖范围 (covers): ${COVERAGE[signature.coverage]}，第 ${signature.revision} 版 (revision)`,
  ];
  const profile = signature.certificate?.profile ?? null;
  if (profile !== null) lines.push(`    信任配置 (trust profile): ${profile}`);
  if (signature.seal !== null) {
    lines.push(
      `    印章 (seal): ${signature.seal.name} ${signature.seal.code} ${signature.seal.status}`,
    );
  }
  for (const detail of signature.changesAfter.details) lines.push(`    · ${detail}`);
  for (const message of signature.messages) lines.push(`    ! ${message.text} / ${message.textEn}`);
  return lines;
}

const STATEMENT: Readonly<Record<PackageReport['manifest']['state'], string>> = {
  valid: '有效 (valid)',
  invalid: '无效 (false)',
  'unknown-key': '公钥未知 (by a key that is not trusted)',
  missing: '缺失 (missing)',
};

function packageLines(found: PackageReport): readonly string[] {
  const { manifest, parts, audit, anchors } = found;
  const intact = parts.filter(({ state }) => state === 'intact').length;
  const checkpoint =
    audit.checkpoint === null
      ? ''
      : `，检查点 (checkpoint) ${audit.checkpoint.number}，${audit.checkpoint.at}`;
  return [
    `  备案包 (package): ${found.contractNumber ?? '—'} ${found.title ?? ''}  [${found.filingId ?? '—'}]`,
    `    文件 (parts): ${intact}/${parts.length} 完好 (intact)`,
    `    清单签名 (manifest): ${STATEMENT[manifest.state]}`,
    `    审计记录 (audit entries): ${audit.entries} 条，${STATEMENT[audit.state]}${checkpoint}`,
    ...anchors.map(
      ({ subject, trusted }) =>
        `    根证书 (anchor): ${subject}  ${trusted ? '受信任 (trusted)' : '不在信任目录 (not trusted here)'}`,
    ),
  ];
}

export function reportText(report: VerificationReport | PackageFileReport): string {
  const { answer } = report;
  return [
    report.file,
    `${MARK[report.indication]} ${answer.text} (${answer.textEn})`,
    ...(answer.reason === '' ? [] : [`  ${answer.reason} (${answer.reasonEn})`]),
    `  SHA-256 ${report.sha256}，共 ${report.revisions} 版 (revisions)`,
    ...('package' in report ? packageLines(report.package) : []),
    ...report.messages.map((message) => `  ! ${message.text} / ${message.textEn}`),
    ...report.signatures.flatMap(signatureLines),
  ].join('\n');
}
