/** What the reader may do with a contract now; each is asked for twice, with the reason where one is due. */
import { useEffect, useId, useRef, useState, type SubmitEvent } from 'react';
import type { Contract } from '../api/contract.js';
import { getContract, move } from '../api/contracts.js';
import { ProblemError } from '../api/request.js';
import { Trouble } from '../parts/trouble.js';
import { useContractTexts } from '../text/contracts/language.js';
import { useDesk } from './desk.js';
import { addressOf } from './place.js';
import { offeredActions, type OfferedAction } from './rights.js';

type Step = Exclude<OfferedAction, 'update'>;

/** Where each step is posted, and whether it takes a reason. */
const STEPS: Readonly<Record<Step, { readonly path: string; readonly takesReason: boolean }>> = {
  confirm: { path: 'confirm', takesReason: false },
  remind: { path: 'reminders', takesReason: false },
  reject: { path: 'reject', takesReason: true },
  withdraw: { path: 'withdraw', takesReason: true },
  void: { path: 'void', takesReason: true },
  terminate: { path: 'terminate', takesReason: true },
};

interface ActionsProps {
  readonly contract: Contract;
  readonly onChange: (contract: Contract) => void;
}

export function Actions({ contract, onChange }: ActionsProps) {
  const texts = useContractTexts();
  const { me } = useDesk();
  const [chosen, setChosen] = useState<Step | undefined>(undefined);
  const [done, setDone] = useState('');
  const offered = offeredActions(contract, me);
  if (offered.length === 0 && done === '') return <p className="hint">{texts.noActions}</p>;
  return (
    <section aria-label={texts.actionsTitle}>
      <div className="savings">
        {offered.map((action) =>
          action === 'update' ? (
            <a
              key={action}
              className="button primary"
              href={addressOf({ kind: 'edit', id: contract.id })}
            >
              {texts.actions.update.label}
            </a>
          ) : (
            <button
              key={action}
              type="button"
              aria-expanded={chosen === action}
              className={action === 'confirm' ? 'primary' : undefined}
              onClick={() => setChosen(chosen === action ? undefined : action)}
            >
              {texts.actions[action].label}
            </button>
          ),
        )}
      </div>
      {chosen !== undefined && offered.includes(chosen) && (
        <ActionForm
          key={chosen}
          contract={contract}
          step={chosen}
          onCancel={() => setChosen(undefined)}
          onDone={(changed) => {
            setDone(texts.actions[chosen].done);
            setChosen(undefined);
            onChange(changed);
          }}
          onStale={onChange}
        />
      )}
      <p role="status">{done}</p>
    </section>
  );
}

interface ActionFormProps {
  readonly contract: Contract;
  readonly step: Step;
  readonly onCancel: () => void;
  readonly onDone: (contract: Contract) => void;
  /** Somebody else was first: this is the contract now. */
  readonly onStale: (contract: Contract) => void;
}

function ActionForm({ contract, step, onCancel, onDone, onStale }: ActionFormProps) {
  const texts = useContractTexts();
  const { caller } = useDesk();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  /** One for what is asked for here, however often it is tried. */
  const [key, setKey] = useState(() => crypto.randomUUID());
  const [isWorking, setIsWorking] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const { label, explain } = texts.actions[step];
  const { path, takesReason } = STEPS[step];
  useEffect(() => form.current?.querySelector<HTMLElement>('textarea, button')?.focus(), []);

  const showPresent = async (): Promise<void> => {
    try {
      onStale(await getContract(caller, contract.id));
    } catch {
      // The conflict is on the page already.
    }
  };
  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const reason = form.current?.querySelector('textarea')?.value.trim();
    setIsWorking(true);
    setError(undefined);
    try {
      onDone(await move(caller, contract, path, takesReason ? { reason } : {}, key));
    } catch (failure) {
      setError(failure);
      // Another request from now on: it is made from what the contract is by then.
      if (failure instanceof ProblemError) setKey(crypto.randomUUID());
      if (isConflict(failure)) await showPresent();
    } finally {
      setIsWorking(false);
    }
  };
  return (
    <form ref={form} className="action" onSubmit={(event) => void submit(event)}>
      <p>{explain}</p>
      {takesReason && (
        <div className="field">
          <label htmlFor={id}>{texts.reason}</label>
          <textarea id={id} rows={3} maxLength={1000} required />
        </div>
      )}
      <div className="savings">
        <button type="submit" className="primary" disabled={isWorking}>
          {isWorking ? texts.working : texts.confirmAction(label)}
        </button>
        <button type="button" onClick={onCancel}>
          {texts.cancel}
        </button>
      </div>
      <Trouble error={error} />
    </form>
  );
}

function isConflict(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.code === 'record-version-conflict';
}
