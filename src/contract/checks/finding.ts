/** What a check before signing finds. */

/** Every check has a code of its own; what each means, its text says. */
export type FindingCode =
  | 'item-amount-wrong'
  | 'items-sum-wrong'
  | 'capitals-wrong'
  | 'above-award'
  | 'award-differs'
  | 'award-price-differs'
  | 'above-budget'
  | 'bond-too-high'
  | 'quality-bond-too-high'
  | 'supplement-above-tenth'
  | 'payments-sum-wrong'
  | 'payment-percents-wrong'
  | 'credit-code-wrong'
  | 'parties-identical'
  | 'period-reversed'
  | 'period-before-award'
  | 'award-in-future'
  | 'framework-expired'
  | 'signed-late'
  | 'placeholder-left'
  | 'link-present'
  | 'word-confused'
  | 'name-differs'
  | 'traditional-character'
  | 'full-width-figure'
  | 'unusual-character'
  | 'invisible-character'
  | 'personal-data'
  | 'set-from-word'
  | 'text-absent'
  | 'text-differs'
  | 'active-content'
  | 'oddity-present'
  | 'form-field-present'
  | 'seal-over-text'
  | 'signed-already'
  | 'signing-forbidden'
  | 'lock-before-others'
  | 'certificate-ends-early'
  | 'seal-ends-early';

/** An error blocks; a warning must be acknowledged by name. Nothing is corrected silently. */
export interface CheckFinding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning';
  readonly text: string;
  readonly textEn: string;
  /** JSON pointer into the contract's data. */
  readonly pointer?: string;
  /** Page of the document; 1 is the first. */
  readonly page?: number;
}

/** Where something was found: in the data, or on a page. */
export type FindingPlace = Pick<CheckFinding, 'pointer' | 'page'>;

export function error(
  code: FindingCode,
  text: string,
  textEn: string,
  place: FindingPlace = {},
): CheckFinding {
  return { code, severity: 'error', text, textEn, ...place };
}

export function warning(
  code: FindingCode,
  text: string,
  textEn: string,
  place: FindingPlace = {},
): CheckFinding {
  return { ...error(code, text, textEn, place), severity: 'warning' };
}
