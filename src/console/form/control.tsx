/** The element that one value is entered at. */
import type { Field } from './field.js';
import { fieldId, useForm } from './form-context.js';
import { tidyYuan } from './money.js';
import { useNotes } from './notes.js';
import { shownText, textsOf } from './values.js';

/** From here on, a text may need several lines. */
const LONG_TEXT = 400;
/** Up to here, a column of a table is narrow. */
const SHORT_TEXT = 20;

interface ControlProps {
  readonly field: Exclude<Field, { kind: 'group' | 'table' | 'constant' }>;
  readonly pointer: string;
  readonly value: unknown;
}

export function Control({ field, pointer, value }: ControlProps) {
  const { set, words } = useForm();
  const { described } = useNotes(pointer);
  const common = { id: fieldId(pointer), required: field.isRequired, ...described };
  const change = (event: { readonly target: { readonly value: string } }): void =>
    set(pointer, event.target.value);

  switch (field.kind) {
    case 'choice':
      return (
        <select {...common} value={shownText(value)} onChange={change}>
          <option value="">{words.choose}</option>
          {field.options.map((option) => (
            <option key={option} value={option}>
              {words.options[option] ?? option}
            </option>
          ))}
        </select>
      );
    case 'yes-no':
      return (
        <select
          {...common}
          value={typeof value === 'boolean' ? String(value) : ''}
          onChange={({ target }) =>
            set(pointer, target.value === '' ? undefined : target.value === 'true')
          }
        >
          <option value="">{words.choose}</option>
          <option value="true">{words.yes}</option>
          <option value="false">{words.no}</option>
        </select>
      );
    case 'choices': {
      const chosen = textsOf(value);
      return (
        <span role="group" aria-label={field.label} id={fieldId(pointer)} className="choices">
          {field.options.map((option) => (
            <label key={option}>
              <input
                type="checkbox"
                checked={chosen.includes(option)}
                onChange={({ target }) =>
                  set(
                    pointer,
                    target.checked ? [...chosen, option] : chosen.filter((each) => each !== option),
                  )
                }
              />
              {option}
            </label>
          ))}
        </span>
      );
    }
    case 'lines':
      return (
        <textarea
          {...common}
          rows={3}
          placeholder={words.oneALine}
          value={textsOf(value).join('\n')}
          onChange={({ target }) => set(pointer, target.value.split('\n'))}
        />
      );
    case 'date':
      return <input {...common} type="date" value={shownText(value)} onChange={change} />;
    case 'number':
      return (
        <input
          {...common}
          inputMode="decimal"
          autoComplete="off"
          value={shownText(value)}
          onChange={change}
        />
      );
    case 'money':
      return (
        <input
          {...common}
          className="money"
          inputMode="decimal"
          autoComplete="off"
          value={shownText(value)}
          onChange={change}
          onBlur={({ target }) => {
            const tidy = tidyYuan(target.value);
            if (tidy !== target.value) set(pointer, tidy);
          }}
        />
      );
    case 'text':
      return (field.maxLength ?? 0) >= LONG_TEXT ? (
        <textarea {...common} rows={2} value={shownText(value)} onChange={change} />
      ) : (
        <input
          {...common}
          className={(field.maxLength ?? LONG_TEXT) <= SHORT_TEXT ? 'short' : undefined}
          autoComplete="off"
          value={shownText(value)}
          onChange={change}
        />
      );
  }
}
