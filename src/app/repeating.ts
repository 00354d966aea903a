/** Background work that is done again and again, one round at a time. */
import type { Logger } from '../kernel/index.js';

export interface Repeating {
  /** A round at once, then one each interval. */
  start(): void;
  /** Ends after the round under way. */
  stop(): Promise<void>;
}

/** @param name - Of the log line for a round that failed; the next one tries again. */
export function repeating(
  name: string,
  work: () => Promise<void>,
  { intervalMs, logger }: { readonly intervalMs: number; readonly logger: Logger },
): Repeating {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;
  const tick = (): void => {
    round ??= work()
      .catch((error: unknown) => logger.error(name, { error }))
      .finally(() => {
        round = undefined;
      });
  };
  return {
    start() {
      timer = setInterval(tick, intervalMs);
      timer.unref();
      tick();
    },
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}
