/** Who applies, for whom, and what for. */
import { identityNumberFault } from '../../access/index.js';
import { formError, type FormFault } from './form-fault.js';
import { given } from './given.js';
import type { SealInformationForm } from './information-form.js';
import { personNameFaults, textFaults } from './text-faults.js';

const MOBILE = /^1[3-9][0-9]{9}$/;
const LANDLINE = /^(0[0-9]{2,3}-)?[2-9][0-9]{6,7}(-[0-9]{1,6})?$/;

export function peopleFaults(form: SealInformationForm): readonly FormFault[] {
  const { handler = {}, legalRepresentative = {}, purpose } = form;
  const person = { min: 2, max: 30 };
  return [
    ...given(handler.name, (name) =>
      personNameFaults(name, {
        pointer: '#/handler/name',
        label: '经办人姓名',
        labelEn: "the handler's name",
        ...person,
      }),
    ),
    ...given(handler.idNumber, identityFaults),
    ...given(handler.mobile, (number) =>
      MOBILE.test(number)
        ? []
        : [
            formError(
              '#/handler/mobile',
              'mobile',
              '手机号应为 1 开头的 11 位数字，不加空格和区号；请核对',
              'a mobile number has 11 digits and begins with 1',
            ),
          ],
    ),
    ...given(handler.landline, (number) =>
      LANDLINE.test(number)
        ? []
        : [
            formError(
              '#/handler/landline',
              'landline',
              '座机号有误；请按“区号-号码-分机”填写，如 0531-88000001',
              'a landline number is written area-number-extension',
            ),
          ],
    ),
    ...given(legalRepresentative.name, (name) =>
      personNameFaults(name, {
        pointer: '#/legalRepresentative/name',
        label: '法定代表人姓名',
        labelEn: "the legal representative's name",
        ...person,
      }),
    ),
    ...given(purpose, (text) =>
      textFaults(text, {
        pointer: '#/purpose',
        label: '用途',
        labelEn: 'the purpose',
        min: 2,
        max: 200,
      }).filter(({ code }) => code !== 'text-space' && code !== 'text-width'),
    ),
  ];
}

function identityFaults(number: string): readonly FormFault[] {
  const pointer = '#/handler/idNumber';
  switch (identityNumberFault(number)) {
    case 'form':
      return [
        formError(
          pointer,
          'identity-number',
          '身份证号应为 18 位，前 17 位为数字，末位为数字或大写 X；请核对',
          'an identity number has 17 digits and a digit or a capital X',
        ),
      ];
    case 'birth-date':
      return [
        formError(
          pointer,
          'identity-number',
          '身份证号第 7 至 14 位不是日期；请核对',
          'digits 7 to 14 of the identity number are no date',
        ),
      ];
    case 'check':
      return [
        formError(
          pointer,
          'identity-number-check',
          '身份证号校验不通过，至少有一位填错；请逐位核对',
          'the check digit does not fit: at least one digit is wrong',
        ),
      ];
    case undefined:
      return [];
  }
}
