/** `profile.json`: what the anchors in its folder are trusted for, and for how long. */
import { z } from 'zod';
import { AppError } from '../../kernel/index.js';
import { TRUST_USAGES } from '../trust-store.js';

export const DECLARATION_FILE = 'profile.json';

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const period = z.strictObject({
  trustedFrom: instant.optional(),
  trustedUntil: instant.optional(),
});

const declaration = period.extend({
  name: z.string().trim().min(1),
  usages: z.array(z.enum(TRUST_USAGES)).min(1).optional(),
  /** By file name of the anchor; an entry here replaces the period of the profile. */
  anchors: z.record(z.string(), period).optional(),
});

export type ProfileDeclaration = z.infer<typeof declaration>;

/**
 * A declaration that is not understood is refused rather than ignored: it would widen what is trusted.
 *
 * @throws AppError `trust-profile-invalid`
 */
export function parseDeclaration(path: string, text: string): ProfileDeclaration {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(path, 'not JSON', cause);
  }
  const parsed = declaration.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(path, `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}

export function invalid(path: string, reason: string, cause?: unknown): AppError {
  return new AppError('trust-profile-invalid', reason, {
    params: { file: path, reason },
    ...(cause === undefined ? {} : { cause }),
  });
}
