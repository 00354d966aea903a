/** The simple answer: valid; not valid, and why; not decided, and what is missing; not signed. */
import type { VerificationReport } from '../api/report.js';
import { pick, useLanguage } from '../text/language.js';

const TONES = {
  'TOTAL-PASSED': ['verdict-good', '✔'],
  'TOTAL-FAILED': ['verdict-bad', '✘'],
  INDETERMINATE: ['verdict-open', '?'],
  'NO-SIGNATURE': ['verdict-none', '—'],
} as const;

export function Verdict({ report }: { readonly report: VerificationReport }) {
  const { texts, language } = useLanguage();
  const { answer, indication } = report;
  const [tone, mark] = TONES[indication];
  const reason = pick(language, { text: answer.reason, textEn: answer.reasonEn });
  const advice = adviceFor(report, texts.adviceByMessage) ?? texts.advice[indication];
  return (
    <div className={`verdict ${tone}`} data-testid="verdict">
      <p className="verdict-text">
        <span className="verdict-mark" aria-hidden="true">
          {mark}
        </span>
        {pick(language, answer)}
      </p>
      {reason !== '' && <p>{reason}</p>}
      {advice !== '' && <p className="verdict-advice">{advice}</p>}
    </div>
  );
}

/** The message that decided is the first one of a signature that is as bad as the file. */
function adviceFor(
  { indication, signatures, messages }: VerificationReport,
  known: Readonly<Record<string, string>>,
): string | undefined {
  if (indication !== 'INDETERMINATE') return undefined;
  const worst = signatures.filter((each) => each.indication === indication);
  const decisive = [...messages, ...worst.flatMap((each) => each.messages.slice(0, 1))];
  return decisive.map(({ code }) => known[code]).find((each) => each !== undefined);
}
