import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { problemsMarkdown } from '../../../src/http/index.js';
import { PROBLEMS, problemOf, retryAfterSeconds } from '../../../src/http/problem.js';
import { AppError, ERROR_CODES } from '../../../src/kernel/index.js';

const context = { requestId: '11111111-2222-3333-4444-555555555555' };

describe('problemOf', () => {
  it.each(ERROR_CODES)('%s has a status and a text in both languages', (code) => {
    const problem = problemOf(new AppError(code, 'for the log only'), context);
    expect(problem.status).toBe(PROBLEMS[code].status);
    expect(problem.status).toBeGreaterThanOrEqual(400);
    expect(problem.title).toMatch(/\p{Script=Han}/u);
    expect(problem.titleEn).toMatch(/[a-z]/i);
    expect(JSON.stringify(problem)).not.toContain('for the log only');
  });

  it('says nothing of an error that is not ours', () => {
    const problem = problemOf(new TypeError('secret path /srv/x'), context);
    expect(problem).toMatchObject({ code: 'internal', status: 500 });
    expect(JSON.stringify(problem)).not.toContain('/srv');
  });

  it('keeps facts inside where the code says so', () => {
    const shown = problemOf(
      new AppError('seal-revoked', 'x', { params: { since: '2026' } }),
      context,
    );
    expect(shown.params).toEqual({ since: '2026' });
    const hidden = problemOf(
      new AppError('store-unavailable', 'x', { params: { host: 'db-1' } }),
      context,
    );
    expect(hidden.params).toBeUndefined();
  });

  it('turns lines of faults into pointers', () => {
    const params = { errors: ['#/items/0: 缺少: 数量', 'no pointer'], from: 'draft' };
    const problem = problemOf(new AppError('contract-data-invalid', 'x', { params }), context);
    expect(problem.errors).toEqual([
      { pointer: '#/items/0', detail: '缺少: 数量' },
      { pointer: '#', detail: 'no pointer' },
    ]);
    expect(problem.params).toEqual({ from: 'draft' });
  });

  it('answers a version that does not match 412 where the caller named it', () => {
    const conflict = new AppError('record-version-conflict', 'x');
    expect(problemOf(conflict, context).status).toBe(409);
    expect(problemOf(conflict, { ...context, hasIfMatch: true }).status).toBe(412);
  });
});

describe('retryAfterSeconds', () => {
  it('takes what the error says, else a few seconds, else nothing', () => {
    const told = new AppError('rate-limited', 'x', { params: { retryAfterSeconds: 17 } });
    expect(retryAfterSeconds(problemOf(told, context))).toBe(17);
    expect(retryAfterSeconds(problemOf(new AppError('token-absent', 'x'), context))).toBe(5);
    expect(retryAfterSeconds(problemOf(new AppError('forbidden', 'x'), context))).toBeUndefined();
  });
});

describe('docs/problems.md', () => {
  it('lists every code as the service answers it (UPDATE_DOCS=1 rewrites it)', () => {
    const path = join(process.cwd(), 'docs', 'problems.md');
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, problemsMarkdown());
    expect(readFileSync(path, 'utf8')).toBe(problemsMarkdown());
  });
});
