/**
 * What may happen once: a mark in a folder of the user's own says that it has. Marks outlive any wait
 * and are swept when they are an hour old.
 */
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../kernel/index.js';

const KEPT_MS = 60 * 60 * 1000;

export interface Claim {
  /** Gives it back, where what was claimed did not come about. */
  release(): void;
}

/**
 * @param name - Of what is claimed: hex.
 * @throws AppError `signing-session-used`; `store-unavailable` where no mark can be kept
 */
export function claimOnce(name: string, now: Date): Claim {
  const folder = ownFolder();
  sweep(folder, now);
  const mark = join(folder, name);
  try {
    // Only one of several at the same time can make the file.
    closeSync(openSync(mark, 'wx', 0o600));
  } catch (cause) {
    if (isErrno(cause, 'EEXIST')) {
      throw new AppError('signing-session-used', 'the prepared file was completed', { cause });
    }
    throw unavailable(cause);
  }
  return { release: () => rmSync(mark, { force: true }) };
}

/** Under the temporary directory others could have put a folder of this name there before us. */
function ownFolder(): string {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `qianyin-sessions-${uid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stat = lstatSync(folder);
    const isOurs = stat.isDirectory() && (uid < 0 || stat.uid === uid);
    if (isOurs) return folder;
  } catch (cause) {
    throw unavailable(cause);
  }
  throw unavailable(undefined);
}

function sweep(folder: string, now: Date): void {
  for (const name of readdirSync(folder)) {
    const mark = join(folder, name);
    try {
      if (now.getTime() - lstatSync(mark).mtimeMs > KEPT_MS) rmSync(mark, { force: true });
    } catch (error) {
      // Another process swept it.
      if (!isErrno(error, 'ENOENT')) throw unavailable(error);
    }
  }
}

function unavailable(cause: unknown): AppError {
  return new AppError('store-unavailable', 'used sessions cannot be kept', {
    params: { folder: 'temporary directory' },
    cause,
  });
}

/** By property, not by class: under a test runner these errors come from another realm. */
function isErrno(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
