/** Signs the audit log's root now and then, and writes it beside the data, where a restored database does not reach. */
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AuditLog } from '../audit/index.js';
import type { Logger } from '../kernel/index.js';

export interface CheckpointsOptions {
  readonly log: AuditLog;
  /** Lines are only ever appended to it. */
  readonly path: string;
  readonly logger: Logger;
  readonly intervalMs?: number;
}

export interface Checkpoints {
  start(): void;
  stop(): Promise<void>;
  /** A checkpoint now, unless the log has not grown since the last one. */
  runOnce(): Promise<void>;
}

const INTERVAL_MS = 60_000;

export function startCheckpoints(options: CheckpointsOptions): Checkpoints {
  const { log, path, logger } = options;
  let lastSize: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();

  const runOnce = async (): Promise<void> => {
    const size = await log.size();
    if (size === lastSize) return;
    const checkpoint = await log.checkpoint();
    mkdirSync(dirname(path), { recursive: true });
    const descriptor = openSync(path, 'a', 0o644);
    try {
      writeSync(descriptor, `${JSON.stringify(checkpoint)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    lastSize = checkpoint.size;
  };
  const tick = (): void => {
    round = runOnce().catch((error: unknown) => logger.error('audit.checkpoint-failed', { error }));
  };
  return {
    start() {
      timer = setInterval(tick, options.intervalMs ?? INTERVAL_MS);
      timer.unref();
      tick();
    },
    async stop() {
      clearInterval(timer);
      await round;
    },
    runOnce,
  };
}
