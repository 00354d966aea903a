/** Fields a step sets; `undefined` removes the field. */
export type Changes<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** `record` with `changes`. An absent field is absent, not null or undefined, in every store. */
export function changed<T extends object>(record: T, changes: Changes<T>): T {
  const merged: Record<string, unknown> = { ...record, ...changes };
  for (const [key, value] of Object.entries(merged)) {
    if (value === undefined) Reflect.deleteProperty(merged, key);
  }
  return merged as T;
}
