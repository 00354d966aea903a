/** The one logger: pino, JSON lines on stderr, with everything that could be a secret cut out by name. */
import { pino, type Logger as Pino } from 'pino';
import { AppError, type LogFields, type Logger } from '../kernel/index.js';

/** Field names whose values never reach a log, at the top and one level down. */
export const REDACTED = [
  'pin',
  'password',
  'secret',
  'token',
  'authorization',
  'cookie',
  'phone',
  'contactPhone',
  'bankAccount',
  'idNumber',
] as const;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

function adapt(target: Pino): Logger {
  return {
    debug: (event, fields) => target.debug(prepare(fields), event),
    info: (event, fields) => target.info(prepare(fields), event),
    warn: (event, fields) => target.warn(prepare(fields), event),
    error: (event, fields) => target.error(prepare(fields), event),
    child: (fields) => adapt(target.child(prepare(fields))),
  };
}

/** Errors as their code, message and causes: pino's own serialiser would print a cause's every property. */
function prepare(fields: LogFields = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? describe(value) : value,
    ]),
  );
}

function describe(error: Error, depth = 0): Record<string, unknown> {
  return {
    name: error.name,
    message: error.message,
    ...(error instanceof AppError ? { code: error.code } : {}),
    ...(depth === 0 ? { stack: error.stack } : {}),
    ...(error.cause instanceof Error && depth < 4
      ? { cause: describe(error.cause, depth + 1) }
      : {}),
  };
}

export function createLogger(level: LogLevel): Logger {
  const paths = REDACTED.flatMap((name) => [name, `*.${name}`]);
  return adapt(
    pino(
      {
        level,
        base: null,
        redact: { paths, censor: '[secret]' },
        timestamp: pino.stdTimeFunctions.isoTime,
      },
      pino.destination({ fd: 2, sync: true }),
    ),
  );
}
