/** Listens, and stops without breaking off what is being answered. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '../kernel/index.js';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How long a stop waits for answers under way; 10 s when absent. */
  readonly graceMs?: number;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Takes no new connections, waits for answers under way, then ends. */
  stop(): Promise<void>;
}

/** @throws AppError `unavailable`, params `address`, where the address cannot be listened on */
export async function startHttpServer(
  app: RequestListener,
  options: HttpServerOptions,
): Promise<HttpServer> {
  const { host, port, graceMs = 10_000 } = options;
  const server = createServer(
    { headersTimeout: 15_000, requestTimeout: 300_000, keepAliveTimeout: 20_000 },
    app,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new AppError('unavailable', 'cannot listen', {
          params: { address: `${host}:${port}` },
          cause: error,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shownHost}:${address.port}`,
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
