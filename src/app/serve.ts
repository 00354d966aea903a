/** `serve`: configuration to a listening service. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningService } from '../cli/index.js';
import { loadConfig, readEnv, type Config } from '../config/index.js';
import { consolePages, createHttpApp, startHttpServer } from '../http/index.js';
import { bytesToUtf8, systemClock, type FaultHook, type Logger } from '../kernel/index.js';
import { killSwitch } from './fault-switch.js';
import { fileAccess } from './files/file-access.js';
import { createLogger } from './logger.js';
import { openingAll, type Opened } from './opened.js';
import { PACKAGE_ROOT } from './resources.js';
import { packageVersion } from './version.js';
import { openService, type Service } from './service.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws AppError `config-invalid`, `file-not-found` */
export function configFrom(env: Environment, configFile: string | undefined): Config {
  return loadConfig({
    env: readEnv(env),
    ...(configFile === undefined ? {} : { fileText: bytesToUtf8(fileAccess.read(configFile)) }),
  });
}

export async function serveFromConfig(
  env: Environment,
  configFile: string | undefined,
): Promise<RunningService> {
  const config = configFrom(env, configFile);
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

/** Where it cannot listen, nothing stays open. @throws AppError as {@link openService}; `unavailable` */
export function serve(options: ServeOptions): Promise<Serving> {
  return openingAll((opened) => listen(options, opened));
}

async function listen(options: ServeOptions, opened: Opened): Promise<Serving> {
  const { config, logger } = options;
  mkdirSync(config.dataDirectory, { recursive: true, mode: 0o700 });
  const service = opened.add(
    await openService({
      config,
      logger,
      clock: systemClock,
      ...(options.faults === undefined ? {} : { faults: options.faults }),
      ...(options.attemptMs === undefined ? {} : { attemptMs: options.attemptMs }),
    }),
  );
  const pages = join(PACKAGE_ROOT, 'dist', 'console');
  const hasPages = existsSync(pages);
  if (!hasPages) logger.warn('console.not-built', { directory: pages });
  const app = createHttpApp(service.services, {
    version: packageVersion(join(PACKAGE_ROOT, 'package.json')),
    limits: config.limits,
    rateLimits: config.rateLimits,
    trustedProxies: config.trustedProxies,
    collectsProcessMetrics: true,
    ...(hasPages ? { pages: consolePages(pages) } : {}),
  });
  const server = await startHttpServer(app, { host: config.host, port: config.port });
  service.start();
  return {
    url: server.url,
    service,
    async stop() {
      await server.stop();
      await opened[Symbol.asyncDispose]();
    },
  };
}
