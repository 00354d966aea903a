/** What is found of a package, in the terms of a verification report. */
import type {
  Answer,
  Indication,
  ReportMessage,
  VerificationReport,
} from '../../verification/index.js';

export type PartState =
  | 'intact'
  | 'altered'
  | 'missing'
  /** There, and nobody vouches for it. */
  | 'extra'
  | 'duplicated'
  /** Named like a part but for capitals. */
  | 'misnamed'
  /** Its name leads out of the folder it is unpacked in. */
  | 'unsafe-name';

export interface PackagePart {
  readonly name: string;
  readonly state: PartState;
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
}

/** `unknown-key`: it holds by the key that came with it, which nobody has to believe. */
export type StatementState = 'valid' | 'invalid' | 'unknown-key' | 'missing';

export interface PackageReport {
  readonly indication: Indication;
  readonly version: number | null;
  readonly filingId: string | null;
  readonly contractNumber: string | null;
  readonly title: string | null;
  readonly manifest: { readonly state: StatementState; readonly keyId: string | null };
  readonly parts: readonly PackagePart[];
  readonly audit: {
    readonly state: StatementState;
    readonly entries: number;
    readonly checkpoint: {
      readonly number: number;
      readonly size: number;
      readonly at: string;
      readonly keyId: string;
    } | null;
  };
  /** Anchors the package names, and whether the verifier believes them too. */
  readonly anchors: readonly {
    readonly subject: string;
    readonly certificateSha256: string;
    readonly trusted: boolean;
  }[];
  readonly messages: readonly ReportMessage[];
}

/** The report of the contract in a package, and what was found of the package around it. */
export interface PackageFileReport extends VerificationReport {
  readonly package: PackageReport;
}

/** Whether a finding makes the package false, or leaves it undecided. */
type Weight = 'failed' | 'undecided';

const FINDINGS = {
  'part-altered': ['failed', '与清单不符，已被改动', 'is not as the manifest says'],
  'part-missing': ['failed', '清单所列文件缺失', 'is missing'],
  'part-extra': ['failed', '不在清单中', 'is not in the manifest'],
  'part-duplicated': ['failed', '在压缩包中出现多次', 'is in the archive more than once'],
  'part-misnamed': [
    'failed',
    '文件名大小写与清单不符',
    'is spelled otherwise than in the manifest',
  ],
  'part-name-unsafe': [
    'failed',
    '文件名指向解压目录之外',
    'has a name that leads out of the folder',
  ],
  'manifest-missing': ['failed', '缺少清单', 'there is no manifest'],
  'manifest-unreadable': ['failed', '清单无法读取', 'the manifest cannot be read'],
  'manifest-signature-missing': ['failed', '清单没有签名', 'the manifest is not signed'],
  'manifest-signature-invalid': [
    'failed',
    '清单的签名不成立',
    'the signature of the manifest is false',
  ],
  'service-key-unknown': [
    'undecided',
    '签名所用公钥不在信任目录中：请将该服务公布的 jwks.json 放入信任目录',
    'the trust folder does not hold the key: put the jwks.json that the service publishes into it',
  ],
  'metadata-unreadable': [
    'failed',
    '元数据无法读取或与清单不符',
    'the metadata cannot be read, or are of another filing than the manifest',
  ],
  'document-mismatch': [
    'failed',
    '合同文件与元数据不符',
    'the document is not the one of the metadata',
  ],
  'revision-mismatch': [
    'failed',
    '合同文件不含元数据所述的签署版本',
    'the document does not hold the revision that the metadata name',
  ],
  'signatures-mismatch': [
    'failed',
    '合同中的签名与元数据所述不符',
    'the signatures of the document are not those of the metadata',
  ],
  'data-mismatch': [
    'failed',
    '结构化数据与元数据不符',
    'the structured data contradict the metadata',
  ],
  'authorisation-mismatch': [
    'failed',
    '授权委托书缺失，或与元数据、审计记录不符',
    'the authorisation of the agent is missing, or is not the one of the metadata and the audit entries',
  ],
  'seal-mismatch': [
    'failed',
    '印章记录不含签名所用证书',
    'the record of the seal does not name the certificate that signed',
  ],
  'seal-not-active': [
    'failed',
    '签署时印章不在有效状态',
    'the seal was not active when it was used',
  ],
  'audit-missing': ['failed', '缺少审计记录或其证明', 'audit entries or their proof are missing'],
  'audit-proof-invalid': [
    'failed',
    '审计记录的证明不成立',
    'the proof of the audit entries is false',
  ],
  'audit-incomplete': [
    'failed',
    '审计记录与合同不符',
    'the audit entries are not those of this contract',
  ],
  'container-repacked': [
    'undecided',
    '各部分与清单一致，但压缩包不是原件（被重新打包）',
    'the parts are as listed, but the archive is not the original: it was packed again',
  ],
} as const satisfies Record<string, readonly [Weight, string, string]>;

export type FindingCode = keyof typeof FINDINGS;

export function weightOf(code: FindingCode): Weight {
  return FINDINGS[code][0];
}

/** @param subject - name of the part or whatever it is about; put before the text */
export function findingMessage(code: FindingCode, subject?: string): ReportMessage {
  const [, text, textEn] = FINDINGS[code];
  const about = subject === undefined ? '' : `${subject} `;
  return { code, text: `${about}${text}`, textEn: `${about}${textEn}` };
}

const ANSWERS: Readonly<Record<Indication, readonly [text: string, textEn: string]>> = {
  'TOTAL-PASSED': [
    '有效：合同的签名均通过验证，备案包完整、未被改动',
    'Valid: every signature of the contract passes, and the package is whole and unaltered',
  ],
  'TOTAL-FAILED': [
    '无效：合同签名未通过验证，或备案包不完整、被改动',
    'Not valid: a signature of the contract fails, or the package is not whole or was altered',
  ],
  INDETERMINATE: ['无法判定：缺少必要的验证材料', 'Cannot be decided: something is missing'],
};

/** More than this is a list, and the list follows anyway. */
const MOST_REASONS = 3;

/** What to tell who only asks whether the package is in order. */
export function packageAnswer(
  indication: Indication,
  reasons: readonly Pick<ReportMessage, 'text' | 'textEn'>[],
): Answer {
  const [text, textEn] = ANSWERS[indication];
  const told = indication === 'TOTAL-PASSED' ? [] : reasons;
  const first = told.filter((each) => each.text !== '').slice(0, MOST_REASONS);
  return {
    text,
    textEn,
    reason: first.map((each) => each.text).join('；'),
    reasonEn: first.map((each) => each.textEn).join('; '),
  };
}
