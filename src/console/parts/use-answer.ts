/** The answer to one question of the service: asked when the component comes, given up when it goes. */
import { useEffect, useState } from 'react';

export type Answer<T> =
  | { readonly state: 'asking' }
  | { readonly state: 'answered'; readonly value: T }
  | { readonly state: 'failed'; readonly error: unknown };

/**
 * @param ask - `undefined`: nothing is asked; another function is another question, so callers keep it
 * @param round - another number asks the same again
 */
export function useAnswer<T>(
  ask: ((signal: AbortSignal) => Promise<T>) | undefined,
  round = 0,
): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ state: 'asking' });
  useEffect(() => {
    if (ask === undefined) return undefined;
    const giveUp = new AbortController();
    setAnswer({ state: 'asking' });
    ask(giveUp.signal).then(
      (value) => {
        if (!giveUp.signal.aborted) setAnswer({ state: 'answered', value });
      },
      (error: unknown) => {
        if (!giveUp.signal.aborted) setAnswer({ state: 'failed', error });
      },
    );
    return () => giveUp.abort();
  }, [ask, round]);
  return answer;
}
