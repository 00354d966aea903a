/**
 * Placeholders: `{{path}}` or `{{path|filter}}`, where the path leads into the contract's data.
 * Values are put in once and never read again as a template.
 */
import { AppError } from '../kernel/index.js';
import { formatCapitals, formatYuanGrouped, parseYuan } from './amount.js';
import type { TemplateCondition } from './template.js';

/** What paths start from: the contract's data, and in a table's row the element as `row`. */
export type TemplateScope = Readonly<Record<string, unknown>>;

const PLACEHOLDER = /\{\{([A-Za-z][A-Za-z0-9.]*)(?:\|([a-z]+)(?::([^}]*))?)?\}\}/g;

/**
 * `text` with every placeholder replaced. Filters: `yuan` (1,409.50), `capitals` (大写), `date`
 * (2026年5月8日), `or:…` (what stands where the value is absent).
 *
 * @throws AppError `contract-data-invalid` (params `errors`) where a value is absent or does not suit its filter
 */
export function fillIn(text: string, scope: TemplateScope): string {
  return text.replace(PLACEHOLDER, (_whole, path: string, filter?: string, argument?: string) => {
    const value = valueAt(scope, path);
    if (value === undefined) {
      if (filter === 'or') return argument ?? '';
      throw invalid(path, '模板需要此项，数据中没有');
    }
    return filtered(path, value, filter);
  });
}

function filtered(path: string, value: string | number, filter: string | undefined): string {
  switch (filter) {
    case undefined:
    case 'or':
      return String(value);
    case 'yuan':
      return formatYuanGrouped(parseYuan(String(value)));
    case 'capitals':
      return formatCapitals(parseYuan(String(value)));
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
  if (present !== undefined && valueAt(scope, present) === undefined) return false;
  if (absent !== undefined && valueAt(scope, absent) !== undefined) return false;
  if (above !== undefined && !(Number(valueAt(scope, above[0])) > above[1])) return false;
  return equals === undefined || valueAt(scope, equals[0]) === equals[1];
}

function valueAt(scope: TemplateScope, path: string): string | number | undefined {
  let value: unknown = scope;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

function invalid(path: string, fault: string): AppError {
  const pointer = `#/${path.replaceAll('.', '/')}`;
  return new AppError('contract-data-invalid', `placeholder ${path} cannot be filled in`, {
    params: { errors: [`${pointer}: ${fault}`] },
  });
}
