/** The seals that an information form asks for. */
import { SEAL_SIZES_MM } from '../picture/seal-sizes.js';
import { formError, formWarning, type FormFault } from './form-fault.js';
import type { SealInformationForm, WantedSeal } from './information-form.js';
import { textFaults } from './text-faults.js';

const MOST_SEALS = 5;
/** 印章编码: region and sequence of the physical seal's registration. @see GA 241.1 */
const SEAL_REGISTRATION = /^[0-9]{13}$/;

export function sealsFaults({ seals, regionCode }: SealInformationForm): readonly FormFault[] {
  if (seals === undefined) return [];
  const faults = seals.flatMap((seal, index) => [
    ...(seals.findIndex((each) => isSameSeal(each, seal)) === index
      ? []
      : [
          formError(
            `#/seals/${index}`,
            'repeated',
            `第 ${index + 1} 枚印章与前面的重复；请删去`,
            `seal ${index + 1} is asked for twice`,
          ),
        ]),
    ...wantedSealFaults(seal, `#/seals/${index}`, regionCode),
  ]);
  return seals.length <= MOST_SEALS
    ? faults
    : [
        ...faults,
        formError(
          '#/seals',
          'too-many',
          `一次最多申请 ${MOST_SEALS} 枚印章；请分次申请`,
          `at most ${MOST_SEALS} seals at a time`,
        ),
      ];
}

function isSameSeal(a: WantedSeal, b: WantedSeal): boolean {
  return a.kind === b.kind && a.kindText === b.kindText;
}

function wantedSealFaults(
  { kind, kindText, sizeMm, physicalRegistration }: WantedSeal,
  pointer: string,
  regionCode: string | undefined,
): readonly FormFault[] {
  const faults: FormFault[] = [];
  if (kind !== 'other' && kindText !== undefined) {
    faults.push(
      formError(
        `${pointer}/kindText`,
        'not-applicable',
        '只有其他业务专用章才填写章面文字；请删去',
        'only a seal of kind other has a text of its own',
      ),
    );
  }
  if (kindText !== undefined) {
    const field = { label: '章面文字', labelEn: 'the text on the seal', min: 2, max: 8 };
    faults.push(...textFaults(kindText, { pointer: `${pointer}/kindText`, ...field }));
  }
  const { min, max } = SEAL_SIZES_MM[kind === 'legal-person' ? 'square' : 'round'];
  if (sizeMm !== undefined && !(sizeMm >= min && sizeMm <= max)) {
    faults.push(
      formError(
        `${pointer}/sizeMm`,
        'seal-size',
        `此类印章尺寸为 ${min} 至 ${max} 毫米；请核对实物印章`,
        `a seal of this kind is ${min} to ${max} mm wide`,
      ),
    );
  }
  if (physicalRegistration !== undefined) {
    faults.push(...registrationFaults(physicalRegistration, pointer, regionCode));
  }
  return faults;
}

function registrationFaults(
  registration: string,
  seal: string,
  regionCode: string | undefined,
): readonly FormFault[] {
  const pointer = `${seal}/physicalRegistration`;
  if (!SEAL_REGISTRATION.test(registration)) {
    return [
      formError(
        pointer,
        'seal-registration',
        '实物印章编码应为 13 位数字；请对照印章备案回执填写',
        'the code of a physical seal has 13 digits',
      ),
    ];
  }
  if (regionCode === undefined || registration.slice(0, 2) === regionCode.slice(0, 2)) return [];
  return [
    formWarning(
      pointer,
      'region-differs',
      '实物印章编码的前两位与单位行政区划不同省；请核对',
      'the physical seal is registered in another province than the unit',
    ),
  ];
}
