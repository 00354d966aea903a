/** To the supplier: once no error is left, with each warning acknowledged by name. */
import { useId, useState } from 'react';
import type { Finding } from '../../api/contract.js';
import { useContractTexts } from '../../text/contracts/language.js';
import { pick, useLanguage } from '../../text/language.js';
import { useDesk } from '../desk.js';
import type { Draft } from './draft.js';

interface SubmitFormProps {
  readonly draft: Draft;
  readonly findings: readonly Finding[];
  readonly onSent: () => void;
}

interface Answer {
  readonly isAcknowledged: boolean;
  readonly reason: string;
}

export function SubmitForm({ draft, findings, onSent }: SubmitFormProps) {
  const texts = useContractTexts();
  const { edit } = texts;
  const { language } = useLanguage();
  const { me } = useDesk();
  const id = useId();
  const [answers, setAnswers] = useState<Readonly<Record<string, Answer>>>({});
  const [signBy, setSignBy] = useState('');
  if (findings.some(({ severity }) => severity === 'error')) {
    return <p className="hint">{edit.errorsFirst}</p>;
  }
  // The service takes an acknowledgement for all warnings of one code.
  const codes = [...new Set(findings.map(({ code }) => code))];
  const answerOf = (code: string): Answer => answers[code] ?? { isAcknowledged: false, reason: '' };
  const answer = (code: string, change: Partial<Answer>): void =>
    setAnswers((before) => ({ ...before, [code]: { ...answerOf(code), ...change } }));
  const isReady = codes.every((code) => answerOf(code).isAcknowledged);
  const submit = async (): Promise<void> => {
    const acknowledged = codes.map((code) => {
      const reason = answerOf(code).reason.trim();
      return reason === '' ? code : { code, reason };
    });
    if (await draft.submit(acknowledged, signBy === '' ? undefined : signBy)) onSent();
  };
  return (
    <section className="file submit" aria-labelledby={`${id}title`}>
      <h3 id={`${id}title`}>{edit.submitTitle}</h3>
      {codes.map((code) => (
        <div key={code} className="acknowledge">
          <label>
            <input
              type="checkbox"
              checked={answerOf(code).isAcknowledged}
              onChange={({ target }) => answer(code, { isAcknowledged: target.checked })}
            />
            {edit.acknowledge(
              me.name,
              findings
                .filter((finding) => finding.code === code)
                .map((finding) => pick(language, finding))
                .join(texts.listJoin),
            )}
          </label>
          <label>
            {edit.acknowledgeReason}
            <input
              maxLength={500}
              value={answerOf(code).reason}
              onChange={({ target }) => answer(code, { reason: target.value })}
            />
          </label>
        </div>
      ))}
      <div className="field">
        <label htmlFor={`${id}by`}>{edit.signBy}</label>
        <input
          id={`${id}by`}
          type="date"
          value={signBy}
          onChange={({ target }) => setSignBy(target.value)}
        />
        <p className="hint">{edit.signByHint}</p>
      </div>
      <button
        type="button"
        className="primary"
        disabled={!isReady || draft.isWorking}
        onClick={() => void submit()}
      >
        {edit.submit}
      </button>
      {!isReady && <p className="hint">{edit.acknowledgeFirst}</p>}
    </section>
  );
}
