/** One life of the process that reads untrusted files: one job at a time, under a deadline and a memory cap. */
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  setTimeout as startTimer,
  clearTimeout,
  setInterval as startInterval,
  clearInterval,
} from 'node:timers';
import { AppError } from '../../kernel/index.js';
import {
  outcomeOf,
  valueOf,
  type FromProcess,
  type Job,
  type PortName,
  type ToProcess,
} from './messages.js';

export interface ReaderLimits {
  /** Of the process's own work on one job; waiting for the service's answers does not count. */
  readonly workMs: number;
  /** Resident memory. */
  readonly memoryBytes: number;
}

export type PortCall = (port: PortName, args: readonly unknown[]) => unknown;

const MEMORY_CHECK_MS = 50;
const PAGE_BYTES = 4096;
const HEAP_MB = 192;

function tooMuch(limit: 'time' | 'memory', allowed: number): AppError {
  return new AppError('pdf-limit-exceeded', `the file takes too much ${limit}`, {
    params: { limit, allowed },
  });
}

export class ReaderProcess {
  readonly #child: ChildProcess;
  readonly #limits: ReaderLimits;
  /** Resolves once the program is there: loading it is none of the job's time. */
  readonly #started: Promise<void>;
  #fail: ((error: Error) => void) | undefined;
  #isEnded = false;

  /** @param program - File of the program, and further arguments of node before it. */
  constructor(program: readonly string[], limits: ReaderLimits) {
    this.#limits = limits;
    const file = program.at(-1) ?? '';
    this.#child = fork(file, [], {
      execArgv: [...program.slice(0, -1), `--max-old-space-size=${HEAP_MB}`],
      // It needs nothing of ours: no settings, no secrets.
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#started = new Promise((resolve) => {
      this.#child.once('message', () => resolve());
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
    this.#child.once('error', (error) => {
      this.#isEnded = true;
      this.#fail?.(error);
    });
    this.#child.once('exit', (code, signal) => {
      this.#isEnded = true;
      // What node does where the heap is full; any other end is a fault of ours.
      const isHeapFull = signal === 'SIGABRT' || code === 134;
      this.#fail?.(
        isHeapFull
          ? tooMuch('memory', limits.memoryBytes)
          : new Error(`the reader ended: ${signal ?? code ?? 'unknown'}`),
      );
    });
    this.#child.unref();
    this.#child.channel?.unref();
  }

  get isUsable(): boolean {
    return !this.#isEnded;
  }

  kill(): void {
    this.#isEnded = true;
    this.#child.kill('SIGKILL');
  }

  /** @throws AppError what the job throws; `pdf-limit-exceeded`, params `limit` (`time`, `memory`), where it is killed */
  async run(job: Job, answer: PortCall): Promise<unknown> {
    let workTimer: NodeJS.Timeout | undefined;
    let pending = 0;
    this.#child.ref();
    this.#child.channel?.ref();
    await this.#started;
    const memoryTimer = startInterval(() => this.#checkMemory(), MEMORY_CHECK_MS);
    try {
      return await new Promise<unknown>((resolve, reject) => {
        if (this.#isEnded) throw new Error('the reader did not start');
        this.#fail = reject;
        const watch = (): void => {
          clearTimeout(workTimer);
          if (pending === 0) {
            workTimer = startTimer(
              () => this.#stop('time', this.#limits.workMs),
              this.#limits.workMs,
            );
          }
        };
        this.#child.removeAllListeners('message');
        this.#child.on('message', (message: Exclude<FromProcess, { type: 'started' }>) => {
          if (message.type === 'done') {
            Promise.resolve(message.outcome).then(valueOf).then(resolve, reject);
            return;
          }
          pending++;
          watch();
          void outcomeOf(() => answer(message.port, message.args)).then((outcome) => {
            pending--;
            watch();
            this.#send({ type: 'answer', call: message.call, outcome });
          });
        });
        watch();
        this.#checkMemory();
        this.#send({ type: 'job', job });
      });
    } finally {
      this.#fail = undefined;
      clearTimeout(workTimer);
      clearInterval(memoryTimer);
      this.#child.unref();
      this.#child.channel?.unref();
    }
  }

  #send(message: ToProcess): void {
    if (this.#isEnded) return;
    this.#child.send(message, (error) => {
      if (error !== null) this.kill();
    });
  }

  #stop(limit: 'time' | 'memory', allowed: number): void {
    this.#fail?.(tooMuch(limit, allowed));
    this.kill();
  }

  /** Buffers lie outside the heap that node bounds by itself. */
  #checkMemory(): void {
    const { pid } = this.#child;
    if (pid === undefined || process.platform !== 'linux') return;
    let pages: string | undefined;
    try {
      pages = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1];
    } catch {
      // It has ended since; its exit is told by itself.
      return;
    }
    if (Number(pages) * PAGE_BYTES > this.#limits.memoryBytes) {
      this.#stop('memory', this.#limits.memoryBytes);
    }
  }
}
