/** The simple answer to who asks whether a file is in order: valid; not valid, and why; not decided, and what is missing. */
import type { Answer, ReportMessage, SignatureReport, VerificationReport } from './report.js';

const ANSWERS: Readonly<Record<VerificationReport['indication'], readonly [string, string]>> = {
  'TOTAL-PASSED': ['有效：所有签名均通过验证', 'Valid: every signature passes'],
  'TOTAL-FAILED': ['无效：至少一个签名未通过验证', 'Not valid: at least one signature fails'],
  INDETERMINATE: ['无法判定：缺少必要的验证材料', 'Cannot be decided: something is missing'],
  'NO-SIGNATURE': ['文件没有签名', 'The file carries no signature'],
};

/** More than this is a list, and the list follows anyway. */
const MOST_REASONS = 3;

export function answerOf(report: Omit<VerificationReport, 'answer'>): Answer {
  const [text, textEn] = ANSWERS[report.indication];
  const reasons = reasonsOf(report);
  return {
    text,
    textEn,
    reason: reasons.map((each) => each.text).join('；'),
    reasonEn: reasons.map((each) => each.textEn).join('; '),
  };
}

function reasonsOf(report: Omit<VerificationReport, 'answer'>): readonly ReportMessage[] {
  const { indication } = report;
  if (indication === 'TOTAL-PASSED' || indication === 'NO-SIGNATURE') return [];
  const found = [
    ...report.messages,
    ...report.signatures.filter((each) => each.indication === indication).flatMap(mainCause),
  ];
  return found.slice(0, MOST_REASONS);
}

/** The message that decided comes first; who reads the answer wants to know which signature is meant. */
function mainCause({ field, messages: [first] }: SignatureReport): readonly ReportMessage[] {
  if (first === undefined) return [];
  const { code, text, textEn } = first;
  return [{ code, text: `签名 ${field}：${text}`, textEn: `${field}: ${textEn}` }];
}
