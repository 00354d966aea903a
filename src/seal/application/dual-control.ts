/** 双人复核: who applies, who prepares and who approves are different persons with different UKeys. */
import type { Principal } from '../../access/index.js';
import { AppError, toRfc3339 } from '../../kernel/index.js';
import type { SealApplicationRecord, Step } from './record.js';

/** The step of `principal` at `at`. */
export function stepOf(principal: Principal, at: Date): Step {
  const { accountId, certificateSha256 } = principal;
  return {
    accountId,
    at: toRfc3339(at),
    ...(certificateSha256 === undefined ? {} : { certificateSha256 }),
  };
}

/**
 * Whoever prepares or makes has not applied, nor approved.
 * @throws AppError `seal-dual-control`, params `reason`
 */
export function assertMaker(principal: Principal, application: SealApplicationRecord): void {
  assertIndependent(principal, application);
  if (application.approval !== undefined) assertOther(principal, application.approval);
}

/**
 * Whoever approves has neither applied nor prepared.
 * @throws AppError `seal-dual-control`, params `reason`
 */
export function assertChecker(principal: Principal, application: SealApplicationRecord): void {
  assertIndependent(principal, application);
  if (application.preparation !== undefined) assertOther(principal, application.preparation);
}

function assertIndependent(principal: Principal, application: SealApplicationRecord): void {
  if (principal.certificateSha256 === undefined) throw refused('certificate-required');
  const { accountId, certificateSha256 } = principal;
  const hasApplied = application.applicants.some(
    (step) => step.accountId === accountId || step.certificateSha256 === certificateSha256,
  );
  if (hasApplied) throw refused('applicant');
}

function assertOther(principal: Principal, step: Step): void {
  if (step.accountId === principal.accountId) throw refused('same-person');
  if (step.certificateSha256 === principal.certificateSha256) throw refused('same-certificate');
}

function refused(
  reason: 'certificate-required' | 'applicant' | 'same-person' | 'same-certificate',
): AppError {
  return new AppError('seal-dual-control', `refused under dual control: ${reason}`, {
    params: { reason },
  });
}
