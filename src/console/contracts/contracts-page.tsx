/** The contract pages: nothing of them without a log-in, and nothing lost when a log-in ends. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Me, Session } from '../api/me.js';
import { Caller } from '../api/caller.js';
import { Frame } from '../parts/frame.js';
import { useContractTexts } from '../text/contracts/language.js';
import { ContractView } from './contract-view.js';
import { DeskContext, type Desk } from './desk.js';
import { ContractList } from './contract-list.js';
import { LogInForm } from './log-in-form.js';
import { usePlace } from './place.js';

export function ContractsPage() {
  const texts = useContractTexts();
  const [desk, setDesk] = useState<Desk | undefined>(undefined);
  const [hasEnded, setHasEnded] = useState(false);
  const [hasLeft, setHasLeft] = useState(false);

  const logIn = useCallback(async ({ accessToken }: Session): Promise<void> => {
    const caller = new Caller(() => setHasEnded(true));
    caller.use(accessToken);
    const me = await caller.json<Me>('GET', '/me');
    setDesk((before) => {
      // Somebody else does not find what the last one was typing.
      if (before?.me.accountId !== me.accountId) return { me, caller };
      before.caller.use(accessToken);
      return before;
    });
    setHasEnded(false);
    setHasLeft(false);
  }, []);
  const logOut = async (): Promise<void> => {
    try {
      if (!hasEnded) await desk?.caller.blob('DELETE', '/auth/sessions');
    } catch {
      // The token is forgotten here in any case, and ends by itself.
    }
    desk?.caller.use(undefined);
    setDesk(undefined);
    setHasEnded(false);
    setHasLeft(true);
  };

  if (desk === undefined) {
    return (
      <Frame page="contracts" title={texts.title} lead={texts.lead}>
        {hasLeft && <p role="status">{texts.loggedOut}</p>}
        <section className="file" aria-labelledby="log-in-title">
          <h2 id="log-in-title">{texts.logInTitle}</h2>
          <LogInForm onLoggedIn={logIn} />
        </section>
      </Frame>
    );
  }
  return (
    <Frame page="contracts" title={texts.title} lead={texts.lead}>
      <div className="who">
        <span>{texts.loggedInAs(desk.me.name)}</span>
        <button type="button" title={texts.logOutHint} onClick={() => void logOut()}>
          {texts.logOut}
        </button>
      </div>
      <DeskContext key={desk.me.accountId} value={desk}>
        <Pages />
      </DeskContext>
      {hasEnded && <EndedDialog onLoggedIn={logIn} />}
    </Frame>
  );
}

function Pages() {
  const place = usePlace();
  switch (place.kind) {
    case 'contract':
      return <ContractView key={place.id} id={place.id} />;
    case 'list':
    case 'new':
    case 'edit':
      return <ContractList />;
  }
}

/** Over the page, which keeps what was typed. */
function EndedDialog({ onLoggedIn }: { readonly onLoggedIn: (session: Session) => Promise<void> }) {
  const texts = useContractTexts();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="ended"
      aria-labelledby="ended-title"
      // Nothing behind it works without a session, so Escape does not close it.
      onCancel={(event) => event.preventDefault()}
    >
      <h2 id="ended-title">{texts.logInTitle}</h2>
      <p role="alert">{texts.sessionEnded}</p>
      <LogInForm onLoggedIn={onLoggedIn} />
    </dialog>
  );
}
