/** One life of a module's process, from the service's side: calls, silence, its end. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as startTimer, clearTimeout } from 'node:timers';
import { AppError } from '../../../kernel/index.js';
import { FrameReader, encodeFrame, type Frame } from './frames.js';
import { errorOf, type HostCall, type HostResponse } from './messages.js';

export type EndReason = 'module-crashed' | 'module-hung' | 'closed';

export interface LaunchOptions {
  /** Arguments of node that run the host program. */
  readonly nodeArguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** So long without any answer while one is due, and the module counts as hung. */
  readonly silenceMs: number;
  /** Called once, when no further call can succeed. */
  readonly onEnd: (reason: EndReason, detail: string) => void;
}

export interface HostAnswer {
  readonly value: unknown;
  readonly body: Uint8Array;
}

interface Waiting {
  readonly resolve: (answer: HostAnswer) => void;
  readonly reject: (error: AppError) => void;
}

const NO_BYTES = new Uint8Array(0);
/** The first answer waits for the program and the library to be loaded. */
const START_MS = 15_000;
/** For logging out of the tokens at an orderly end. */
const CLOSE_MS = 3000;

export class HostProcess {
  readonly #child: ChildProcess;
  readonly #pipe: Socket;
  readonly #options: LaunchOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #silence: NodeJS.Timeout | undefined;
  #ended: EndReason | undefined;
  #hasAnswered = false;

  constructor(options: LaunchOptions) {
    this.#options = options;
    // What vendors print is nobody's: some print the PIN.
    this.#child = spawn(process.execPath, [...options.nodeArguments], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...options.environment },
      windowsHide: true,
    });
    this.#pipe = this.#child.stdio[3] as Socket;
    const life = this.#child.stdio[4] as Socket;
    for (const stream of [this.#pipe, life]) {
      // A pipe that breaks is the process ending, which is told by its exit.
      stream.on('error', () => undefined);
    }
    const reader = new FrameReader();
    this.#pipe.on('data', (chunk: Buffer) => this.#read(reader, chunk));
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#end('module-crashed', `exit ${code ?? signal ?? 'unknown'}`);
        resolve();
      });
      this.#child.once('error', (error) => {
        this.#end('module-crashed', error.message);
        resolve();
      });
    });
  }

  get isUsable(): boolean {
    return this.#ended === undefined;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * @param secret - Whether to wipe the frame once it is written.
   * @throws AppError what the process answers; `token-failed`, params `reason`, where it ends first
   */
  call(call: HostCall, body: Uint8Array = NO_BYTES, secret = false): Promise<HostAnswer> {
    if (this.#ended !== undefined) return Promise.reject(endError(this.#ended));
    const id = ++this.#lastId;
    const frame = encodeFrame({ ...call, id }, body);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      if (this.#silence === undefined) this.#restartSilence();
      this.#pipe.write(frame, () => {
        if (secret) frame.fill(0);
      });
    });
  }

  /** Lets the module log out and end; kills it where it does not. */
  async close(): Promise<void> {
    this.#end('closed', 'closed by the service');
    this.#pipe.end();
    const timer = startTimer(() => this.#child.kill('SIGKILL'), CLOSE_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Ends a process that cannot be trusted any more. */
  kill(reason: 'module-hung' | 'module-crashed', detail: string): void {
    this.#end(reason, detail);
    this.#child.kill('SIGKILL');
  }

  #read(reader: FrameReader, chunk: Buffer): void {
    let frames: readonly Frame[];
    try {
      frames = reader.take(chunk);
    } catch {
      this.kill('module-crashed', 'it sends no frames');
      return;
    }
    for (const { header, body } of frames) {
      this.#hasAnswered = true;
      const { id, value, error } = header as HostResponse;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve({ value, body });
      else waiting?.reject(errorOf(error));
      // A call of the module that is never coming back holds a thread and maybe the token.
      if (error?.params['reason'] === 'module-hung') this.kill('module-hung', 'a call is overdue');
    }
    this.#restartSilence();
  }

  #restartSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
    if (this.#waiting.size === 0 || this.#ended !== undefined) return;
    this.#silence = startTimer(
      () => this.kill('module-hung', 'no answer to anything'),
      this.#options.silenceMs + (this.#hasAnswered ? 0 : START_MS),
    );
  }

  #end(reason: EndReason, detail: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    clearTimeout(this.#silence);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(endError(reason));
    this.#options.onEnd(reason, detail);
  }
}

function endError(reason: EndReason): AppError {
  if (reason === 'closed') return new AppError('token-absent', 'the tokens were closed');
  return new AppError('token-failed', 'the PKCS#11 module ended before it answered', {
    params: { reason },
  });
}
