/** What each problem means, as a page under its `type` and as one document for the repository. */
import { ERROR_CODES, ERROR_TEXTS, type ErrorCode } from '../kernel/index.js';
import { PROBLEMS, type ProblemRow } from './problem.js';

export function isErrorCode(text: string): text is ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(text);
}

/** A page for `/problems/<code>`; without script or style. */
export function problemPage(code: ErrorCode): string {
  const text = ERROR_TEXTS[code];
  const { status, isRetryable }: ProblemRow = PROBLEMS[code];
  const retry = isRetryable === true ? '可稍后重试 (retry later)' : '原样重试无效 (not by itself)';
  const rows = [
    ['HTTP', String(status)],
    ['重试 retry', retry],
    ['处理办法', text.hint],
    ['What to do', text.hintEn],
  ].map(
    ([name = '', value = '']) =>
      `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return [
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
    `<title>${escapeHtml(code)}</title></head><body>`,
    `<h1>${escapeHtml(text.title)}</h1><p lang="en">${escapeHtml(text.titleEn)}</p>`,
    `<p><code>${escapeHtml(code)}</code></p><table>${rows.join('')}</table>`,
    '</body></html>',
  ].join('\n');
}

/** `docs/problems.md`; a test compares it with what is committed. */
export function problemsMarkdown(): string {
  const rows = ERROR_CODES.map((code) => {
    const text = ERROR_TEXTS[code];
    const { status, isRetryable }: ProblemRow = PROBLEMS[code];
    const cells = [
      `\`${code}\``,
      String(status),
      isRetryable === true ? 'yes' : '',
      `${text.title}：${text.hint}`,
      `${text.titleEn}: ${text.hintEn}`,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '# Problems',
    '',
    'Every error of the HTTP interface is an `application/problem+json` document (RFC 9457) with one of',
    'these codes; `type` is `/problems/<code>`. `retry`: the same request may succeed later by itself.',
    '`record-version-conflict` answers 412 where the request carried If-Match.',
    'Made from `src/http/problem.ts` and `src/kernel/error-texts.ts`; a test compares them.',
    '',
    '<!-- prettier-ignore-start -->',
    '| code | status | retry | 含义与处理 | meaning and what to do |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '<!-- prettier-ignore-end -->',
    '',
  ].join('\n');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
