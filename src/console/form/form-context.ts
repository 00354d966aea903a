/** What every field of a form needs to know. */
import { createContext, use } from 'react';

/** Something that was found of a field. */
export interface Note {
  readonly severity: 'error' | 'warning';
  readonly text: string;
}

export interface FormState {
  /** Both stay the same functions. */
  readonly set: (pointer: string, value: unknown) => void;
  readonly update: (pointer: string, change: (before: unknown) => unknown) => void;
  /** By JSON pointer. */
  readonly notes: ReadonlyMap<string, readonly Note[]>;
  readonly words: FormWords;
}

/** What fields say besides their labels. */
export interface FormWords {
  readonly required: string;
  readonly choose: string;
  readonly yes: string;
  readonly no: string;
  readonly oneALine: string;
  readonly options: Readonly<Record<string, string>>;
  readonly hints: Readonly<Record<string, string>>;
  readonly addRow: string;
  readonly removeRow: (number: number) => string;
  readonly rowNumber: string;
  readonly allColumns: string;
  readonly pasteHint: string;
  readonly pasted: (count: number) => string;
  readonly fillAmounts: string;
  readonly sum: (yuan: string) => string;
}

export const FormContext = createContext<FormState | undefined>(undefined);

export function useForm(): FormState {
  const state = use(FormContext);
  if (state === undefined) throw new Error('outside of a form');
  return state;
}

/** The id of the element that a pointer's field is entered at. */
export function fieldId(pointer: string): string {
  return `field${pointer.slice(1).replaceAll('/', '-')}`;
}
