/** What a monitoring system reads: how many requests, how long, with what outcome. */
import { Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface HttpMetrics {
  begin(): void;
  /** @param route - path template, so that ids make no series of their own */
  end(method: string, route: string, status: number, seconds: number): void;
  readonly contentType: string;
  text(): Promise<string>;
}

/** A number that is read when it is asked for. */
export interface ReadGauge {
  readonly name: string;
  readonly help: string;
  /** @returns `undefined` where there is nothing to say */
  readonly read: () => Promise<number | undefined>;
}

export function createHttpMetrics(
  collectsProcess: boolean,
  gauges: readonly ReadGauge[] = [],
): HttpMetrics {
  const registry = new Registry();
  if (collectsProcess) collectDefaultMetrics({ register: registry });
  for (const { name, help, read } of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        // A store that does not answer must not take the other numbers away.
        const value = await read().catch(() => undefined);
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  }
  const duration = new Histogram({
    name: 'qianyin_http_request_seconds',
    help: 'Time from a request to its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  const inFlight = new Gauge({
    name: 'qianyin_http_requests_in_flight',
    help: 'Requests being answered',
    registers: [registry],
  });
  return {
    begin: () => inFlight.inc(),
    end(method, route, status, seconds) {
      inFlight.dec();
      duration.observe({ method, route, status: String(status) }, seconds);
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
