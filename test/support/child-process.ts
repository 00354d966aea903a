/** Starts a TypeScript file of the tests in a process of its own. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';

const HOOKS = pathToFileURL(join(process.cwd(), 'test/support/run-typescript.mjs')).href;

export interface RunningChild {
  readonly process: ChildProcessByStdio<null, Readable, null>;
  /** Whole lines of standard output so far. */
  readonly lines: readonly string[];
  /** Resolves with the exit code, or `null` where a signal ended it. */
  readonly exit: Promise<number | null>;
  /** Resolves when `count` lines have been printed, or the child has ended. */
  printed(count: number): Promise<void>;
}

/** Arguments of node that run `file` (from the root of the checkout) with `args`. */
export function childArguments(file: string, args: readonly string[]): readonly string[] {
  return ['--no-warnings', '--import', HOOKS, join(process.cwd(), file), ...args];
}

/** Our environment without the test runner's options for node. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  delete environment['NODE_OPTIONS'];
  return environment;
}

/** @param file - from the root of the checkout */
export function startChild(file: string, args: readonly string[]): RunningChild {
  const child = spawn(process.execPath, childArguments(file, args), {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: childEnvironment(),
  });
  const lines: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = `${rest}${chunk}`.split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    process: child,
    lines,
    exit,
    printed: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (lines.length >= count) resolve();
        };
        child.stdout.on('data', check);
        void exit.then(() => resolve());
        check();
      }),
  };
}
