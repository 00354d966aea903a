/** Everything that is wrong with a draft, each with a way to its field. */
import { fieldId } from '../../form/form-context.js';
import type { Field, Group } from '../../form/field.js';
import { useContractTexts } from '../../text/contracts/language.js';
import { pick, useLanguage } from '../../text/language.js';
import type { Draft } from './draft.js';

interface FoundListProps {
  readonly draft: Draft;
  readonly form: Group;
}

export function FoundList({ draft, form }: FoundListProps) {
  const { edit } = useContractTexts();
  const { language } = useLanguage();
  const { faults, findings } = draft;
  const lines = [
    ...faults.map(({ pointer, text }) => ({
      pointer,
      text,
      page: null,
      severity: 'error' as const,
    })),
    ...(findings ?? []).map((finding) => ({
      pointer: finding.pointer ?? '#',
      text: pick(language, finding),
      page: finding.page,
      severity: finding.severity,
    })),
  ];
  if (lines.length === 0) {
    return findings === undefined ? null : (
      <p className="verdict verdict-good">{edit.nothingFound}</p>
    );
  }
  const errors = lines.filter(({ severity }) => severity === 'error').length;
  return (
    <div className={`verdict ${errors > 0 ? 'verdict-bad' : 'verdict-open'}`} role="alert">
      <p className="trouble-title">
        {errors > 0 ? edit.errorsFound(errors) : edit.warningsFound(lines.length)}
      </p>
      <ul className="found-list">
        {lines.map(({ pointer, text, page, severity }) => (
          <li key={`${pointer} ${text} ${page}`}>
            {edit.severities[severity]}
            {pointer === '#' ? (
              text
            ) : (
              <button type="button" className="to-field" onClick={() => showField(pointer)}>
                <span lang="zh-CN">{labelOf(form, pointer)}</span>：{text}
              </button>
            )}
            {page !== null && edit.onPage(page)}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** `标的清单 1 金额` of `#/items/0/amount`. */
function labelOf(form: Group, pointer: string): string {
  let fields: readonly Field[] = form.fields;
  const labels: string[] = [];
  for (const step of pointer.split('/').slice(1)) {
    const field = fields.find(({ key }) => key === step);
    if (field === undefined) {
      labels.push(/^\d+$/.test(step) ? String(Number(step) + 1) : step);
      continue;
    }
    labels.push(field.label);
    fields = field.kind === 'group' ? field.fields : field.kind === 'table' ? field.columns : [];
  }
  return labels.join(' ');
}

/** The field, or what is nearest around it. */
function showField(pointer: string): void {
  const steps = pointer.split('/');
  for (let length = steps.length; length > 1; length--) {
    const element = document.getElementById(fieldId(steps.slice(0, length).join('/')));
    if (element === null) continue;
    const fold = element.closest('details');
    if (fold !== null) fold.open = true;
    element.focus();
    element.scrollIntoView({ block: 'center' });
    return;
  }
}
