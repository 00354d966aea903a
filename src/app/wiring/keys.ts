/** The keys that the service states things with, from its data folder. */
import { join } from 'node:path';
import type { CheckpointKey } from '../../audit/index.js';
import type { Config } from '../../config/index.js';
import type { StatementSigner } from '../../filing/index.js';
import { checkpointKey, statementKey, type Published } from '../data-folder/keys.js';
import { CHECKPOINT_KEY_FILE, STATEMENT_KEY_FILE } from '../data-folder/verify-audit.js';

export interface ServiceKeys {
  /** Signs the audit log's checkpoints. */
  readonly audit: CheckpointKey & Published;
  /** Signs packages and completion reports. */
  readonly package: StatementSigner & Published;
  /** Signs what is said of seals in public. */
  readonly statements: StatementSigner & Published;
}

/** @throws AppError `config-invalid` */
export function openServiceKeys({ dataDirectory }: Pick<Config, 'dataDirectory'>): ServiceKeys {
  return {
    audit: checkpointKey(join(dataDirectory, CHECKPOINT_KEY_FILE)),
    package: statementKey(join(dataDirectory, 'keys', 'package.pem')),
    statements: statementKey(join(dataDirectory, STATEMENT_KEY_FILE)),
  };
}
