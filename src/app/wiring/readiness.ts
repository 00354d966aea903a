/** Whether the service can do its work now. */
import type { ReadinessCheck } from '../../http/index.js';
import { isAppError } from '../../kernel/index.js';

/** Each check is a real exchange; a failure is named by its code, without its cause. */
export async function readiness(
  checks: readonly (readonly [name: string, run: () => Promise<unknown>])[],
): Promise<readonly ReadinessCheck[]> {
  return Promise.all(
    checks.map(async ([name, run]) => {
      try {
        await run();
        return { name, isReady: true };
      } catch (error) {
        return { name, isReady: false, detail: isAppError(error) ? error.code : 'internal' };
      }
    }),
  );
}
