/** What was found of a field, under it. */
import { fieldId, useForm, type Note } from './form-context.js';

export function useNotes(pointer: string): {
  readonly notes: readonly Note[];
  /** For the element that the value is entered at. */
  readonly described: {
    readonly 'aria-invalid'?: true;
    readonly 'aria-describedby'?: string;
  };
} {
  const notes = useForm().notes.get(pointer) ?? [];
  const isWrong = notes.some(({ severity }) => severity === 'error');
  return {
    notes,
    described: {
      ...(isWrong ? { 'aria-invalid': true } : {}),
      ...(notes.length > 0 ? { 'aria-describedby': `${fieldId(pointer)}-notes` } : {}),
    },
  };
}

export function Notes({
  pointer,
  notes,
}: {
  readonly pointer: string;
  readonly notes: readonly Note[];
}) {
  if (notes.length === 0) return null;
  return (
    <ul className="notes" id={`${fieldId(pointer)}-notes`}>
      {notes.map(({ severity, text }) => (
        <li key={text} className={`note-${severity}`}>
          {text}
        </li>
      ))}
    </ul>
  );
}
