export { checkInformationForm } from './check-information-form.js';
export type { InformationFormCheck } from './check-information-form.js';
export type { FormFault, FormFaultCode } from './form-fault.js';
export type { SealInformationForm, WantedSeal } from './information-form.js';
