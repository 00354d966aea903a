/** Reads the environment: strings, no logic. */
import { VARIABLE_PREFIX } from './settings.js';

export type Environment = Readonly<Record<string, string>>;

/** Variables that the command line reads itself and that are no settings of the service. */
const NOT_SETTINGS: readonly string[] = [
  'QIANYIN_PIN',
  'QIANYIN_PDF_PASSWORD',
  'QIANYIN_CONFIG',
  'QIANYIN_TEST_KILL_AT',
];

/** The `QIANYIN_…` variables of `source`; an empty one counts as absent. */
export function readEnv(
  source: Readonly<Record<string, string | undefined>> = process.env,
): Environment {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    if (!name.startsWith(VARIABLE_PREFIX) || NOT_SETTINGS.includes(name)) continue;
    if (value !== undefined && value !== '') found[name] = value;
  }
  return found;
}
