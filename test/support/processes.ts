/** Real processes of the built command line: started, watched, ended by their own id. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../../dist/bin/qianyin.js', import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(QIANYIN_|SOFTHSM2_CONF|NODE_OPTIONS)/.test(name),
    ),
  );
  return { ...clean, ...more };
}

/** Runs one command to its end. */
export function qianyin(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Finished {
  const run = spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    env: environment(env),
    timeout: 300_000,
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Resolves with the signal or the exit status once the process is gone. */
  readonly ended: Promise<string>;
  /** What it has said on stderr so far. */
  log(): string;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Starts `qianyin serve` and waits until it says that it listens. */
export function startServer(
  configFile: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  return start(['serve', '--config', configFile], env);
}

/** Starts the authorities of a development PKI. */
export function startPki(directory: string, port: number): Promise<ServerProcess> {
  return start(['pki', 'serve', '--pki', directory, '--port', String(port)], {});
}

async function start(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: environment(env),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (status, signal) => resolve(signal ?? String(status)));
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      const match = /listening\): (http:\S+)/.exec(log);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    void ended.then((how) =>
      reject(new Error(`the server ended (${how}) before it listened: ${log}`)),
    );
  });
  return {
    url,
    child,
    ended,
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
