/** The published JSON schemas of OCDS, compiled: draft 4, whose `id` is today's `$id`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';

function schema(name: string): object {
  const path = join(import.meta.dirname, '../vectors/ocds', name);
  const { id, $schema, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Record<
    string,
    unknown
  >;
  if ($schema !== 'http://json-schema.org/draft-04/schema#') throw new Error('another draft');
  return { $id: id, ...rest };
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What does not conform, as text; `undefined` where all does. */
export function ocdsFaults(releasePackage: unknown): string | undefined {
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    formats: { uri: (text: string) => URL.canParse(text), 'date-time': RFC_3339 },
  });
  ajv.addSchema(schema('release-schema.json'));
  const validate = ajv.compile(schema('release-package-schema.json'));
  return validate(releasePackage) ? undefined : ajv.errorsText(validate.errors);
}
