/** Signs the audit log's root now and then, and writes it beside the data, where a restored database does not reach. */
import type { AuditLog } from '../../audit/index.js';
import type { Logger } from '../../kernel/index.js';
import { appendToCheckpointFile, mendCheckpointFile } from './checkpoint-file.js';

export interface CheckpointsOptions {
  readonly log: Pick<
    AuditLog,
    'checkpoint' | 'checkpointsAfter' | 'assertContinues' | 'onCheckpoint'
  >;
  /** Lines are only ever appended to it. */
  readonly path: string;
  readonly logger: Logger;
  readonly intervalMs?: number;
}

export interface Checkpoints {
  start(): void;
  stop(): Promise<void>;
  /** A checkpoint now, unless the log has not grown since the last one; the file holds all of them then. */
  runOnce(): Promise<void>;
}

const INTERVAL_MS = 60_000;
const EXPORT_PAGE = 500;

/**
 * @throws AppError `audit-corrupt` where the log is not the one that the file's last checkpoint
 *   speaks of: an older database was put in its place
 */
export async function openCheckpoints(options: CheckpointsOptions): Promise<Checkpoints> {
  const { log, path, logger } = options;
  const last = mendCheckpointFile(path);
  if (last !== undefined) await log.assertContinues(last);
  let exported = last?.number ?? 0;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();

  let exporting: Promise<void> = Promise.resolve();
  const exportMissing = async (): Promise<void> => {
    for (;;) {
      const missing = await log.checkpointsAfter(exported, EXPORT_PAGE);
      const newest = missing.at(-1);
      if (newest === undefined) return;
      appendToCheckpointFile(path, missing);
      exported = newest.number;
    }
  };
  // One after the other, or a line would be there twice. Those made on demand, for a package, are in the
  // file as soon as anybody holds one: a process that dies leaves it one behind at the most.
  const exportNow = (): Promise<void> => {
    exporting = exporting.catch(() => undefined).then(exportMissing);
    return exporting;
  };
  log.onCheckpoint(exportNow);
  const work = async (): Promise<void> => {
    await log.checkpoint();
    await exportNow();
  };
  const runOnce = (): Promise<void> => {
    round = round.catch(() => undefined).then(work);
    return round;
  };
  const tick = (): void => {
    runOnce().catch((error: unknown) => logger.error('audit.checkpoint-failed', { error }));
  };
  return {
    start() {
      timer = setInterval(tick, options.intervalMs ?? INTERVAL_MS);
      timer.unref();
      tick();
    },
    async stop() {
      clearInterval(timer);
      await round.catch(() => undefined);
      await exporting.catch(() => undefined);
    },
    runOnce,
  };
}
