/**
 * Whether an information form is true and complete as far as the form itself can tell. What only a register
 * knows (the unit, its certificates, attachments) is compared elsewhere.
 *
 * @see 鲁财采〔2023〕15号 (units give true, complete and accurate information for making seals)
 */
import type { FormFault } from './form-fault.js';
import type { SealInformationForm } from './information-form.js';
import { missingFaults } from './missing-faults.js';
import { peopleFaults } from './people-faults.js';
import { periodFaults } from './period-faults.js';
import { sealsFaults } from './seals-faults.js';
import { tokenFaults } from './token-faults.js';
import { unitFaults } from './unit-faults.js';

export interface InformationFormCheck {
  /** Whether what is missing is a fault; a draft may leave anything out. */
  readonly complete: boolean;
  /** Where given, a validity that has ended by then is a fault. */
  readonly now?: Date;
}

/** @returns every fault, in the order of the form; no errors among them: it may be submitted */
export function checkInformationForm(
  form: SealInformationForm,
  { complete, now }: InformationFormCheck,
): readonly FormFault[] {
  return [
    ...unitFaults(form),
    ...sealsFaults(form),
    ...tokenFaults(form),
    ...peopleFaults(form),
    ...periodFaults(form, now),
    ...(complete ? missingFaults(form) : []),
  ];
}
