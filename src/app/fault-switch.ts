/**
 * For the tests that kill the process at a named point: `QIANYIN_TEST_KILL_AT`, honoured in the
 * development environment only. `filing:sent@3` is the third time that the point is passed.
 */
import type { Config } from '../config/index.js';
import { FAULT_POINTS, type FaultHook } from '../kernel/index.js';

const VARIABLE = 'QIANYIN_TEST_KILL_AT';
/** Short enough that a killed attempt does not hold up the test. */
const ATTEMPT_MS = 2000;

export function killSwitch(
  env: Readonly<Record<string, string | undefined>>,
  config: Config,
): { readonly faults?: FaultHook; readonly attemptMs?: number } {
  const wanted = env[VARIABLE];
  if (wanted === undefined || config.environment !== 'development') return {};
  const [name, pass = '1'] = wanted.split('@');
  const point = FAULT_POINTS.find((each) => each === name);
  let left = Number(pass);
  return {
    attemptMs: ATTEMPT_MS,
    faults: (reached) => {
      if (reached === point && --left === 0) process.kill(process.pid, 'SIGKILL');
    },
  };
}
