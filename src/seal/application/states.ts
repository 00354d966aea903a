/**
 * The way of an application for seals, and who takes each step. Preparing (制作单位审核) and approving
 * (复核) are two persons' work; `made` is the end that has seals.
 */
import { hasRole, type Principal, type Role } from '../../access/index.js';
import { AppError } from '../../kernel/index.js';

export const APPLICATION_STATES = [
  /** A renewal that the seal administrator proposes; the unit has not confirmed it yet. */
  'proposed',
  'draft',
  'submitted',
  'prepared',
  'approved',
  'made',
  'returned',
  'rejected',
  'withdrawn',
] as const;
export type ApplicationState = (typeof APPLICATION_STATES)[number];

export const APPLICATION_ACTIONS = [
  'edit',
  'submit',
  'confirm',
  'prepare',
  'approve',
  'make',
  'return',
  'reject',
  'withdraw',
] as const;
export type ApplicationAction = (typeof APPLICATION_ACTIONS)[number];

/** State before → action → state after. An edit takes back what was prepared and approved before it. */
export const APPLICATION_TRANSITIONS = {
  proposed: { confirm: 'submitted', reject: 'rejected', withdraw: 'withdrawn' },
  draft: { edit: 'draft', submit: 'submitted', withdraw: 'withdrawn' },
  submitted: {
    edit: 'draft',
    prepare: 'prepared',
    return: 'returned',
    reject: 'rejected',
    withdraw: 'withdrawn',
  },
  prepared: {
    edit: 'draft',
    approve: 'approved',
    return: 'returned',
    reject: 'rejected',
    withdraw: 'withdrawn',
  },
  approved: { edit: 'draft', make: 'made', return: 'returned', withdraw: 'withdrawn' },
  returned: { edit: 'draft', withdraw: 'withdrawn' },
  made: {},
  rejected: {},
  withdrawn: {},
} as const satisfies Record<ApplicationState, Partial<Record<ApplicationAction, ApplicationState>>>;

const APPLICANTS = ['unit-handler', 'supplier-signer', 'budget-system'] as const;
const REVIEWERS = ['seal-administrator', 'seal-reviewer', 'supervisor'] as const;

/** Which roles take a step, each within the region or unit that it reaches. */
export const APPLICATION_RIGHTS = {
  edit: APPLICANTS,
  submit: APPLICANTS,
  confirm: ['unit-handler', 'unit-seal-approver', 'supplier-signer'],
  prepare: ['seal-administrator'],
  approve: ['seal-reviewer', 'supervisor'],
  make: ['seal-administrator'],
  return: REVIEWERS,
  reject: REVIEWERS,
  withdraw: APPLICANTS,
} as const satisfies Record<ApplicationAction, readonly [Role, ...Role[]]>;

/** States that nothing leads out of. */
export function isClosed(state: ApplicationState): boolean {
  return Object.keys(APPLICATION_TRANSITIONS[state]).length === 0;
}

/** @throws AppError `forbidden`, params `action` */
export function assertMay(principal: Principal, action: ApplicationAction): void {
  if (hasRole(principal, ...APPLICATION_RIGHTS[action])) return;
  throw new AppError('forbidden', `not allowed to ${action} seal applications`, {
    params: { action },
  });
}

/** @throws AppError `seal-application-transition-refused`, params `action`, `from` */
export function applicationStateAfter(
  from: ApplicationState,
  action: ApplicationAction,
): ApplicationState {
  const row: Partial<Record<ApplicationAction, ApplicationState>> = APPLICATION_TRANSITIONS[from];
  const next = row[action];
  if (next !== undefined) return next;
  throw new AppError('seal-application-transition-refused', `${action} is not possible`, {
    params: { action, from },
  });
}
