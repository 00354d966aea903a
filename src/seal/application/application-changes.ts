/** One step of one application: read with its rights, then written with its event in one conditional write. */
import {
  isRequestDone,
  madeBefore,
  scopeOf,
  withRequestDone,
  type Principal,
} from '../../access/index.js';
import type { AuditEvent } from '../../audit/index.js';
import { AppError, isAppError, type Clock } from '../../kernel/index.js';
import type { Collection } from '../../store/index.js';
import { applicationEvent } from './events.js';
import type { SealApplicationIndex, SealApplicationRecord } from './record.js';
import { applicationStateAfter, assertMay, type ApplicationAction } from './states.js';

/** Which application, and the revision the caller has seen (If-Match). */
export interface ApplicationStep {
  readonly id: string;
  readonly expectedRevision?: number;
}

/** Fields a step sets; `undefined` takes one away. */
export type ApplicationFields = {
  readonly [K in keyof SealApplicationRecord]?: SealApplicationRecord[K] | undefined;
};

/** Past tense, for the log. */
const EVENT_NAMES = {
  edit: 'edited',
  submit: 'submitted',
  confirm: 'confirmed',
  prepare: 'prepared',
  approve: 'approved',
  make: 'made',
  return: 'returned',
  reject: 'rejected',
  withdraw: 'withdrawn',
} as const satisfies Record<ApplicationAction, string>;

export class ApplicationChanges {
  readonly #applications: Collection<SealApplicationRecord, SealApplicationIndex>;
  readonly #clock: Clock;

  constructor(applications: Collection<SealApplicationRecord, SealApplicationIndex>, clock: Clock) {
    this.#applications = applications;
    this.#clock = clock;
  }

  /** @throws AppError `seal-application-not-found`, also where the principal may not see it */
  async load(principal: Principal, id: string): Promise<SealApplicationRecord> {
    const application = await this.#applications.get(id, scopeOf(principal));
    if (application === undefined) {
      throw new AppError('seal-application-not-found', 'no such application');
    }
    return application;
  }

  /**
   * What the same request made before it broke off.
   * @throws AppError `idempotency-key-reused` where it was about something else
   */
  madeBefore(
    principal: Principal,
    about: Pick<SealApplicationRecord, 'purpose'> & {
      readonly unitId?: string;
      readonly sealId?: string;
    },
  ): Promise<SealApplicationRecord | undefined> {
    const { purpose, unitId, sealId } = about;
    return madeBefore(
      this.#applications,
      'sap',
      principal,
      (made) =>
        made.purpose === purpose &&
        made.sealId === sealId &&
        (unitId === undefined || made.unitId === unitId),
    );
  }

  /** `act`, unless the same request has been here before and only its answer was lost. */
  async once(
    principal: Principal,
    id: string,
    act: () => Promise<SealApplicationRecord>,
  ): Promise<SealApplicationRecord> {
    if (principal.requestKey === undefined) return act();
    const application = await this.load(principal, id);
    return isRequestDone(application, principal) ? application : act();
  }

  /**
   * Checks role, sight, revision and state: everything that can refuse before something is made.
   * @throws AppError `forbidden`, `seal-application-not-found`, `record-version-conflict`,
   *   `seal-application-transition-refused`
   */
  async begin(
    principal: Principal,
    { id, expectedRevision }: ApplicationStep,
    action: ApplicationAction,
  ): Promise<SealApplicationRecord> {
    assertMay(principal, action);
    const application = await this.load(principal, id);
    if (expectedRevision !== undefined && expectedRevision !== application.revision) {
      throw new AppError('record-version-conflict', 'the application was changed meanwhile');
    }
    applicationStateAfter(application.state, action);
    return application;
  }

  /** @throws AppError `record-version-conflict` where somebody was faster; `record-exists` */
  async commit(
    principal: Principal,
    application: SealApplicationRecord,
    action: ApplicationAction,
    fields: ApplicationFields,
    details: AuditEvent['details'] = {},
  ): Promise<SealApplicationRecord> {
    const state = applicationStateAfter(application.state, action);
    const merged: Record<string, unknown> = { ...application, ...fields, state };
    for (const [key, value] of Object.entries(merged)) {
      if (value === undefined) Reflect.deleteProperty(merged, key);
    }
    const at = this.#clock.now();
    const event = applicationEvent(application, EVENT_NAMES[action], principal, at, details);
    const next: SealApplicationRecord = {
      ...(merged as unknown as SealApplicationRecord),
      version: application.version + 1,
      revision: application.revision + 1,
      pendingEvents: [...application.pendingEvents, event],
    };
    const done = withRequestDone(next, principal.requestKey);
    await this.#applications.replace(done);
    return done;
  }

  /** @throws AppError `seal-change-under-way` where the seal has another change open */
  async insert(
    principal: Principal,
    bare: SealApplicationRecord,
    what: string,
  ): Promise<SealApplicationRecord> {
    const event = applicationEvent(bare, what, principal, this.#clock.now());
    const application = { ...bare, pendingEvents: [event] };
    try {
      await this.#applications.insert(application);
    } catch (error) {
      if (!isAppError(error, 'record-exists') || error.params['index'] !== 'openChangeOf') {
        throw error;
      }
      throw new AppError('seal-change-under-way', 'another change of the seal is under way');
    }
    return application;
  }
}
