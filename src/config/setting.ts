/** One setting: how its text becomes a value. A setting is the same whether it comes from the environment or a file. */
import { z } from 'zod';
import { Secret } from '../kernel/index.js';

export interface Setting<V> {
  readonly kind: 'setting';
  readonly schema: z.ZodType<V>;
  /** What applies where nothing is set, as the documentation shows it. */
  readonly defaultText: string;
  readonly description: string;
  readonly isSecret: boolean;
}

function setting<V>(
  schema: z.ZodType<V>,
  defaultText: string,
  description: string,
  isSecret = false,
): Setting<V> {
  return { kind: 'setting', schema, defaultText, description, isSecret };
}

export function text(fallback: string, description: string): Setting<string> {
  return setting(z.string().min(1).default(fallback), fallback, description);
}

/** @param fallbackText - what the documentation says applies where nothing is set */
export function optionalText(description: string, fallbackText = '—'): Setting<string | undefined> {
  return setting(z.string().min(1).optional(), fallbackText, description);
}

/** A value that is wrapped on entry, so that no message, log or dump shows it. */
export function optionalSecret(description: string): Setting<Secret | undefined> {
  const schema = z
    .string({ error: 'must be text' })
    .min(1)
    .transform((value) => Secret.fromText(value))
    .optional();
  return setting(schema as unknown as z.ZodType<Secret | undefined>, '—', description, true);
}

export function oneOf<const V extends string>(
  values: readonly [V, ...V[]],
  fallback: V,
  description: string,
): Setting<V> {
  const schema = z.enum(values).default(fallback as never);
  return setting(
    schema as unknown as z.ZodType<V>,
    fallback,
    `${description} (${values.join(' | ')})`,
  );
}

export interface IntegerRange {
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
}

/** A whole number within `[min, max]`; decimal digits only, so that `1e9` and `0x10` are faults. */
export function integer(range: IntegerRange, description: string): Setting<number> {
  const schema = z
    .preprocess(
      (value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
      z.int({ error: 'must be a whole number' }).min(range.min).max(range.max),
    )
    .default(range.fallback);
  return setting(schema, String(range.fallback), `${description} (${range.min} to ${range.max})`);
}

export function flag(fallback: boolean, description: string): Setting<boolean> {
  const schema = z
    .preprocess(
      (value) => (value === 'true' ? true : value === 'false' ? false : value),
      z.boolean({ error: 'must be true or false' }),
    )
    .default(fallback);
  return setting(schema, String(fallback), description);
}

/** Several values: a JSON array in a file, separated by commas in the environment. */
export function list(description: string): Setting<readonly string[]> {
  const schema = z
    .preprocess(
      (value) =>
        typeof value === 'string'
          ? value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
          : value,
      z.array(z.string().min(1), { error: 'must be a list of texts' }).readonly(),
    )
    .default([]);
  return setting(schema, '(none)', description);
}

/** An absolute http or https URL without user, query and fragment; a trailing slash is taken off. */
export function optionalUrl(description: string, fallbackText = '—'): Setting<string | undefined> {
  const schema = z
    .string()
    .refine(isPlainUrl, { error: 'must be an http(s) URL without user, query and fragment' })
    .transform((value) => value.replace(/\/+$/, ''))
    .optional();
  return setting(schema as unknown as z.ZodType<string | undefined>, fallbackText, description);
}

function isPlainUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return (
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === ''
  );
}
