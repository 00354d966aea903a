/** A form of groups, tables and single values, drawn from its description. */
import { memo } from 'react';
import type { Field, Group } from './field.js';
import { Control } from './control.js';
import { fieldId, useForm } from './form-context.js';
import { Notes, useNotes } from './notes.js';
import { TableView } from './table-view.js';
import { isValues, type Values } from './values.js';

interface FieldProps<F extends Field = Field> {
  readonly field: F;
  readonly pointer: string;
  readonly value: unknown;
}

/** Everything of a group, in the order of its schema; single values stand beside each other. */
export function FieldsView({
  fields,
  pointer,
  values,
}: {
  readonly fields: readonly Field[];
  readonly pointer: string;
  readonly values: Values;
}) {
  return (
    <div className="fields">
      {fields.map((field) => (
        <FieldView
          key={field.key}
          field={field}
          pointer={`${pointer}/${field.key}`}
          value={values[field.key]}
        />
      ))}
    </div>
  );
}

/** Drawn anew only where its own value changes. */
const FieldView = memo(function FieldView({ field, pointer, value }: FieldProps) {
  const { kind } = field;
  if (kind === 'constant') return null;
  if (kind === 'group') return <GroupView field={field} pointer={pointer} value={value} />;
  if (kind !== 'table') return <SingleView field={field} pointer={pointer} value={value} />;
  return (
    <Section field={field} pointer={pointer} isFilled={value !== undefined}>
      <TableView field={field} pointer={pointer} value={value} />
    </Section>
  );
});

function GroupView({ field, pointer, value }: FieldProps<Group>) {
  const values = isValues(value) ? value : {};
  return (
    <Section field={field} pointer={pointer} isFilled={Object.keys(values).length > 0}>
      <FieldsView fields={field.fields} pointer={pointer} values={values} />
    </Section>
  );
}

interface SectionProps {
  readonly field: Field;
  readonly pointer: string;
  readonly isFilled: boolean;
  readonly children: React.ReactNode;
}

/** What need not be filled in is folded until it is, or until something is found in it. */
function Section({ field, pointer, isFilled, children }: SectionProps) {
  const { notes } = useForm();
  const own = useNotes(pointer).notes;
  const isNoted = [...notes.keys()].some((each) => each.startsWith(`${pointer}/`));
  const label = <span lang="zh-CN">{field.label}</span>;
  const content = (
    <>
      <Notes pointer={pointer} notes={own} />
      {children}
    </>
  );
  if (!field.isRequired) {
    return (
      <details className="section" open={isFilled || isNoted || own.length > 0}>
        <summary id={fieldId(pointer)}>{label}</summary>
        {content}
      </details>
    );
  }
  return (
    <fieldset className="section" id={fieldId(pointer)} tabIndex={-1}>
      <legend>{label}</legend>
      {content}
    </fieldset>
  );
}

function SingleView({
  field,
  pointer,
  value,
}: FieldProps<Exclude<Field, { kind: 'group' | 'table' | 'constant' }>>) {
  const { words } = useForm();
  const { notes } = useNotes(pointer);
  const hint = words.hints[pointer];
  return (
    <div className="field">
      <label htmlFor={fieldId(pointer)}>
        <span lang="zh-CN">{field.label}</span>
        {field.isRequired && <span className="required">{words.required}</span>}
      </label>
      <Control field={field} pointer={pointer} value={value} />
      {hint !== undefined && <p className="hint">{hint}</p>}
      <Notes pointer={pointer} notes={notes} />
    </div>
  );
}
