export { BASE_PATH, createHttpApp } from './app.js';
export type { HttpAppOptions } from './app.js';
export { consolePages } from './console-pages.js';
export { startHttpServer } from './server.js';
export type { HttpServer, HttpServerOptions } from './server.js';
export { IDEMPOTENCY_KEYS, createIdempotencyLedger } from './idempotency.js';
export type {
  IdempotencyIndex,
  IdempotencyLedger,
  IdempotencyRecord,
  StoredAnswer,
} from './idempotency.js';
export { problemsMarkdown } from './problem-pages.js';
export type {
  ComparedPages,
  DrawnPicture,
  DrawnSignature,
  FeatureAnnouncement,
  FilingApi,
  HttpServices,
  ReadinessCheck,
  VerificationApi,
} from './services.js';
export type { BodyLimits } from './read-body.js';
export type { RateLimits } from './rate-limits.js';
