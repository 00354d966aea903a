/** Public verification: files in, the answer to each first, the rest below it. */
import { Frame } from '../parts/frame.js';
import { explainProblem } from '../parts/explain-problem.js';
import { pick, useLanguage, type Language } from '../text/language.js';
import type { Texts } from '../text/zh.js';
import { useChecks, type Check } from './checks.js';
import { DropArea } from './drop-area.js';
import { FileResult } from './file-result.js';

export function VerifyPage() {
  const { texts, language } = useLanguage();
  const { checks, lastEnded, add, retry, remove, clear } = useChecks();
  return (
    <Frame page="verify" title={texts.verifyTitle} lead={texts.verifyLead}>
      <DropArea onFiles={add} />
      <p className="visually-hidden" role="status">
        {announcement(checks, lastEnded, texts, language)}
      </p>
      {checks.length > 0 && (
        <section aria-labelledby="results">
          <div className="results-head">
            <h2 id="results">{texts.results}</h2>
            <button type="button" className="quiet" onClick={clear}>
              {texts.clear}
            </button>
          </div>
          {checks.map((check) => (
            <FileResult
              key={check.id}
              check={check}
              onRetry={() => retry(check.id)}
              onRemove={() => remove(check.id)}
            />
          ))}
        </section>
      )}
    </Frame>
  );
}

/** What a screen reader says: the newest answer, and how many are still to come. */
function announcement(
  checks: readonly Check[],
  lastEnded: Check | undefined,
  texts: Texts,
  language: Language,
): string {
  if (lastEnded === undefined) return checks.length === 0 ? '' : texts.checking;
  const { state, file } = lastEnded;
  const answer =
    state.kind === 'done'
      ? pick(language, state.report.answer)
      : state.kind === 'failed'
        ? explainProblem(state.error, texts).title
        : texts.checking;
  const told = texts.announce(file.name, answer);
  const ended = checks.filter((each) => each.state.kind === 'done' || each.state.kind === 'failed');
  return checks.length === 1 ? told : `${told} ${texts.doneOf(ended.length, checks.length)}`;
}
