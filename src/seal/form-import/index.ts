export { readInformationForms } from './read-information-forms.js';
export type { FormImport } from './read-information-forms.js';
export type { ImportedForm } from './read-row.js';
export type { SheetFault, SheetFaultCode } from './sheet-fault.js';
export { informationFormTemplate } from './template-workbook.js';
