/** The audit log, and its checkpoints in a file beside the data. */
import { join } from 'node:path';
import { createAuditLog, type AuditLog, type CheckpointKey } from '../../audit/index.js';
import type { Config } from '../../config/index.js';
import type { Clock, Logger } from '../../kernel/index.js';
import { openCheckpoints, type Checkpoints } from '../data-folder/checkpoints.js';
import type { Collections } from '../data-folder/stores.js';
import { CHECKPOINT_FILE } from '../data-folder/verify-audit.js';

export interface AuditParts {
  readonly config: Pick<Config, 'dataDirectory'>;
  readonly collections: Pick<Collections, 'auditEntries' | 'auditCheckpoints'>;
  readonly key: CheckpointKey;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface AuditRoom {
  readonly log: AuditLog;
  readonly checkpoints: Checkpoints;
}

/** @throws AppError `audit-corrupt` where the log is behind its own exported checkpoints */
export async function openAudit(parts: AuditParts): Promise<AuditRoom> {
  const { config, collections, key, clock, logger } = parts;
  const log = createAuditLog({
    entries: collections.auditEntries,
    checkpoints: collections.auditCheckpoints,
    key,
    clock,
  });
  const path = join(config.dataDirectory, CHECKPOINT_FILE);
  return { log, checkpoints: await openCheckpoints({ log, path, logger }) };
}
