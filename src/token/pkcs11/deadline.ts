/** A limit on waiting for a vendor's library. The call itself cannot be ended, only no longer waited for. */
import { setTimeout as startTimer, clearTimeout } from 'node:timers';
import { AppError } from '../../kernel/index.js';

/** @throws AppError `token-failed`, params `reason` = `module-hung` */
export async function withDeadline<T>(call: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = startTimer(() => {
      reject(
        new AppError('token-failed', `no answer from the token within ${timeoutMs} ms`, {
          params: { reason: 'module-hung' },
        }),
      );
    }, timeoutMs);
  });
  try {
    return await Promise.race([call, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
