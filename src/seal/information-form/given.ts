/** A check of a field that may be absent. */
import type { FormFault } from './form-fault.js';

export function given<T>(
  value: T | undefined,
  check: (value: T) => readonly FormFault[],
): readonly FormFault[] {
  return value === undefined ? [] : check(value);
}
