/** Verifies the audit log of a data folder, with the checkpoints that were exported beside it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AUDIT_CHECKPOINTS,
  AUDIT_ENTRIES,
  createAuditLog,
  type AuditCheckpoint,
  type AuditVerification,
} from '../audit/index.js';
import { AppError, silentLogger, systemClock } from '../kernel/index.js';
import { openSqliteStore } from '../store/sqlite/index.js';
import { checkpointKey } from './keys.js';

/** One line a checkpoint, appended and fsynced: what a restored or cut database is compared with. */
export const CHECKPOINT_FILE = join('audit', 'checkpoints.jsonl');
export const CHECKPOINT_KEY_FILE = join('keys', 'audit.pem');
export const DATABASE_FILE = 'qianyin.sqlite';

function exportedCheckpoints(dataDirectory: string): readonly AuditCheckpoint[] {
  const path = join(dataDirectory, CHECKPOINT_FILE);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        return JSON.parse(line) as AuditCheckpoint;
      } catch (error) {
        throw new AppError('audit-corrupt', 'an exported checkpoint is damaged', {
          params: { what: 'checkpoint-file' },
          cause: error,
        });
      }
    });
}

/** @throws AppError `file-not-found`, `audit-corrupt` */
export async function verifyAuditOf(dataDirectory: string): Promise<AuditVerification> {
  const path = join(dataDirectory, DATABASE_FILE);
  if (!existsSync(path)) {
    throw new AppError('file-not-found', 'no database', { params: { file: path } });
  }
  await using store = await openSqliteStore({ path, logger: silentLogger });
  const log = createAuditLog({
    entries: await store.open(AUDIT_ENTRIES),
    checkpoints: await store.open(AUDIT_CHECKPOINTS),
    key: checkpointKey(join(dataDirectory, CHECKPOINT_KEY_FILE)),
    clock: systemClock,
  });
  return await log.verify(exportedCheckpoints(dataDirectory));
}
