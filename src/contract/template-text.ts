/**
 * Placeholders: `{{path}}` or `{{path|filter}}`, where the path leads into the contract's data.
 * Values are put in once and never read again as a template.
 */
import { AppError } from '../kernel/index.js';
import { formatCapitals, formatYuanGrouped, parseYuan } from './amount.js';
import type { TemplateCondition } from './template.js';

/** What paths start from: the contract's data, and in a table's row the element as `row`. */
export type TemplateScope = Readonly<Record<string, unknown>>;

/** Path, filter, argument of the filter. */
export const PLACEHOLDER = /\{\{([A-Za-z][A-Za-z0-9.]*)(?:\|([a-z]+)(?::([^}]*))?)?\}\}/g;

/**
 * `text` with every placeholder replaced. Filters: `yuan` (1,409.50), `capitals` (大写), `date`
 * (2026年5月8日), `yesno` (是, 否), `or:…` (what stands where the value is absent).
 *
 * @throws AppError `contract-data-invalid` (params `errors`) where a value is absent or does not suit its filter
 */
export function fillIn(text: string, scope: TemplateScope): string {
  return text.replace(PLACEHOLDER, (_whole, path: string, filter?: string, argument?: string) => {
    const value = valueAt(scope, path);
    if (value === undefined || value === '') {
      if (filter === 'or') return argument ?? '';
      throw invalid(path, '模板需要此项，数据中没有');
    }
    return filtered(path, value, filter);
  });
}

function filtered(path: string, value: TemplateValue, filter: string | undefined): string {
  switch (filter) {
    case undefined:
    case 'or':
      return String(value);
    case 'yuan':
      return formatYuanGrouped(parseYuan(String(value)));
    case 'capitals':
      return formatCapitals(parseYuan(String(value)));
    case 'yesno':
      return value === true ? '是' : '否';
    case 'date':
      return chineseDate(path, String(value));
    default:
      throw invalid(path, `模板使用了未知的格式 ${filter}`);
  }
}

function chineseDate(path: string, value: string): string {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(value);
  if (match === null) throw invalid(path, '不是 YYYY-MM-DD 日期');
  return `${Number(match[1])}年${Number(match[2])}月${Number(match[3])}日`;
}

/** Whether a part with condition `when` stays in the document. */
export function holds(when: TemplateCondition | undefined, scope: TemplateScope): boolean {
  if (when === undefined) return true;
  const { present, absent, above, equals } = when;
  if (present !== undefined && nodeAt(scope, present) === undefined) return false;
  if (absent !== undefined && nodeAt(scope, absent) !== undefined) return false;
  if (above !== undefined && !(Number(valueAt(scope, above[0])) > above[1])) return false;
  return equals === undefined || valueAt(scope, equals[0]) === equals[1];
}

type TemplateValue = string | number | boolean;

function valueAt(scope: TemplateScope, path: string): TemplateValue | undefined {
  const value = nodeAt(scope, path);
  if (Array.isArray(value)) {
    const texts: readonly unknown[] = value;
    return texts.every((each) => typeof each === 'string') ? texts.join('、') : undefined;
  }
  const isValue =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isValue ? value : undefined;
}

/** The texts of the list at `path`; none where there is no list. */
export function textsAt(scope: TemplateScope, path: string): readonly string[] {
  const value = nodeAt(scope, path);
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function nodeAt(scope: TemplateScope, path: string): unknown {
  let value: unknown = scope;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

function invalid(path: string, fault: string): AppError {
  const pointer = `#/${path.replaceAll('.', '/')}`;
  return new AppError('contract-data-invalid', `placeholder ${path} cannot be filled in`, {
    params: { errors: [`${pointer}: ${fault}`] },
  });
}
