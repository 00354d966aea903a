/** The form of a draft, with what was found of it, and the way to the supplier. */
import { useEffect, useMemo, useRef } from 'react';
import type { Finding } from '../../api/contract.js';
import { FormContext } from '../../form/form-context.js';
import { FieldsView } from '../../form/form-view.js';
import { Trouble } from '../../parts/trouble.js';
import { useContractTexts } from '../../text/contracts/language.js';
import { pick, useLanguage } from '../../text/language.js';
import { useDesk } from '../desk.js';
import { goTo } from '../place.js';
import { mayRevise } from '../rights.js';
import { Conflict } from './conflict.js';
import { useDraft, type DraftStart } from './draft.js';
import { FoundList } from './found-list.js';
import { SubmitForm } from './submit-form.js';

interface DraftEditorProps {
  readonly start: DraftStart;
  /** Whether something is typed that is not saved. */
  readonly onDirty: (isDirty: boolean) => void;
}

/** Groups that only one kind of contract has: not shown where the template does not ask for them. */
const KINDS: readonly string[] = ['works', 'services', 'framework', 'supplement'];

export function DraftEditor({ start, onDirty }: DraftEditorProps) {
  const texts = useContractTexts();
  const { language } = useLanguage();
  const { caller } = useDesk();
  const { edit } = texts;
  const words = useMemo(
    () => ({
      missing: edit.missing,
      noNumber: edit.noNumber,
      text: (finding: Finding) => pick(language, finding),
    }),
    [edit, language],
  );
  const draft = useDraft(caller, start, words);
  const { isDirty, contract, notes, set, update, values } = draft;
  useEffect(() => onDirty(isDirty), [isDirty, onDirty]);
  const found = useRef<HTMLDivElement>(null);
  const form = useMemo(
    () => ({ set, update, notes, words: texts.form }),
    [set, update, notes, texts],
  );
  // A text that was set from a Word file follows no data either.
  const isUploaded = ['upload', 'word'].includes(contract?.document?.source ?? '');
  const fields = start.form.fields.filter(
    ({ key, isRequired }) => isRequired || !KINDS.includes(key) || start.values[key] !== undefined,
  );
  const then = (work: Promise<boolean>): void => {
    // What was found is above the form: that is where the reader is taken.
    void work.then(() => found.current?.focus());
  };
  return (
    <form noValidate onSubmit={(event) => event.preventDefault()}>
      <div ref={found} tabIndex={-1} className="found">
        <FoundList draft={draft} form={start.form} />
        {draft.theirs === undefined && <Trouble error={draft.error} />}
        {draft.theirs !== undefined && (
          <Conflict draft={draft} theirs={draft.theirs} form={start.form} />
        )}
      </div>
      {contract !== undefined && mayRevise(contract) && (
        <p className="verdict verdict-open">{edit.restarts}</p>
      )}
      {isUploaded && <p className="verdict verdict-none">{edit.uploadedFixed}</p>}
      <FormContext value={form}>
        <fieldset className="whole" disabled={isUploaded}>
          <legend className="visually-hidden">{edit.content}</legend>
          <FieldsView fields={fields} pointer="#" values={values} />
        </fieldset>
      </FormContext>
      <div className="bar">
        {!isUploaded && (
          <button type="button" disabled={draft.isWorking} onClick={() => then(draft.save())}>
            {edit.save}
          </button>
        )}
        <button
          type="button"
          className="primary"
          disabled={draft.isWorking}
          onClick={() => then(draft.check())}
        >
          {isUploaded ? edit.checkOnly : edit.saveAndCheck}
        </button>
        <span role="status">
          {draft.isWorking
            ? texts.working
            : isDirty
              ? edit.notSaved
              : contract === undefined
                ? ''
                : edit.saved(contract.number)}
        </span>
      </div>
      {draft.findings !== undefined && contract !== undefined && (
        <SubmitForm
          draft={draft}
          findings={draft.findings}
          onSent={() => goTo({ kind: 'contract', id: contract.id })}
        />
      )}
    </form>
  );
}
