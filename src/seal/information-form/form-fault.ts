/** What is wrong with an information form: where, what, and how a clerk puts it right. */

export type FormFaultCode =
  | 'missing'
  | 'too-many'
  | 'repeated'
  | 'not-applicable'
  | 'text-too-short'
  | 'text-too-long'
  | 'text-space'
  | 'text-invisible'
  | 'text-width'
  | 'text-lookalike'
  | 'text-traditional'
  | 'text-character'
  | 'credit-code-length'
  | 'credit-code-character'
  | 'credit-code-check'
  | 'credit-code-unusual'
  | 'region-code'
  | 'region-unknown'
  | 'region-differs'
  | 'budget-code'
  | 'identity-number'
  | 'identity-number-check'
  | 'mobile'
  | 'landline'
  | 'seal-registration'
  | 'seal-size'
  | 'token-serial'
  | 'certificate'
  | 'date'
  | 'period-reversed'
  | 'period-past'
  | 'period-too-long';

/** An error keeps the form from being submitted; a warning asks a person to look once more. */
export interface FormFault {
  /** JSON pointer into the form, as `#/handler/mobile`. */
  readonly pointer: string;
  readonly code: FormFaultCode;
  readonly severity: 'error' | 'warning';
  /** What is wrong and what to do. */
  readonly text: string;
  readonly textEn: string;
}

export function formError(
  pointer: string,
  code: FormFaultCode,
  text: string,
  textEn: string,
): FormFault {
  return { pointer, code, severity: 'error', text, textEn };
}

export function formWarning(
  pointer: string,
  code: FormFaultCode,
  text: string,
  textEn: string,
): FormFault {
  return { pointer, code, severity: 'warning', text, textEn };
}
