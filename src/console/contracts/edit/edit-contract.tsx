/** A draft that the service has already, to go on with. */
import { useCallback, useState } from 'react';
import { getContract } from '../../api/contracts.js';
import { getTemplate, listTemplates, templateKey } from '../../api/templates.js';
import type { Caller } from '../../api/caller.js';
import { formOf } from '../../form/field.js';
import { Trouble } from '../../parts/trouble.js';
import { useAnswer } from '../../parts/use-answer.js';
import { useContractTexts } from '../../text/contracts/language.js';
import { useDesk } from '../desk.js';
import { addressOf } from '../place.js';
import type { DraftStart } from './draft.js';
import { DraftEditor } from './draft-editor.js';

interface EditContractProps {
  readonly id: string;
  readonly onDirty: (isDirty: boolean) => void;
}

export function EditContract({ id, onDirty }: EditContractProps) {
  const texts = useContractTexts();
  const { caller } = useDesk();
  const [tries, setTries] = useState(0);
  const ask = useCallback((signal: AbortSignal) => startOf(caller, id, signal), [caller, id]);
  const answer = useAnswer(ask, tries);
  if (answer.state === 'asking') return <p role="status">{texts.asking}</p>;
  if (answer.state === 'failed') {
    return (
      <Trouble error={answer.error}>
        <button type="button" onClick={() => setTries(tries + 1)}>
          {texts.retry}
        </button>
      </Trouble>
    );
  }
  return (
    <section aria-labelledby="edit-title">
      <p>
        <a href={addressOf({ kind: 'contract', id })}>{texts.edit.backToContract}</a>
      </p>
      <h2 id="edit-title">{answer.value.contract?.title}</h2>
      <DraftEditor start={answer.value} onDirty={onDirty} />
    </section>
  );
}

async function startOf(caller: Caller, id: string, signal: AbortSignal): Promise<DraftStart> {
  const contract = await getContract(caller, id, signal);
  const key = contract.templateId ?? (await anyTemplate(caller, signal));
  const { schema } = await getTemplate(caller, key, signal);
  return { form: formOf(schema), values: contract.data ?? {}, contract };
}

/** The data of an uploaded contract are of no template; what all of them share describes them. */
async function anyTemplate(caller: Caller, signal: AbortSignal): Promise<string> {
  const [first] = await listTemplates(caller, signal);
  if (first === undefined) throw new TypeError('the service has no templates');
  return templateKey(first);
}
