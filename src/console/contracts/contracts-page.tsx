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
import { EditContract } from './edit/edit-contract.js';
import { NewContract } from './edit/new-contract.js';
import { addressOf, placeOf, usePlace } from './place.js';

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

/** Editors with something unsaved stay, out of sight, while the reader looks at something else. */
function Pages() {
  const texts = useContractTexts();
  const place = usePlace();
  const here = addressOf(place);
  const [unsaved, setUnsaved] = useState<readonly string[]>([]);
  const note = useCallback((address: string, isDirty: boolean): void => {
    setUnsaved((before) => {
      if (before.includes(address) === isDirty) return before;
      return isDirty ? [...before, address] : before.filter((each) => each !== address);
    });
  }, []);
  useWarning(unsaved.length > 0);
  const isEditor = place.kind === 'new' || place.kind === 'edit';
  const editors = [...new Set([...unsaved, ...(isEditor ? [here] : [])])];
  const elsewhere = unsaved.filter((address) => address !== here);
  return (
    <>
      {elsewhere.map((address) => (
        <p key={address} className="verdict verdict-open">
          {texts.edit.unsavedElsewhere} <a href={address}>{texts.edit.goOn}</a>
        </p>
      ))}
      {place.kind !== 'list' && (
        <p>
          <a href={addressOf({ kind: 'list' })}>{texts.back}</a>
        </p>
      )}
      {editors.map((address) => (
        <div key={address} hidden={address !== here}>
          <Editor address={address} onDirty={note} />
        </div>
      ))}
      {place.kind === 'list' && <ContractList />}
      {place.kind === 'contract' && <ContractView key={place.id} id={place.id} />}
    </>
  );
}

interface EditorProps {
  readonly address: string;
  readonly onDirty: (address: string, isDirty: boolean) => void;
}

function Editor({ address, onDirty }: EditorProps) {
  const place = placeOf(address);
  const note = useCallback((isDirty: boolean) => onDirty(address, isDirty), [address, onDirty]);
  return place.kind === 'edit' ? (
    <EditContract id={place.id} onDirty={note} />
  ) : (
    <NewContract onDirty={note} />
  );
}

/** The browser asks before the page goes with something unsaved. */
function useWarning(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded) return undefined;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [isNeeded]);
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
