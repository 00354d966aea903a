/** What every command is given. */
import type { ExitStatus } from './exit-codes.js';
import type { Output } from './output.js';
import type { CliRuntime } from './runtime.js';

export interface CliContext {
  readonly runtime: CliRuntime;
  readonly output: Output;
  /** A command whose answer is negative without being a failure sets its exit status here. */
  setStatus(status: ExitStatus): void;
}
