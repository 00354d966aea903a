/** What is another in one version of a contract than in the other: field by field, and line by line on each page. */
import type { ContractData } from './contract-data.js';

export interface FieldDifference {
  /** JSON pointer into the data. */
  readonly pointer: string;
  /** As JSON has it; absent where the field is not there. */
  readonly before?: FieldValue;
  readonly after?: FieldValue;
}

export type FieldValue = string | number | boolean | null;

export interface PageDifference {
  /** From 1. */
  readonly page: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Every value that differs; of lists, position by position. */
export function fieldDifferences(
  before: ContractData | undefined,
  after: ContractData | undefined,
): readonly FieldDifference[] {
  const old = leavesOf(before);
  const now = leavesOf(after);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((pointer) => {
    const [was, is] = [old.get(pointer), now.get(pointer)];
    if (was === is) return [];
    return [
      {
        pointer,
        ...(was === undefined ? {} : { before: was }),
        ...(is === undefined ? {} : { after: is }),
      },
    ];
  });
}

function leavesOf(data: unknown): ReadonlyMap<string, FieldValue> {
  const leaves = new Map<string, FieldValue>();
  const visit = (value: unknown, pointer: string): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        visit(child, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
      }
    } else if (value !== undefined) leaves.set(pointer, value as FieldValue);
  };
  visit(data, '#');
  return leaves;
}

/** Lines that a page has lost and gained; pages without either are left out. */
export function pageDifferences(
  before: readonly (readonly string[])[],
  after: readonly (readonly string[])[],
): readonly PageDifference[] {
  return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => ({
    page: index + 1,
    removed: without(before[index] ?? [], after[index] ?? []),
    added: without(after[index] ?? [], before[index] ?? []),
  })).filter(({ removed, added }) => removed.length > 0 || added.length > 0);
}

/** `lines` in order, less one for each that `others` has too. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}
