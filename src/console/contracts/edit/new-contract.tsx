/** How a contract begins: by a template, from an award or not, or as a file that is there already. */
import { useCallback, useState, type SubmitEvent } from 'react';
import type { AwardRecord } from '../../api/awards.js';
import { listAwards } from '../../api/awards.js';
import { getTemplate, listTemplates, templateKey } from '../../api/templates.js';
import { formOf } from '../../form/field.js';
import { groupYuan } from '../../form/money.js';
import { textOf } from '../../parts/text-of.js';
import { Trouble } from '../../parts/trouble.js';
import { useAnswer } from '../../parts/use-answer.js';
import { useContractTexts } from '../../text/contracts/language.js';
import { useDesk } from '../desk.js';
import type { DraftStart } from './draft.js';
import { DraftEditor } from './draft-editor.js';

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const ACCEPTED = `application/pdf,.pdf,${WORD},.docx`;

interface NewContractProps {
  readonly onDirty: (isDirty: boolean) => void;
}

export function NewContract({ onDirty }: NewContractProps) {
  const texts = useContractTexts();
  const [start, setStart] = useState<DraftStart | undefined>(undefined);
  return (
    <section aria-labelledby="new-title">
      <h2 id="new-title">{texts.newContract}</h2>
      {start === undefined ? (
        <Beginning onStart={setStart} />
      ) : (
        <DraftEditor start={start} onDirty={onDirty} />
      )}
    </section>
  );
}

function Beginning({ onStart }: { readonly onStart: (start: DraftStart) => void }) {
  const { begin, asking, retry } = useContractTexts();
  const { caller } = useDesk();
  const [tries, setTries] = useState(0);
  const [isUpload, setIsUpload] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const ask = useCallback((signal: AbortSignal) => listTemplates(caller, signal), [caller]);
  const answer = useAnswer(ask, tries);
  const awards = useAwards();
  if (answer.state === 'asking') return <p role="status">{asking}</p>;
  if (answer.state === 'failed') {
    return (
      <Trouble error={answer.error}>
        <button type="button" onClick={() => setTries(tries + 1)}>
          {retry}
        </button>
      </Trouble>
    );
  }
  const templates = [...answer.value].sort(
    (a, b) => a.id.localeCompare(b.id) || b.version - a.version,
  );
  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    const key = textOf(entered, 'template');
    const file = entered.get('file');
    const award = awards.items.find(({ id }) => id === textOf(entered, 'award'));
    setError(undefined);
    try {
      const { schema } = await getTemplate(caller, key);
      onStart({
        form: formOf(schema),
        values: award?.contractData ?? {},
        origin: isUpload && file instanceof File ? { file } : { template: key },
      });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <form className="file begin" onSubmit={(event) => void submit(event)}>
      <fieldset className="field">
        <legend>{begin.how}</legend>
        {[false, true].map((upload) => (
          <label key={String(upload)}>
            <input
              type="radio"
              name="how"
              checked={isUpload === upload}
              onChange={() => setIsUpload(upload)}
            />
            {upload ? begin.byUpload : begin.byTemplate}
          </label>
        ))}
      </fieldset>
      <div className="field">
        <label htmlFor="template">{isUpload ? begin.templateOfData : begin.template}</label>
        <select id="template" name="template" required>
          {templates.map((template) => (
            <option key={templateKey(template)} value={templateKey(template)}>
              {begin.templateName(template.name, template.version)}
            </option>
          ))}
        </select>
      </div>
      {isUpload && (
        <div className="field">
          <label htmlFor="file">{begin.file}</label>
          <input id="file" name="file" type="file" accept={ACCEPTED} required />
          <p className="hint">{begin.fileHint}</p>
        </div>
      )}
      <div className="field">
        <label htmlFor="award">{begin.award}</label>
        <select id="award" name="award" defaultValue="">
          <option value="">{begin.noAward}</option>
          {awards.items.map(({ id, award }) => (
            <option key={id} value={id}>
              {begin.awardName(award.tenderId, award.tenderTitle, groupYuan(award.amount))}
            </option>
          ))}
        </select>
        {awards.more !== undefined && (
          <button type="button" onClick={awards.more}>
            {begin.moreAwards}
          </button>
        )}
        <Trouble error={awards.error} />
      </div>
      <button type="submit" className="primary">
        {begin.start}
      </button>
      <Trouble error={error} />
    </form>
  );
}

interface Awards {
  readonly items: readonly AwardRecord[];
  /** Fetches further ones; absent where there are none. */
  readonly more: (() => void) | undefined;
  readonly error: unknown;
}

/** Awards page by page, each added to those before. */
function useAwards(): Awards {
  const { caller } = useDesk();
  const [cursor, setCursor] = useState<string | undefined>(undefined);
  const [earlier, setEarlier] = useState<readonly AwardRecord[]>([]);
  const ask = useCallback(
    (signal: AbortSignal) => listAwards(caller, cursor, signal),
    [caller, cursor],
  );
  const answer = useAnswer(ask);
  if (answer.state !== 'answered') {
    return {
      items: earlier,
      more: undefined,
      error: answer.state === 'failed' ? answer.error : undefined,
    };
  }
  const items = [...earlier, ...answer.value.items];
  const next = answer.value.nextCursor;
  const more = (): void => {
    setEarlier(items);
    setCursor(next ?? undefined);
  };
  return { items, more: next === null ? undefined : more, error: undefined };
}
