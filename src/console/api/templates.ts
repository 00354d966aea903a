/** Templates that contracts are made from, and the schema of what they ask for. */
import type { Caller } from './caller.js';

export interface TemplateSummary {
  readonly id: string;
  readonly version: number;
  readonly name: string;
}

/** The part of JSON Schema 2020-12 that the schemas of contract data use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly pattern?: string;
  readonly examples?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
}

export interface Template extends TemplateSummary {
  readonly schema: JsonSchema;
}

/** `goods@2`, as the API names a version of a template. */
export function templateKey({ id, version }: TemplateSummary): string {
  return `${id}@${version}`;
}

export async function listTemplates(
  caller: Caller,
  signal: AbortSignal,
): Promise<readonly TemplateSummary[]> {
  const { items } = await caller.json<{ readonly items: readonly TemplateSummary[] }>(
    'GET',
    '/templates',
    { signal },
  );
  return items;
}

export function getTemplate(caller: Caller, key: string, signal?: AbortSignal): Promise<Template> {
  return caller.json('GET', `/templates/${encodeURIComponent(key)}`, { signal });
}
