/** Two people changed the same data: what differs, and what becomes of it. */
import type { Field, Group } from './field.js';
import { isValues, rowsOf, shownText, textsOf, withChange, type Values } from './values.js';

export interface Difference {
  readonly pointer: string;
  /** From the outermost group: `合同金额 / 合同金额（元）`. */
  readonly label: string;
  readonly mine: string;
  readonly theirs: string;
  readonly theirValue: unknown;
  /** Only the other one changed it, so theirs is taken unless the reader says otherwise. */
  readonly isTheirsAlone: boolean;
}

/** Tables and lists differ as a whole: their rows have no names by which to tell them apart. */
export function differencesOf(
  form: Group,
  versions: { readonly base: Values; readonly mine: Values; readonly theirs: Values },
): readonly Difference[] {
  const visit = (
    field: Field,
    pointer: string,
    labels: readonly string[],
  ): readonly Difference[] => {
    const named = [...labels, field.label];
    if (field.kind === 'group') {
      return field.fields.flatMap((each) =>
        visit(each, `${pointer}/${each.key}`, pointer === '#' ? [] : named),
      );
    }
    const [base, mine, theirs] = [versions.base, versions.mine, versions.theirs].map((values) =>
      valueAt(values, pointer),
    );
    if (isSame(mine, theirs)) return [];
    return [
      {
        pointer,
        label: named.join(' / '),
        mine: said(field, mine),
        theirs: said(field, theirs),
        theirValue: theirs,
        isTheirsAlone: isSame(base, mine),
      },
    ];
  };
  return visit(form, '#', []);
}

/** `mine`, with their values where they were chosen. */
export function merged(mine: Values, taken: readonly Difference[]): Values {
  return taken.reduce(
    (values, { pointer, theirValue }) => withChange(values, pointer, () => theirValue),
    mine,
  );
}

function valueAt(values: Values, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((node, step) => (isValues(node) ? node[step] : undefined), values);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => isSame(each, b[index]));
  }
  if (!isValues(a) || !isValues(b)) return false;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
    isSame(a[key], b[key]),
  );
}

function said(field: Field, value: unknown): string {
  if (field.kind === 'table') {
    return rowsOf(value)
      .map((row, index) => {
        const cells = field.columns.map((column) => said(column, row[column.key]));
        return `${index + 1}. ${cells.filter((cell) => cell !== '').join(' · ')}`;
      })
      .join('\n');
  }
  if (typeof value === 'boolean') return value ? '是' : '否';
  return Array.isArray(value) ? textsOf(value).join('\n') : shownText(value);
}
