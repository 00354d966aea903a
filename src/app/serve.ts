/** `serve`: configuration to a listening service. */
import { mkdirSync } from 'node:fs';
import type { RunningService } from '../cli/index.js';
import { loadConfig, readEnv, type Config } from '../config/index.js';
import { startHttpServer } from '../http/index.js';
import { bytesToUtf8, systemClock, type FaultHook, type Logger } from '../kernel/index.js';
import { killSwitch } from './fault-switch.js';
import { fileAccess } from './files.js';
import { createLogger } from './logger.js';
import { openService, type Service } from './service.js';

export async function serveFromConfig(
  env: Readonly<Record<string, string | undefined>>,
  configFile: string | undefined,
): Promise<RunningService> {
  const config = loadConfig({
    env: readEnv(env),
    ...(configFile === undefined ? {} : { fileText: bytesToUtf8(fileAccess.read(configFile)) }),
  });
  const faults = killSwitch(env, config);
  return serve({ config, logger: createLogger(config.logLevel), ...faults });
}

export interface ServeOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly faults?: FaultHook;
  readonly attemptMs?: number;
}

export interface Serving extends RunningService {
  readonly service: Service;
}

export async function serve(options: ServeOptions): Promise<Serving> {
  const { config, logger } = options;
  mkdirSync(config.dataDirectory, { recursive: true, mode: 0o700 });
  const service = await openService({
    config,
    logger,
    clock: systemClock,
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    ...(options.attemptMs === undefined ? {} : { attemptMs: options.attemptMs }),
  });
  const server = await startHttpServer({
    services: service.services,
    config,
    logger,
    clock: systemClock,
    collections: { idempotency: service.collections.idempotency },
  });
  service.start();
  return {
    url: server.url,
    service,
    async stop() {
      await server.stop();
      await service[Symbol.asyncDispose]();
    },
  };
}
