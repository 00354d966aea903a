/**
 * Checkpoints beside the data: one line each, only ever appended and fsynced, outside the database,
 * so that a restored or cut database is found out.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { signedCheckpoint, type SignedCheckpoint } from '../../audit/index.js';
import { AppError } from '../../kernel/index.js';

/** Longer than any line. */
const TAIL_BYTES = 4096;

/**
 * The file's checkpoints, in its order; `undefined` where there is no file. What two processes of
 * one installation both wrote is there once.
 *
 * @throws AppError `audit-corrupt` for a line that is no checkpoint, params `checkpoint`: its line
 */
export function readCheckpointFile(path: string): readonly SignedCheckpoint[] | undefined {
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8').split('\n');
  // A crash leaves a last line without an end; the next start mends it.
  lines.pop();
  return [...new Set(lines)].map((line, index) => parseLine(line, index + 1));
}

/** The last whole line; a torn one behind it is cut off. @throws AppError `audit-corrupt` */
export function mendCheckpointFile(path: string): SignedCheckpoint | undefined {
  if (!existsSync(path)) return undefined;
  const descriptor = openSync(path, 'r+');
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf('\n') + 1;
    if (end < tail.length) ftruncateSync(descriptor, size - tail.length + end);
    const line = tail.subarray(0, end).toString('utf8').split('\n').at(-2);
    return line === undefined ? undefined : parseLine(line, 0);
  } finally {
    closeSync(descriptor);
  }
}

/** Durable when it returns. */
export function appendToCheckpointFile(
  path: string,
  checkpoints: readonly SignedCheckpoint[],
): void {
  const isNew = !existsSync(path);
  mkdirSync(dirname(path), { recursive: true });
  const lines = checkpoints.map((each) => `${JSON.stringify(signedCheckpoint(each))}\n`);
  writeDurably(openSync(path, 'a', 0o644), lines.join(''));
  if (isNew) writeDurably(openSync(dirname(path), 'r'), '');
}

function writeDurably(descriptor: number, text: string): void {
  try {
    if (text !== '') writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function parseLine(line: string, number: number): SignedCheckpoint {
  try {
    return signedCheckpoint(JSON.parse(line) as SignedCheckpoint);
  } catch (error) {
    throw new AppError('audit-corrupt', 'an exported checkpoint is damaged', {
      params: { what: 'checkpoint-forged', checkpoint: number },
      cause: error,
    });
  }
}
