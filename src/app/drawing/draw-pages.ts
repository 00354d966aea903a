/**
 * Draws pages with poppler, in a process that gets the file by a pipe, writes no file, holds no
 * variable of ours and is bounded in time, memory and size of pictures: the file may be anybody's.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { AppError } from '../../kernel/index.js';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue. */
  readonly data: Uint8Array;
}

export interface DrawOptions {
  /** Longer side of a page, in pixels; an A4 page at 100 dpi unless given. */
  readonly longSidePx?: number;
  /** Zero-based; all pages unless given. */
  readonly onlyPage?: number;
  /** What readers show rather than the whole medium. */
  readonly isCropped?: boolean;
}

const PROGRAM = 'pdftoppm';
const LONG_SIDE_PX = 1169;
const LIMITS = { memoryBytes: 1024 ** 3, processorSeconds: 60 } as const;

/**
 * The pages one after the other, each as soon as it is drawn; poppler waits while nobody asks.
 *
 * @throws AppError `renderer-missing`; `input-invalid` where the file cannot be drawn;
 *   `pdf-limit-exceeded`, params `limit`, where drawing takes too much
 */
export async function* drawPages(
  pdf: Uint8Array,
  options: DrawOptions = {},
): AsyncGenerator<Picture, void, undefined> {
  const { longSidePx = LONG_SIDE_PX, onlyPage, isCropped = false } = options;
  const page =
    onlyPage === undefined ? [] : ['-f', String(onlyPage + 1), '-l', String(onlyPage + 1)];
  const child = spawnBounded([
    ...['-q', '-scale-to', String(longSidePx)],
    ...(isCropped ? ['-cropbox'] : []),
    ...page,
    '-',
  ]);
  const { stdin, stdout } = child;
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  // Told by `ended`, or looked at below; unheard, it would end the process.
  ended.catch(() => undefined);
  // Poppler closes its end where it gives the file up.
  stdin.on('error', () => undefined);
  stdin.end(pdf);
  try {
    yield* readPixmaps(stdout, longSidePx);
    assertDone(...(await ended));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw rendererMissing(error);
  } finally {
    child.kill('SIGKILL');
  }
}

/** @throws AppError `renderer-missing` */
export async function assertRenderer(): Promise<void> {
  const child = spawnBounded(['-v']);
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    if (status === 0) return;
  } catch (error) {
    throw rendererMissing(error);
  }
  throw rendererMissing();
}

/** On Linux, under limits of its own and ended with us; elsewhere whoever starts us has to bound it. */
function spawnBounded(args: readonly string[]): ChildProcess & {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
} {
  const { memoryBytes, processorSeconds } = LIMITS;
  const command =
    process.platform === 'linux'
      ? [
          ...['setpriv', '--pdeathsig', 'KILL', '--no-new-privs'],
          ...['prlimit', `--as=${memoryBytes}`, `--cpu=${processorSeconds}`],
          ...['--fsize=0', '--core=0', '--nofile=64', PROGRAM],
        ]
      : [PROGRAM];
  const [file = PROGRAM, ...before] = command;
  return spawn(file, [...before, ...args], { stdio: ['pipe', 'pipe', 'ignore'], env: {} });
}

/** What `prlimit` answers where it does not find the program. */
const NOT_FOUND = 127;

/** @throws AppError as `drawPages` */
function assertDone(status: number | null, signal: NodeJS.Signals | null): void {
  if (status === 0) return;
  if (status === NOT_FOUND) throw rendererMissing();
  if (signal === 'SIGKILL' || signal === 'SIGXCPU') throw tooMuch('time', LIMITS.processorSeconds);
  if (signal === 'SIGABRT') throw tooMuch('memory', LIMITS.memoryBytes);
  throw undrawable('the file cannot be drawn');
}

const HEADER = /^P6\s+(\d+)\s+(\d+)\s+255\s/;
const HEADER_BYTES = 32;

/** Binary portable pixmaps one behind the other: `P6`, width, height, 255, and the samples. */
async function* readPixmaps(
  stream: AsyncIterable<Buffer | string>,
  longSidePx: number,
): AsyncGenerator<Picture, void, undefined> {
  let rest = Buffer.alloc(0);
  let picture: { width: number; height: number; data: Uint8Array; filled: number } | undefined;
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, Buffer.from(chunk)]);
    for (;;) {
      if (picture === undefined) {
        const header = HEADER.exec(rest.toString('latin1', 0, HEADER_BYTES));
        if (header === null) break;
        const [text, width, height] = [header[0], Number(header[1]), Number(header[2])];
        if (width > longSidePx || height > longSidePx) throw undrawable('a page of no size');
        picture = { width, height, data: new Uint8Array(width * height * 3), filled: 0 };
        rest = rest.subarray(text.length);
      }
      const part = rest.subarray(0, picture.data.length - picture.filled);
      picture.data.set(part, picture.filled);
      picture.filled += part.length;
      rest = rest.subarray(part.length);
      if (picture.filled < picture.data.length) break;
      yield picture;
      picture = undefined;
    }
  }
}

function rendererMissing(cause?: unknown): AppError {
  return new AppError('renderer-missing', `${PROGRAM} is not there`, {
    params: { program: PROGRAM, package: 'poppler-utils' },
    ...(cause === undefined ? {} : { cause }),
  });
}

function undrawable(message: string): AppError {
  return new AppError('input-invalid', message, { params: { program: PROGRAM } });
}

function tooMuch(limit: 'time' | 'memory', allowed: number): AppError {
  return new AppError('pdf-limit-exceeded', `drawing the file takes too much ${limit}`, {
    params: { limit, allowed },
  });
}
