/** Templates that contracts are made from, and the schema of what they ask for. */
import type { Caller } from './caller.js';
import type { JsonSchema } from './json-schema.js';

export interface TemplateSummary {
  readonly id: string;
  readonly version: number;
  readonly name: string;
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
