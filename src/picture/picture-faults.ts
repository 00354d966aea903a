/** What is wrong with a picture file, and how large one may be. */
import { AppError } from '../kernel/index.js';

export type PictureKind = 'png' | 'jpeg' | 'svg';

export const MOST_BYTES = 16 * 1024 * 1024;
/** 42 mm at 600 dpi are one million. */
export const MOST_PIXELS = 25_000_000;

export function malformedPicture(kind: PictureKind | 'unknown', cause?: unknown): AppError {
  return new AppError('picture-malformed', `not a ${kind} that can be read`, {
    params: { kind },
    ...(cause === undefined ? {} : { cause }),
  });
}

export function unsupportedPicture(kind: PictureKind, feature: string): AppError {
  return new AppError('picture-unsupported', `${kind} with ${feature}`, {
    params: { kind, feature },
  });
}

/** @throws AppError `picture-too-large` */
export function assertWithin(limit: 'bytes' | 'pixels' | 'elements', value: number, most: number) {
  if (value <= most) return;
  throw new AppError('picture-too-large', `too many ${limit}`, {
    params: { limit, value, allowed: most },
  });
}
