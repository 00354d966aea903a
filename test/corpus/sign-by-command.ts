/** Signs a file of the corpus by spawning the built command, as a user's script would. */
import { execFile } from 'node:child_process';
import { CLI } from '../support/processes.js';
import type { SignOutcome } from './sign-pool.js';
import { PIN, signTwice, type CommandError, type SignRequest } from './signing-steps.js';

const COMMAND_TIMEOUT_MS = 60_000;

/** Neither a success nor a refusal in the command's own words. */
class Broken extends Error {
  readonly failure: 'hang' | 'crash';
  constructor(failure: 'hang' | 'crash') {
    super(failure);
    this.failure = failure;
  }
}

export async function signByCommand(request: SignRequest): Promise<SignOutcome> {
  try {
    return await signTwice(request, spawnSign);
  } catch (error) {
    if (error instanceof Broken) return { id: request.id, failure: error.failure };
    throw error;
  }
}

function spawnSign(args: readonly string[]): Promise<CommandError | undefined> {
  const env = { ...process.env, ...PIN, NODE_OPTIONS: '' };
  const options = { env, timeout: COMMAND_TIMEOUT_MS, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [CLI, 'sign', ...args, '--json'], options, (failure, stdout) => {
      if (failure === null) {
        resolve(undefined);
        return;
      }
      if (failure.killed === true) reject(new Broken('hang'));
      try {
        resolve((JSON.parse(stdout) as { readonly error: CommandError }).error);
      } catch {
        reject(new Broken('crash'));
      }
    });
  });
}
