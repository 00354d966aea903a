/** What went wrong and what to do, said as soon as it happens; nothing where nothing did. */
import type { ReactNode } from 'react';
import { useLanguage } from '../text/language.js';
import { explainProblem } from './explain-problem.js';

interface TroubleProps {
  /** `undefined`: none. */
  readonly error: unknown;
  readonly children?: ReactNode;
}

export function Trouble({ error, children }: TroubleProps) {
  const { texts } = useLanguage();
  if (error === undefined) return null;
  const { title, advice } = explainProblem(error, texts);
  return (
    <div className="verdict verdict-bad trouble" role="alert">
      <p className="trouble-title">{title}</p>
      <p>{advice}</p>
      {children}
    </div>
  );
}
