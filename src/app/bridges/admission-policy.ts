/** The configured kinds of content that documents may hold, checked against those there are. */
import { AppError } from '../../kernel/index.js';
import { ADMISSION_KINDS, isAdmissionKind, type AdmissionPolicy } from '../../signing/index.js';

/** @throws AppError `config-invalid`, params `faults` */
export function admissionPolicy(allow: readonly string[]): AdmissionPolicy {
  const unknown = allow.filter((name) => !isAdmissionKind(name));
  if (unknown.length > 0) {
    const kinds = [...Object.keys(ADMISSION_KINDS), 'all'].join(', ');
    throw new AppError('config-invalid', 'no such kind of content', {
      params: { faults: [`signing.allow: each must be one of ${kinds}`] },
    });
  }
  return allow.filter(isAdmissionKind);
}
