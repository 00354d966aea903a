/** Names and lines of text on an information form. */
import { formError, formWarning, type FormFault } from './form-fault.js';
import { textOddities, type TextOddity } from './chinese-text.js';

/** What a field holds, and within which bounds. */
export interface TextField {
  readonly pointer: string;
  /** As the form calls it. */
  readonly label: string;
  readonly labelEn: string;
  readonly min: number;
  readonly max: number;
}

/** 4 to 30 characters stay well legible on a seal; the picture takes no more than 40. */
const LEGIBLE = { min: 4, max: 30 } as const;
export const UNIT_NAME_LENGTH = { min: 2, max: 40 } as const;
const UNIT_NAME_CHARACTER = /[\p{L}\p{Nd}〇·•・．.,，、＆&+＋\-－—()（）〔〕[\]［］《》“”"'’/\s]/u;
const PERSON_NAME_CHARACTER = /[\p{L}·•・．.\-'’\s]/u;

/** The legal name of a unit. */
export function unitNameFaults(name: string, field: TextField): readonly FormFault[] {
  const { pointer, label, labelEn } = field;
  if (name.trim() === '') return textFaults(name, field);
  const faults = [...textFaults(name, field), ...characterFaults(name, field, UNIT_NAME_CHARACTER)];
  const length = Array.from(name).length;
  if (
    length >= field.min &&
    length <= field.max &&
    (length < LEGIBLE.min || length > LEGIBLE.max)
  ) {
    faults.push(
      formWarning(
        pointer,
        length < LEGIBLE.min ? 'text-too-short' : 'text-too-long',
        `${label}有 ${length} 个字，一般为 ${LEGIBLE.min} 至 ${LEGIBLE.max} 个字；请确认是登记证书上的全称`,
        `${labelEn} has ${length} characters, most have ${LEGIBLE.min} to ${LEGIBLE.max}; make sure it is the full name`,
      ),
    );
  }
  if (/\p{Script=Han}[()]|[()]\p{Script=Han}/u.test(name)) {
    faults.push(
      formWarning(
        pointer,
        'text-width',
        `${label}中的括号是半角；请对照登记证书，中文名称一般用全角（）`,
        `${labelEn} has half-width brackets; Chinese names mostly have full-width ones`,
      ),
    );
  }
  return faults;
}

/** The name of a person. */
export function personNameFaults(name: string, field: TextField): readonly FormFault[] {
  return [...textFaults(name, field), ...characterFaults(name, field, PERSON_NAME_CHARACTER)];
}

/** Any line of text: how long it is, and what an eye passes over. */
export function textFaults(text: string, field: TextField): readonly FormFault[] {
  const { pointer, label, labelEn, min, max } = field;
  const length = Array.from(text).length;
  if (text.trim() === '') {
    return [formError(pointer, 'missing', `${label}未填写；请填写`, `${labelEn} is missing`)];
  }
  const faults = textOddities(text).map((oddity) => oddityFault(oddity, field));
  if (length < min) {
    faults.push(
      formError(
        pointer,
        'text-too-short',
        `${label}只有 ${length} 个字，至少 ${min} 个字；请填写全称`,
        `${labelEn} has ${length} characters, at least ${min} are needed`,
      ),
    );
  }
  if (length > max) {
    faults.push(
      formError(
        pointer,
        'text-too-long',
        `${label}有 ${length} 个字，最多 ${max} 个字；请核对`,
        `${labelEn} has ${length} characters, at most ${max} are possible`,
      ),
    );
  }
  return faults;
}

function characterFaults(text: string, field: TextField, allowed: RegExp): readonly FormFault[] {
  const { pointer, label, labelEn } = field;
  const odd = new Set(textOddities(text).map(({ position }) => position));
  return Array.from(text).flatMap((character, index) =>
    allowed.test(character) || odd.has(index + 1)
      ? []
      : [
          formError(
            pointer,
            'text-character',
            `${label}第 ${index + 1} 个字“${character}”不能用于名称；请对照证书核对`,
            `character ${index + 1} of ${labelEn}, "${character}", has no place in a name`,
          ),
        ],
  );
}

function oddityFault(
  { kind, position, character, meant }: TextOddity,
  field: TextField,
): FormFault {
  const { pointer, label, labelEn } = field;
  const where = `${label}第 ${position} 个字`;
  const whereEn = `character ${position} of ${labelEn}`;
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  switch (kind) {
    case 'space':
      return formError(
        pointer,
        'text-space',
        `${where}是空格；请删去`,
        `${whereEn} is a space; delete it`,
      );
    case 'invisible':
      return formError(
        pointer,
        'text-invisible',
        `${where}是看不见的字符（${code}）；请删去后手工重新输入`,
        `${whereEn} cannot be seen (${code}); delete it and type anew`,
      );
    case 'width':
      return formError(
        pointer,
        'text-width',
        `${where}“${character}”是全角或半角形式；请改为“${meant ?? ''}”`,
        `${whereEn}, "${character}", is of another width; write "${meant ?? ''}"`,
      );
    case 'lookalike':
      return formError(
        pointer,
        'text-lookalike',
        meant === undefined
          ? `${where}“${character}”是部首或兼容字（${code}）；请用输入法重新输入`
          : `${where}“${character}”是形似字（${code}）；请改为“${meant}”`,
        `${whereEn} looks like another one (${code})${meant === undefined ? '' : `; write "${meant}"`}`,
      );
    case 'traditional':
      return formWarning(
        pointer,
        'text-traditional',
        `${where}“${character}”是繁体或异体字；请对照登记证书，是否应为“${meant ?? ''}”`,
        `${whereEn}, "${character}", is traditional or a variant; should it be "${meant ?? ''}"?`,
      );
  }
}
