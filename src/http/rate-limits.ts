/** Budgets of requests for one address. One process counts for itself; log-ins are throttled across processes in `access`. */
import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { AppError } from '../kernel/index.js';
import type { RateLimitGroup } from './route.js';

export interface RateLimits {
  readonly requestsPerMinute: number;
  readonly loginsPerMinute: number;
  readonly verificationsPerMinute: number;
}

export interface RateLimiters {
  readonly all: RequestHandler;
  readonly groups: Readonly<Record<RateLimitGroup, RequestHandler>>;
}

export function createRateLimiters(limits: RateLimits): RateLimiters {
  return {
    all: limiter(limits.requestsPerMinute),
    groups: {
      login: limiter(limits.loginsPerMinute),
      verification: limiter(limits.verificationsPerMinute),
      // A page that shows a report asks for its pictures and its seals too: they do not use up its verifications.
      drawing: limiter(limits.verificationsPerMinute),
      register: limiter(limits.verificationsPerMinute),
    },
  };
}

function limiter(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Answers go through the one mapping of errors.
    handler: (_request, response, next) => {
      const told = Number(response.getHeader('Retry-After') ?? 60);
      next(
        new AppError('rate-limited', 'too many requests from this address', {
          params: { retryAfterSeconds: Number.isFinite(told) ? told : 60 },
        }),
      );
    },
  });
}
