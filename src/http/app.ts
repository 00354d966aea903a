/** The express application: every declared route through one pipeline, every error through one mapping. */
import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { AppError, isAppError, type Clock, type Logger } from '../kernel/index.js';
import { documentationRouter } from './documentation.js';
import { createHttpMetrics, type HttpMetrics, type ReadGauge } from './metrics.js';
import { openApiDocument } from './openapi.js';
import { runRoute, type PipelineOptions, type RequestFacts } from './pipeline.js';
import { problemOf, retryAfterSeconds } from './problem.js';
import { isErrorCode, problemPage } from './problem-pages.js';
import { createRateLimiters, type RateLimits } from './rate-limits.js';
import type { BodyLimits } from './read-body.js';
import type { Route } from './route.js';
import { declaredRoutes } from './routes/index.js';
import type { HttpServices } from './services.js';
import { UploadMemory } from './upload-memory.js';

export const BASE_PATH = '/api/v1';
/** Bodies of the largest size that may be held at the same time; smaller ones are as many more. */
const UPLOADS_AT_ONCE = 8;

export interface HttpAppOptions {
  readonly version: string;
  readonly limits: BodyLimits;
  readonly rateLimits: RateLimits;
  /** Proxies in front whose X-Forwarded-For counts. */
  readonly trustedProxies: number;
  /** Compares every answer with its declared schema; for tests. */
  readonly checksAnswers?: boolean;
  readonly collectsProcessMetrics?: boolean;
  /** Mounted before the answer for unknown paths: the console's files. */
  readonly pages?: RequestHandler;
}

export function createHttpApp(services: HttpServices, options: HttpAppOptions): Express {
  const routes = declaredRoutes(services);
  const metrics = createHttpMetrics(
    options.collectsProcessMetrics ?? false,
    filingGauges(services),
  );
  const app = express();
  app.disable('x-powered-by');
  // ETags are the records' revisions, not digests of answers.
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', options.trustedProxies);

  const limiters = createRateLimiters(options.rateLimits);
  app.use(observed(services.logger, services.clock, metrics));
  app.use(secured);
  app.use(operational(services, metrics));
  app.use(limiters.all);
  app.use('/docs', documentationRouter(`${BASE_PATH}/openapi.json`));
  app.get('/problems/:code', (request, response, next) => {
    const { code } = request.params;
    if (isErrorCode(code)) response.type('html').send(problemPage(code));
    else next();
  });

  const api = express.Router({ caseSensitive: true, strict: true });
  const document = openApiDocument(routes, { version: options.version, basePath: BASE_PATH });
  api.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
  const pipeline: PipelineOptions = {
    access: services.access,
    idempotency: services.idempotency,
    limits: options.limits,
    uploads: new UploadMemory(UPLOADS_AT_ONCE * options.limits.uploadBytes),
    checksAnswers: options.checksAnswers ?? false,
  };
  for (const [path, atPath] of routesByPath(routes)) {
    const place = api.route(path);
    for (const route of atPath) {
      const before = route.rateLimit === undefined ? [] : [limiters.groups[route.rateLimit]];
      place[route.method](...before, async (request, response) => {
        await runRoute(route, request, response, factsOf(response), pipeline);
      });
    }
    place.all(methodNotAllowed(atPath));
  }
  app.use(BASE_PATH, api);
  if (options.pages !== undefined) app.use(options.pages);
  app.use((_request, _response, next) => next(new AppError('not-found', 'no such path')));
  app.use(problems(services.logger));
  return app;
}

function routesByPath(routes: readonly Route[]): ReadonlyMap<string, readonly Route[]> {
  const byPath = new Map<string, Route[]>();
  for (const route of routes) {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    byPath.set(path, [...(byPath.get(path) ?? []), route]);
  }
  return byPath;
}

function methodNotAllowed(routes: readonly Route[]): RequestHandler {
  const methods = routes.map(({ method }) => method.toUpperCase());
  const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])];
  return (_request, response, next) => {
    response.set('Allow', allowed.join(', '));
    next(new AppError('method-not-allowed', 'not a method of this path', { params: { allowed } }));
  };
}

/** Names each request, and writes one line and one observation when it has been answered. */
/** What tells an operator that both registers are compared, and that somebody has to look. */
function filingGauges({ filings }: HttpServices): readonly ReadGauge[] {
  return [
    {
      name: 'qianyin_filing_work_items_open',
      help: 'Open items of the work list of filing',
      read: () => filings.workList.countOpen(),
    },
    {
      name: 'qianyin_reconciliation_finished_timestamp_seconds',
      help: 'When the last comparison with the budget system was finished',
      read: async () => {
        const { items } = await filings.reconciliations({ limit: 20 });
        const finished = items.find(({ state }) => state === 'done')?.finishedAt;
        return finished === undefined ? undefined : Date.parse(finished) / 1000;
      },
    },
  ];
}

function observed(logger: Logger, clock: Clock, metrics: HttpMetrics): RequestHandler {
  return (request, response, next) => {
    const facts: RequestFacts = { requestId: randomUUID() };
    response.locals['facts'] = facts;
    response.set('X-Request-Id', facts.requestId);
    const startedMs = clock.monotonicMs();
    metrics.begin();
    response.once('close', () => {
      const durationMs = clock.monotonicMs() - startedMs;
      const route = facts.route ?? '(other)';
      metrics.end(request.method, route, response.statusCode, durationMs / 1000);
      // The path template only: an address may hold what is not for logs.
      logger.info('http.request', {
        requestId: facts.requestId,
        method: request.method,
        route,
        operationId: facts.operationId,
        accountId: facts.accountId,
        status: response.statusCode,
        durationMs: Math.round(durationMs),
        isComplete: response.writableFinished,
      });
    });
    next();
  };
}

function factsOf(response: express.Response): RequestFacts {
  return response.locals['facts'] as RequestFacts;
}

/** Answers hold nothing a browser should run, frame or keep; pages that do loosen this themselves. */
const secured: RequestHandler = (request, response, next) => {
  response.set('Cache-Control', 'no-store');
  headers(request, response, next);
};

const headers = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  referrerPolicy: { policy: 'no-referrer' },
});

/** For whoever runs the service; outside the API and its budgets. */
function operational(services: HttpServices, metrics: HttpMetrics): RequestHandler {
  const router = express.Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const checks = await services.readiness();
    const isReady = checks.every((check) => check.isReady);
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not-ready', checks });
  });
  router.get('/metrics', async (_request, response) => {
    response.set('Content-Type', metrics.contentType).end(await metrics.text());
  });
  router.get('/.well-known/jwks.json', (_request, response) => {
    response.set('Cache-Control', 'public, max-age=300').json({ keys: services.publishedKeys() });
  });
  return router;
}

function problems(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const facts = factsOf(response);
    const problem = problemOf(readable(error), {
      requestId: facts.requestId,
      hasIfMatch: request.headers['if-match'] !== undefined,
    });
    const line = { requestId: facts.requestId, route: facts.route, code: problem.code };
    if (problem.status >= 500) logger.error('http.failed', { ...line, error });
    else logger.info('http.refused', line);
    if (response.headersSent) {
      next(error);
      return;
    }
    // What is left of a body that is refused is not worth reading.
    if (!request.complete) response.set('Connection', 'close');
    const retryAfter = retryAfterSeconds(problem);
    if (retryAfter !== undefined) response.set('Retry-After', String(retryAfter));
    if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer');
    response.status(problem.status).set('Content-Type', 'application/problem+json');
    response.end(JSON.stringify(problem));
  };
}

/** Express reports a path it cannot decode with an error of its own. */
function readable(error: unknown): unknown {
  const isUndecodable =
    error instanceof Error && !isAppError(error) && 'status' in error && error.status === 400;
  if (!isUndecodable) return error;
  return new AppError('request-invalid', 'the address cannot be decoded', { cause: error });
}
