/**
 * Whether an application may be submitted: the form by itself, and the form against what the register knows of
 * the unit, its certificates and the attachments. Every fault is found at once.
 */
import type { UnitRecord } from '../../access/index.js';
import { ERROR_TEXTS, fromBase64, type AppError } from '../../kernel/index.js';
import { cachedCertificate } from '../../pki/index.js';
import { checkInformationForm, type SealInformationForm } from '../information-form/index.js';
import type { ApplicationPurpose, Attachment } from './record.js';

export interface SubmissionFault {
  /** JSON pointer into the application. */
  readonly pointer: string;
  /** Chinese first, English in parentheses; with what to do. */
  readonly detail: string;
}

export interface SubmissionFacts {
  readonly purpose: ApplicationPurpose;
  readonly unit: UnitRecord;
  readonly attachments: readonly Attachment[];
  readonly now: Date;
}

/** @returns nothing where it may be submitted; warnings are for the reviewers and do not count */
export function submissionFaults(
  form: SealInformationForm,
  facts: SubmissionFacts,
): readonly SubmissionFault[] {
  const isNew = facts.purpose === 'issue';
  const own = checkInformationForm(form, { complete: isNew, now: facts.now })
    .filter(({ severity }) => severity === 'error')
    .map(({ pointer, text, textEn }) => fault(formPointer(pointer), text, textEn));
  return [
    ...own,
    ...unitFaults(form, facts.unit),
    ...certificateFaults(form, facts),
    ...specimenFaults(form, facts.attachments),
    ...(isNew ? letterFaults(facts.attachments) : oneSealFaults(form)),
  ];
}

function fault(pointer: string, zh: string, en: string): SubmissionFault {
  return { pointer, detail: `${zh} (${en})` };
}

/** `#/handler/mobile` of the form is `#/form/handler/mobile` of the application. */
function formPointer(pointer: string): string {
  return pointer.replace(/^#/, '#/form');
}

function unitFaults(form: SealInformationForm, unit: UnitRecord): readonly SubmissionFault[] {
  const { unitName, creditCode, regionCode, budgetCode } = form;
  const isOther = (given: string | undefined, known: string | undefined): boolean =>
    given !== undefined && known !== undefined && given.normalize('NFC') !== known.normalize('NFC');
  const faults: SubmissionFault[] = [];
  if (isOther(unitName, unit.name)) {
    const text = `单位法定名称与登记的“${unit.name}”不一致；请按登记证书填写，更名的请先办理单位变更`;
    faults.push(fault('#/form/unitName', text, 'not the legal name on register'));
  }
  if (isOther(creditCode, unit.creditCode)) {
    const text = '统一社会信用代码不是本单位登记的代码；请核对';
    faults.push(fault('#/form/creditCode', text, 'not the credit code on register'));
  }
  if (isOther(regionCode, unit.regionCode)) {
    const text = `行政区划与登记的 ${unit.regionCode} 不一致；请核对`;
    faults.push(fault('#/form/regionCode', text, 'not the region on register'));
  }
  if (isOther(budgetCode, unit.budgetCode)) {
    const text = `预算单位编码与登记的 ${unit.budgetCode ?? ''} 不一致；请核对`;
    faults.push(fault('#/form/budgetCode', text, 'not the budget code on register'));
  }
  return faults;
}

function certificateFaults(
  { certificateSha256 = [], tokenKind }: SealInformationForm,
  { unit, now }: SubmissionFacts,
): readonly SubmissionFault[] {
  if (certificateSha256.length === 0) {
    const text = '未选择 UKey 证书；请插入 UKey 并选择其签名证书';
    return [fault('#/form/certificateSha256', text, 'no certificate is chosen')];
  }
  return certificateSha256.flatMap((sha256, index) => {
    const pointer = `#/form/certificateSha256/${index}`;
    const enrolled = unit.certificates.find((each) => each.sha256 === sha256);
    if (enrolled === undefined) {
      const text = '此证书未登记在本单位名下；请先由管理员登记 UKey 证书';
      return [fault(pointer, text, 'not enrolled at the unit; have it enrolled first')];
    }
    const faults: SubmissionFault[] = [];
    if (tokenKind !== undefined && enrolled.tokenKind !== tokenKind) {
      const text = 'UKey 类别与此证书登记的类别不一致；请核对';
      faults.push(fault('#/form/tokenKind', text, 'not the kind of UKey on register'));
    }
    const der = fromBase64(enrolled.derB64);
    if (der !== undefined && cachedCertificate(der).notAfter <= now) {
      const text = '此证书已过期；请先更新 UKey 证书并登记';
      faults.push(fault(pointer, text, 'expired; renew the token and enrol it first'));
    }
    return faults;
  });
}

function specimenFaults(
  { seals = [] }: SealInformationForm,
  attachments: readonly Attachment[],
): readonly SubmissionFault[] {
  return seals.flatMap(({ specimenId, sizeMm }, index) => {
    if (specimenId === undefined) return [];
    const pointer = specimenPointer(index);
    const specimen = attachments.find(({ id, kind }) => id === specimenId && kind === 'specimen');
    if (specimen === undefined) {
      return [fault(pointer, '没有此印模附件；请先上传印模', 'no such specimen is attached')];
    }
    const faults: SubmissionFault[] = [];
    if (!specimen.mediaType.startsWith('image/')) {
      const text = '印模应为 PNG 或 JPEG 图片；请另存为图片后上传';
      faults.push(fault(pointer, text, 'a specimen is a PNG or JPEG picture'));
    }
    if (sizeMm !== undefined && !Number.isInteger(sizeMm)) {
      const text = '按印模制作的印章，尺寸为整毫米；请量取实物印章的宽度';
      const size = `#/form/seals/${index}/sizeMm`;
      faults.push(fault(size, text, 'a seal made from a specimen has whole millimetres'));
    }
    return faults;
  });
}

/** What is wrong with a scan that was looked at. */
export function specimenFault(index: number, { code, params }: AppError): SubmissionFault {
  const { title, hint, titleEn, hintEn } = ERROR_TEXTS[code];
  const reason = typeof params['reason'] === 'string' ? ` ${params['reason']}` : '';
  return fault(specimenPointer(index), `${title}；${hint}`, `${titleEn}${reason}; ${hintEn}`);
}

const specimenPointer = (index: number): string => `#/form/seals/${index}/specimenId`;

function letterFaults(attachments: readonly Attachment[]): readonly SubmissionFault[] {
  if (attachments.some(({ kind }) => kind === 'authorisation-letter')) return [];
  const text = '缺少授权书；请上传加盖单位公章的制章授权书';
  return [fault('#/attachments', text, 'the authorisation letter is missing; attach it')];
}

function oneSealFaults({ seals = [] }: SealInformationForm): readonly SubmissionFault[] {
  if (seals.length === 1) return [];
  return [fault('#/form/seals', '变更一次只办理一枚印章；请另行申请', 'one seal at a time')];
}
