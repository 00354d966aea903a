/** The public status of a seal, by its code. */
import { useState, type SubmitEvent } from 'react';
import { ProblemError } from '../api/request.js';
import { SEAL_CODE, sealStatus, type SealStatus } from '../api/seals.js';
import { explainProblem } from '../parts/explain-problem.js';
import { Facts } from '../parts/facts.js';
import { Frame } from '../parts/frame.js';
import { textOf } from '../parts/text-of.js';
import { showTime, useLanguage } from '../text/language.js';

type Answer =
  | { readonly kind: 'none' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'found'; readonly seal: SealStatus }
  | { readonly kind: 'failed'; readonly error: unknown };

export function SealsPage() {
  const { texts } = useLanguage();
  const [answer, setAnswer] = useState<Answer>({ kind: 'none' });
  const [isInvalid, setIsInvalid] = useState(false);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    const code = textOf(entered, 'code').trim();
    const time = textOf(entered, 'at');
    const isCode = SEAL_CODE.test(code);
    setIsInvalid(!isCode);
    if (!isCode) {
      document.getElementById('code')?.focus();
      return;
    }
    const at = time === '' ? undefined : new Date(time).toISOString();
    setAnswer({ kind: 'asking' });
    sealStatus(code, { at }).then(
      (seal) => setAnswer({ kind: 'found', seal }),
      (error: unknown) => setAnswer({ kind: 'failed', error }),
    );
  };
  return (
    <Frame page="seals" title={texts.sealsTitle} lead={texts.sealsLead}>
      <form className="ask" onSubmit={submit} noValidate>
        <div>
          <label htmlFor="code">{texts.codeLabel}</label>
          <input
            id="code"
            name="code"
            inputMode="numeric"
            autoComplete="off"
            maxLength={32}
            required
            aria-invalid={isInvalid}
            aria-describedby="code-hint"
          />
          <p id="code-hint" className={isInvalid ? 'hint hint-bad' : 'hint'}>
            {isInvalid ? texts.codeInvalid : texts.codeHint}
          </p>
        </div>
        <div>
          <label htmlFor="at">{texts.atLabel}</label>
          <input id="at" name="at" type="datetime-local" />
        </div>
        <button type="submit" className="primary" disabled={answer.kind === 'asking'}>
          {texts.ask}
        </button>
      </form>
      <div role="status">
        <Result answer={answer} />
      </div>
    </Frame>
  );
}

const TONES = {
  active: 'verdict-good',
  suspended: 'verdict-open',
  'not-yet-valid': 'verdict-open',
  revoked: 'verdict-bad',
  expired: 'verdict-bad',
} as const;

function Result({ answer }: { readonly answer: Answer }) {
  const { texts, language } = useLanguage();
  if (answer.kind === 'none') return null;
  if (answer.kind === 'asking') return <p>{texts.asking}</p>;
  if (answer.kind === 'failed') {
    const { error } = answer;
    if (error instanceof ProblemError && error.problem.code === 'seal-not-found') {
      return (
        <div className="verdict verdict-none">
          <p className="verdict-text">{texts.registerNotFound}</p>
        </div>
      );
    }
    const { title, advice } = explainProblem(error, texts);
    return (
      <div className="verdict verdict-none">
        <p className="verdict-text">{title}</p>
        <p>{advice}</p>
      </div>
    );
  }
  const { seal } = answer;
  return (
    <article className="file">
      <div className={`verdict ${TONES[seal.status]}`}>
        <p className="verdict-text">{texts.registerStatuses[seal.status]}</p>
      </div>
      <Facts
        facts={[
          { name: texts.sealName, value: seal.name },
          { name: texts.codeLabel, value: seal.code },
          { name: texts.sealKind, value: texts.sealKinds[seal.kind] ?? seal.kind },
          { name: texts.statusAt, value: showTime(language, seal.at) },
          { name: texts.validFrom, value: showTime(language, seal.validFrom) },
          { name: texts.validUntil, value: showTime(language, seal.validUntil) },
        ]}
      />
    </article>
  );
}
