/** The logger every room is handed. Fields, not sentences; the adapter (pino, in `app`) redacts and writes. */

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** Something a human must act on. */
  error(event: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line: a request id, a job id. */
  child(fields: LogFields): Logger;
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
