/** What a form holds: JSON as it will be sent, but numbers as they are typed; and what becomes of it. */
import type { Field, Group } from './field.js';
import { tidyYuan } from './money.js';

export type Values = Readonly<Record<string, unknown>>;

export function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function rowsOf(value: unknown): readonly Values[] {
  return Array.isArray(value) ? value.filter(isValues) : [];
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** A value as an input shows it. */
export function shownText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** @param pointer - as a URI fragment: `#/items/0/amount` */
export function withChange(
  values: Values,
  pointer: string,
  change: (before: unknown) => unknown,
): Values {
  return changedAt(values, pointer.split('/').slice(1), change) as Values;
}

function changedAt(
  node: unknown,
  [step, ...rest]: readonly string[],
  change: (before: unknown) => unknown,
): unknown {
  if (step === undefined) return change(node);
  if (Array.isArray(node)) {
    const items: readonly unknown[] = node;
    return items.map((each, index) =>
      String(index) === step ? changedAt(each, rest, change) : each,
    );
  }
  const object = isValues(node) ? node : {};
  return { ...object, [step]: changedAt(object[step], rest, change) };
}

/** The same without rows that nobody has filled in, so that rows sent and rows shown have one number. */
export function withoutEmptyRows(form: Group, values: Values): Values {
  const tables = form.fields.filter((field) => field.kind === 'table');
  return tables.reduce((all, { key, columns }) => {
    const rows = rowsOf(all[key]);
    const filled = rows.filter((row) =>
      columns.some((column) => dataOf(column, row[column.key]) !== undefined),
    );
    return filled.length === rows.length ? all : { ...all, [key]: filled };
  }, values);
}

/** As it is sent: trimmed, numbers as numbers; `undefined` where there is nothing. */
export function dataOf(field: Field, value: unknown): unknown {
  switch (field.kind) {
    case 'group': {
      const values = isValues(value) ? value : {};
      const filled = field.fields.flatMap((each) => {
        const data = each.kind === 'constant' ? undefined : dataOf(each, values[each.key]);
        return data === undefined ? [] : [[each.key, data] as const];
      });
      if (filled.length === 0) return undefined;
      const constants = field.fields.flatMap((each) =>
        each.kind === 'constant' ? [[each.key, each.value] as const] : [],
      );
      return Object.fromEntries([...filled, ...constants]);
    }
    case 'table': {
      const rows = rowsOf(value).map(
        (row) => dataOf({ ...field, kind: 'group', fields: field.columns }, row) ?? {},
      );
      return rows.length === 0 ? undefined : rows;
    }
    case 'lines': {
      const lines = textsOf(value)
        .map((line) => line.trim())
        .filter((line) => line !== '');
      return lines.length === 0 ? undefined : lines;
    }
    case 'choices': {
      const chosen = textsOf(value);
      return chosen.length === 0 ? undefined : chosen;
    }
    case 'yes-no':
      return typeof value === 'boolean' ? value : undefined;
    case 'constant':
      return field.value;
    case 'number': {
      const text = shownText(value).trim();
      if (text === '') return undefined;
      return /^-?[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : text;
    }
    case 'money': {
      const text = tidyYuan(shownText(value));
      return text === '' ? undefined : text;
    }
    case 'text':
    case 'date':
    case 'choice': {
      const text = shownText(value).trim();
      return text === '' ? undefined : text;
    }
  }
}

/** What is missing, or no number, found before anything is sent; the service judges the rest. */
export interface Gap {
  readonly pointer: string;
  readonly kind: 'missing' | 'no-number';
}

export function gapsOf(field: Field, data: unknown, pointer = '#'): readonly Gap[] {
  if (data === undefined) {
    if (!field.isRequired || field.kind === 'constant') return [];
    if (field.kind !== 'group') return [{ pointer, kind: 'missing' }];
  }
  if (field.kind === 'group') {
    const values = isValues(data) ? data : {};
    return field.fields.flatMap((each) => gapsOf(each, values[each.key], `${pointer}/${each.key}`));
  }
  if (field.kind === 'table') {
    return rowsOf(data).flatMap((row, index) =>
      field.columns.flatMap((each) =>
        gapsOf(each, row[each.key], `${pointer}/${index}/${each.key}`),
      ),
    );
  }
  return field.kind === 'number' && typeof data !== 'number'
    ? [{ pointer, kind: 'no-number' }]
    : [];
}
