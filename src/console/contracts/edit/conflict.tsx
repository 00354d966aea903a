/** Somebody else saved meanwhile: what differs, and which of the two holds. Nothing is lost by looking. */
import { useState } from 'react';
import type { Contract } from '../../api/contract.js';
import type { Group } from '../../form/field.js';
import { differencesOf, merged } from '../../form/merge.js';
import { dataOf, isValues } from '../../form/values.js';
import { useContractTexts } from '../../text/contracts/language.js';
import type { Draft } from './draft.js';

interface ConflictProps {
  readonly draft: Draft;
  readonly theirs: Contract;
  readonly form: Group;
}

export function Conflict({ draft, theirs, form }: ConflictProps) {
  const { edit } = useContractTexts();
  const asData = (values: unknown): Readonly<Record<string, unknown>> => {
    const data = dataOf(form, values);
    return isValues(data) ? data : {};
  };
  const mine = asData(draft.values);
  const differences = differencesOf(form, {
    base: asData(draft.base),
    mine,
    theirs: asData(theirs.data),
  });
  const [choices, setChoices] = useState<Readonly<Record<string, 'mine' | 'theirs'>>>({});
  const choiceOf = (pointer: string, isTheirsAlone: boolean): 'mine' | 'theirs' =>
    choices[pointer] ?? (isTheirsAlone ? 'theirs' : 'mine');
  const settle = (): void => {
    const taken = differences.filter(
      ({ pointer, isTheirsAlone }) => choiceOf(pointer, isTheirsAlone) === 'theirs',
    );
    draft.settle(merged(mine, taken));
  };
  return (
    <section className="verdict verdict-open conflict" role="alert" aria-label={edit.conflict}>
      <p className="trouble-title">{edit.conflict}</p>
      <p>{edit.conflictAdvice}</p>
      {differences.map(({ pointer, label, mine: own, theirs: other, isTheirsAlone }) => {
        const chosen = choiceOf(pointer, isTheirsAlone);
        const option = (side: 'mine' | 'theirs', text: string) => (
          <label>
            <input
              type="radio"
              name={`choice ${pointer}`}
              checked={chosen === side}
              onChange={() => setChoices((before) => ({ ...before, [pointer]: side }))}
            />
            <span>
              {side === 'mine' ? edit.mine : edit.theirs}
              <span className="value">{text === '' ? edit.empty : text}</span>
            </span>
          </label>
        );
        return (
          <fieldset key={pointer}>
            <legend lang="zh-CN">{label}</legend>
            {option('mine', own)}
            {option('theirs', other)}
          </fieldset>
        );
      })}
      <button type="button" className="primary" onClick={settle}>
        {edit.settle}
      </button>
    </section>
  );
}
