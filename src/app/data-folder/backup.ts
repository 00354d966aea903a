/** Backup and restore: a consistent copy of the records, every document, and the keys that verify the log. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { AUDIT_ENTRIES } from '../../audit/index.js';
import { AppError, silentLogger } from '../../kernel/index.js';
import { SCOPE_ALL } from '../../store/index.js';
import { openFileBlobStore } from '../../store/files/index.js';
import { openSqliteStore } from '../../store/sqlite/index.js';
import { DATABASE_FILE } from './verify-audit.js';

export interface BackupCounts {
  readonly records: number;
  readonly blobs: number;
}

const FOLDERS = ['blobs', 'keys', 'audit'];

function tar(args: readonly string[]): void {
  const { status, error } = spawnSync('tar', args, { stdio: ['ignore', 'ignore', 'ignore'] });
  if (status !== 0) {
    throw new AppError('input-invalid', 'the archive cannot be written or read', { cause: error });
  }
}

/** Reads what was copied: a backup that cannot be opened is none. */
async function count(directory: string): Promise<BackupCounts> {
  await using store = await openSqliteStore({
    path: join(directory, DATABASE_FILE),
    logger: silentLogger,
  });
  const entries = await store.open(AUDIT_ENTRIES);
  const blobs = await openFileBlobStore({ directory: join(directory, 'blobs') });
  let blobCount = 0;
  for await (const id of blobs.list()) {
    await blobs.read(id);
    blobCount++;
  }
  return { records: await entries.count({}, SCOPE_ALL), blobs: blobCount };
}

/**
 * Writes one tar archive while the service may go on. Records are copied before documents, so every
 * document that a copied record names is in the archive.
 *
 * @throws AppError `file-not-found` without a database, `blob-corrupt`
 */
export async function backupData(dataDirectory: string, outPath: string): Promise<BackupCounts> {
  const database = join(dataDirectory, DATABASE_FILE);
  if (!existsSync(database)) {
    throw new AppError('file-not-found', 'no database', { params: { file: database } });
  }
  const staging = mkdtempSync(join(resolve(dataDirectory), '.backup-'));
  try {
    {
      await using store = await openSqliteStore({ path: database, logger: silentLogger });
      await store.backup(join(staging, DATABASE_FILE));
    }
    for (const folder of FOLDERS) {
      const from = join(dataDirectory, folder);
      if (existsSync(from)) cpSync(from, join(staging, folder), { recursive: true });
    }
    const counts = await count(staging);
    tar(['-cf', resolve(outPath), '-C', staging, '.']);
    return counts;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** @throws AppError `file-exists` where the folder holds something, `file-not-found`, `blob-corrupt` */
export async function restoreData(
  archivePath: string,
  dataDirectory: string,
): Promise<BackupCounts> {
  if (!existsSync(archivePath)) {
    throw new AppError('file-not-found', 'no archive', { params: { file: archivePath } });
  }
  mkdirSync(dataDirectory, { recursive: true });
  if (readdirSync(dataDirectory).length > 0) {
    throw new AppError('file-exists', 'restore into an empty folder', {
      params: { file: dataDirectory },
    });
  }
  tar(['-xf', resolve(archivePath), '-C', resolve(dataDirectory)]);
  return count(dataDirectory);
}
