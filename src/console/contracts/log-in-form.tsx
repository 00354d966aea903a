/** Account and password. What was typed stays where the log-in fails. */
import { useId, useRef, useState, type SubmitEvent } from 'react';
import { logIn } from '../api/access.js';
import type { Session } from '../api/me.js';
import { textOf } from '../parts/text-of.js';
import { Trouble } from '../parts/trouble.js';
import { useContractTexts } from '../text/contracts/language.js';

interface LogInFormProps {
  /** Fails where the account cannot be read; then the form says so. */
  readonly onLoggedIn: (session: Session) => Promise<void>;
}

export function LogInForm({ onLoggedIn }: LogInFormProps) {
  const texts = useContractTexts();
  const id = useId();
  const passwordInput = useRef<HTMLInputElement>(null);
  const [isWorking, setIsWorking] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    setIsWorking(true);
    setError(undefined);
    try {
      await onLoggedIn(await logIn(textOf(entered, 'account').trim(), textOf(entered, 'password')));
    } catch (reason) {
      setError(reason);
      passwordInput.current?.select();
    } finally {
      setIsWorking(false);
    }
  };
  return (
    <form className="log-in" onSubmit={(event) => void submit(event)}>
      <div className="field">
        <label htmlFor={`${id}account`}>{texts.account}</label>
        <input id={`${id}account`} name="account" autoComplete="username" maxLength={64} required />
      </div>
      <div className="field">
        <label htmlFor={`${id}password`}>{texts.password}</label>
        <input
          ref={passwordInput}
          id={`${id}password`}
          name="password"
          type="password"
          autoComplete="current-password"
          maxLength={256}
          required
        />
      </div>
      <button type="submit" className="primary" disabled={isWorking}>
        {isWorking ? texts.loggingIn : texts.logIn}
      </button>
      <Trouble error={error} />
      <p className="hint">{texts.noUkeyYet}</p>
      <p className="hint">{texts.tokenHint}</p>
    </form>
  );
}
