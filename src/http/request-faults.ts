/** What is wrong with a request, as a list with pointers. Values never appear: they may be secret. */
import type { z } from 'zod';
import { AppError } from '../kernel/index.js';
import type { RequestFault } from './problem.js';

const MAX_FAULTS = 50;

/** @returns AppError `request-invalid`, params `errors` */
export function requestInvalid(faults: readonly RequestFault[]): AppError {
  const errors = faults.slice(0, MAX_FAULTS).map(({ pointer, detail }) => `${pointer}: ${detail}`);
  return new AppError('request-invalid', errors.join('; '), { params: { errors } });
}

/** @param prefix - what comes before the place: `#/`, `query/`, `path/` */
export function faultsOf(issue: z.core.$ZodIssue, prefix: string): readonly RequestFault[] {
  const place = issue.path.map((step) => String(step).replace(/~/g, '~0').replace(/\//g, '~1'));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: prefix + [...place, key.replace(/~/g, '~0').replace(/\//g, '~1')].join('/'),
      detail: '不认识的字段 (unknown property)',
    }));
  }
  return [{ pointer: prefix + place.join('/'), detail: issue.message }];
}
