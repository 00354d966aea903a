/** Signs many files in worker processes: each file has its time, and takes nothing down but its worker. */
import { fork, type ChildProcess } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { SignAnswer, SignRequest } from './signing-steps.js';

export type SignOutcome = SignAnswer | { readonly id: string; readonly failure: 'hang' | 'crash' };

/** One file, both signatures. */
const FILE_TIMEOUT_MS = 60_000;
const LOADER = pathToFileURL(join(import.meta.dirname, '..', 'support', 'run-typescript.mjs')).href;
const WORKER = join(import.meta.dirname, 'sign-worker.ts');

/** @param onDone - Waited for before the same lane takes its next file. */
export async function signAll(
  requests: readonly SignRequest[],
  width: number,
  onDone: (outcome: SignOutcome) => Promise<void>,
): Promise<void> {
  const waiting = [...requests];
  await Promise.all(Array.from({ length: width }, () => signLane(waiting, onDone)));
}

async function signLane(
  waiting: SignRequest[],
  onDone: (outcome: SignOutcome) => Promise<void>,
): Promise<void> {
  let worker: ChildProcess | undefined;
  for (let request = waiting.shift(); request !== undefined; request = waiting.shift()) {
    worker ??= await startWorker();
    const outcome = await signOne(worker, request);
    if ('failure' in outcome) worker = undefined;
    await onDone(outcome);
  }
  worker?.disconnect();
}

/** Resolves once the worker listens, so that starting it counts against no file's time. */
function startWorker(): Promise<ChildProcess> {
  const worker = fork(WORKER, [], {
    execArgv: ['--no-warnings', '--import', LOADER, '--max-old-space-size=1024'],
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve) => worker.once('message', () => resolve(worker)));
}

function signOne(worker: ChildProcess, request: SignRequest): Promise<SignOutcome> {
  return new Promise((resolve) => {
    let isLate = false;
    const onMessage = (answer: SignAnswer): void => finish(answer);
    const onExit = (): void => finish({ id: request.id, failure: isLate ? 'hang' : 'crash' });
    const timer = setTimeout(() => {
      isLate = true;
      worker.kill('SIGKILL');
    }, FILE_TIMEOUT_MS);
    const finish = (outcome: SignOutcome): void => {
      clearTimeout(timer);
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      resolve(outcome);
    };
    worker.on('message', onMessage);
    worker.on('exit', onExit);
    worker.send(request);
  });
}
