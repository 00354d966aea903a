/** What a value of the data is called, whom a JSON pointer would tell little. */
import type { Field, Group } from './field.js';

/**
 * From the outermost group in: `标的清单 / 2 / 金额`, rows counted from 1. Steps that the form does not
 * know stay as the pointer has them.
 */
export function labelOf(form: Group, pointer: string): string {
  let field: Field | undefined = form;
  const labels = stepsOf(pointer).map((step) => {
    const isRow = field !== undefined && isListed(field) && /^\d+$/.test(step);
    if (isRow) return String(Number(step) + 1);
    field = fieldsOf(field).find(({ key }) => key === step);
    return field?.label ?? step;
  });
  return labels.join(' / ');
}

const isListed = ({ kind }: Field): boolean =>
  kind === 'table' || kind === 'lines' || kind === 'choices';

function fieldsOf(field: Field | undefined): readonly Field[] {
  if (field?.kind === 'group') return field.fields;
  return field?.kind === 'table' ? field.columns : [];
}

function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
