/** The errors of this room, in one place so that every one of them carries its offset. */
import { AppError } from '../kernel/index.js';

/** A `pdf-malformed` error; `offset` counts bytes from the start of the file. */
export function malformed(message: string, offset?: number, cause?: unknown): AppError {
  return new AppError('pdf-malformed', offset === undefined ? message : `${message} at ${offset}`, {
    params: offset === undefined ? {} : { offset },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A `pdf-limit-exceeded` error naming the limit of {@link PdfLimits} that was met. */
export function limitExceeded(limit: string, allowed: number): AppError {
  return new AppError('pdf-limit-exceeded', `PDF exceeds ${limit} (${allowed})`, {
    params: { limit, allowed },
  });
}

/** A `pdf-unsupported` error naming the feature. */
export function unsupported(feature: string): AppError {
  return new AppError('pdf-unsupported', `PDF feature is not supported: ${feature}`, {
    params: { feature },
  });
}
