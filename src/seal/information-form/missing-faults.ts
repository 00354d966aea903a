/** What an information form needs before it is submitted. */
import { formError, type FormFault } from './form-fault.js';
import type { SealInformationForm, WantedSeal } from './information-form.js';

export function missingFaults(form: SealInformationForm): readonly FormFault[] {
  const { handler = {}, legalRepresentative = {}, seals = [] } = form;
  const hasPhone = handler.mobile !== undefined || handler.landline !== undefined;
  const required: readonly (readonly [string, unknown, string, string])[] = [
    ['#/unitName', form.unitName, '单位法定名称未填写；请按登记证书填写全称', 'the legal name'],
    [
      '#/creditCode',
      form.creditCode,
      '统一社会信用代码未填写；请按登记证书填写',
      'the credit code',
    ],
    ['#/regionCode', form.regionCode, '行政区划未填写；请填 6 位行政区划代码', 'the region'],
    ['#/seals', seals[0], '未选择印章类型；请至少选择一种', 'the kind of seal'],
    ['#/tokenKind', form.tokenKind, 'UKey 类别未选择；请选择 UKey 由哪里发放', 'the kind of UKey'],
    ['#/handler/name', handler.name, '经办人姓名未填写；请填写', "the handler's name"],
    [
      '#/handler/mobile',
      hasPhone ? 'given' : undefined,
      '经办人电话未填写；手机和座机至少填写一个',
      "the handler's mobile or landline number",
    ],
    [
      '#/legalRepresentative/name',
      legalRepresentative.name,
      '法定代表人姓名未填写；请按登记证书填写',
      "the legal representative's name",
    ],
    ['#/purpose', form.purpose, '用途未填写；如“签订政府采购合同”', 'the purpose'],
    ['#/validFrom', form.validFrom, '启用日期未填写；请填写', 'the first day'],
    ['#/validUntil', form.validUntil, '截止日期未填写；请填写', 'the last day'],
  ];
  return [
    ...required
      .filter(([, value]) => value === undefined)
      .map(([pointer, , text, textEn]) =>
        formError(pointer, 'missing', text, `${textEn} is missing`),
      ),
    ...seals.flatMap((seal, index) => missingOfSeal(seal, `#/seals/${index}`)),
  ];
}

function missingOfSeal(
  { kind, kindText, physicalRegistration }: WantedSeal,
  pointer: string,
): readonly FormFault[] {
  if (kind === 'other' && kindText === undefined) {
    return [
      formError(
        `${pointer}/kindText`,
        'missing',
        '其他业务专用章须填写章面文字，如“业务专用章”',
        'a seal of kind other needs its text',
      ),
    ];
  }
  if (kind === 'official' && physicalRegistration === undefined) {
    return [
      formError(
        `${pointer}/physicalRegistration`,
        'missing',
        '申请公章须填写实物印章编码（13 位）；请对照印章备案回执填写',
        'the official seal needs the code of the physical one',
      ),
    ];
  }
  return [];
}
