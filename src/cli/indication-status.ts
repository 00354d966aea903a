/** The exit status that an indication asks for (interface: 0 passed, 1 failed, 2 cannot be decided). */
import type { VerificationReport } from '../verification/index.js';
import { EXIT, type ExitStatus } from './exit-codes.js';

export const INDICATION_STATUS: Readonly<Record<VerificationReport['indication'], ExitStatus>> = {
  'TOTAL-PASSED': EXIT.done,
  'TOTAL-FAILED': EXIT.negative,
  'NO-SIGNATURE': EXIT.negative,
  INDETERMINATE: EXIT.indeterminate,
};
