/** What applicants do: write, attach, submit, confirm a renewal, withdraw. */
import {
  hasRole,
  idOfRequest,
  scopeOf,
  type Principal,
  type UnitIndex,
  type UnitRecord,
} from '../../access/index.js';
import { AppError, isAppError, toRfc3339, type Clock } from '../../kernel/index.js';
import type { BlobStore, Collection, Page } from '../../store/index.js';
import type { ApplicationChanges, ApplicationStep } from './application-changes.js';
import type { ApplicationPictures } from './application-picture.js';
import { MAX_ATTACHMENTS, attachmentRefused, attachmentType } from './attachment-checks.js';
import { stepOf } from './dual-control.js';
import type { SealInformationForm } from '../information-form/index.js';
import type {
  Attachment,
  AttachmentKind,
  SealApplicationIndex,
  SealApplicationRecord,
  Step,
} from './record.js';
import { APPLICATION_RIGHTS, type ApplicationState } from './states.js';
import { specimenFault, submissionFaults, type SubmissionFault } from './submission-checks.js';

export interface ApplicantDeskParts {
  readonly applications: Collection<SealApplicationRecord, SealApplicationIndex>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get'>;
  readonly blobs: Pick<BlobStore, 'put' | 'read'>;
  readonly clock: Clock;
}

export interface NewAttachment {
  readonly kind: AttachmentKind;
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

export interface ApplicationQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly state?: ApplicationState;
  readonly unitId?: string;
  readonly sealId?: string;
}

export class ApplicantDesk {
  readonly #parts: ApplicantDeskParts;
  readonly #changes: ApplicationChanges;
  readonly #pictures: Pick<ApplicationPictures, 'cleaned'>;

  constructor(
    parts: ApplicantDeskParts,
    changes: ApplicationChanges,
    pictures: Pick<ApplicationPictures, 'cleaned'>,
  ) {
    this.#parts = parts;
    this.#changes = changes;
    this.#pictures = pictures;
  }

  /**
   * A draft for new seals; `unitId` is for those who act for the units of a region.
   * @throws AppError `forbidden`, `not-found` (unit)
   */
  async create(
    principal: Principal,
    request: { readonly unitId?: string; readonly form: SealInformationForm },
  ): Promise<SealApplicationRecord> {
    if (!hasRole(principal, ...APPLICATION_RIGHTS.edit)) {
      throw new AppError('forbidden', 'seals are applied for by units');
    }
    const unit = await this.#unitOf(principal, request.unitId ?? principal.unitId);
    const before = await this.#changes.madeBefore(principal, { unitId: unit.id, purpose: 'issue' });
    if (before !== undefined) return before;
    const at = this.#parts.clock.now();
    const bare = newApplication(principal, unit, at, {
      purpose: 'issue',
      state: 'draft',
      form: request.form,
      applicants: [stepOf(principal, at)],
    });
    return this.#changes.insert(principal, bare, 'drafted');
  }

  get(principal: Principal, id: string): Promise<SealApplicationRecord> {
    return this.#changes.load(principal, id);
  }

  list(principal: Principal, query: ApplicationQuery): Promise<Page<SealApplicationRecord>> {
    const { limit, cursor, state, unitId, sealId } = query;
    return this.#parts.applications.find(
      {
        where: {
          ...(state === undefined ? {} : { state: { eq: state } }),
          ...(unitId === undefined ? {} : { unitId: { eq: unitId } }),
          ...(sealId === undefined ? {} : { sealId: { eq: sealId } }),
        },
        orderBy: 'createdAt',
        direction: 'desc',
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      },
      scopeOf(principal),
    );
  }

  /** The form anew, as a whole; what was prepared or approved of the old one is void. */
  async edit(
    principal: Principal,
    request: ApplicationStep & { readonly form: SealInformationForm },
  ): Promise<SealApplicationRecord> {
    const application = await this.#changes.begin(principal, request, 'edit');
    return this.#changes.commit(principal, application, 'edit', {
      form: request.form,
      ...this.#edited(principal, application),
    });
  }

  /** @throws AppError `seal-attachment-refused` (params `reason`), and as `edit` */
  async attach(
    principal: Principal,
    request: ApplicationStep & { readonly attachment: NewAttachment },
  ): Promise<SealApplicationRecord> {
    const attachmentId = idOfRequest('att', principal);
    const before = await this.#changes.load(principal, request.id);
    if (before.attachments.some(({ id }) => id === attachmentId)) return before;
    const application = await this.#changes.begin(principal, request, 'edit');
    const { kind, fileName, bytes } = request.attachment;
    const mediaType = attachmentType(bytes);
    if (application.attachments.length >= MAX_ATTACHMENTS) throw attachmentRefused('too-many');
    const sha256 = await this.#parts.blobs.put([bytes]);
    const attachment: Attachment = {
      id: attachmentId,
      kind,
      fileName,
      mediaType,
      sizeBytes: bytes.length,
      sha256,
      addedAt: toRfc3339(this.#parts.clock.now()),
    };
    const changes = {
      attachments: [...application.attachments, attachment],
      ...this.#edited(principal, application),
    };
    const details = { attachment: kind, sha256 };
    return this.#changes.commit(principal, application, 'edit', changes, details);
  }

  /** @throws AppError `not-found` where there is no such attachment, and as `edit` */
  async detach(
    principal: Principal,
    request: ApplicationStep & { readonly attachmentId: string },
  ): Promise<SealApplicationRecord> {
    const application = await this.#changes.begin(principal, request, 'edit');
    const { attachmentId } = request;
    const attachments = application.attachments.filter(({ id }) => id !== attachmentId);
    if (attachments.length === application.attachments.length) throw noAttachment();
    return this.#changes.commit(
      principal,
      application,
      'edit',
      { attachments, ...this.#edited(principal, application) },
      { detached: attachmentId },
    );
  }

  /** @throws AppError `seal-application-not-found`, `not-found` */
  async attachment(
    principal: Principal,
    id: string,
    attachmentId: string,
  ): Promise<{ readonly attachment: Attachment; readonly bytes: Uint8Array }> {
    const application = await this.#changes.load(principal, id);
    const attachment = application.attachments.find((each) => each.id === attachmentId);
    if (attachment === undefined) throw noAttachment();
    return { attachment, bytes: await this.#parts.blobs.read(attachment.sha256) };
  }

  /** @throws AppError `seal-application-incomplete` (params `errors`: one text a fault), `unavailable` */
  async submit(principal: Principal, request: ApplicationStep): Promise<SealApplicationRecord> {
    const application = await this.#changes.begin(principal, request, 'submit');
    await this.assertComplete(application);
    await this.#assertScansUsable(application);
    return this.#changes.commit(principal, application, 'submit', {
      applicants: withStep(application.applicants, this.#step(principal)),
    });
  }

  /** 延期确认: the unit agrees to what the seal administrator proposes. @throws AppError as `submit` */
  async confirm(principal: Principal, request: ApplicationStep): Promise<SealApplicationRecord> {
    const application = await this.#changes.begin(principal, request, 'confirm');
    await this.assertComplete(application);
    return this.#changes.commit(principal, application, 'confirm', {
      applicants: withStep(application.applicants, this.#step(principal)),
    });
  }

  async withdraw(principal: Principal, request: ApplicationStep): Promise<SealApplicationRecord> {
    const application = await this.#changes.begin(principal, request, 'withdraw');
    return this.#changes.commit(principal, application, 'withdraw', {});
  }

  /** @throws AppError `seal-application-incomplete`, params `errors` */
  async assertComplete(
    application: Pick<SealApplicationRecord, 'form' | 'purpose' | 'unitId' | 'attachments'>,
  ): Promise<void> {
    const unit = await this.#parts.units.get(application.unitId, { kind: 'all' });
    if (unit === undefined) throw new AppError('not-found', 'the unit is gone');
    const { purpose, attachments } = application;
    const facts = { purpose, unit, attachments, now: this.#parts.clock.now() };
    const faults = submissionFaults(application.form, facts);
    if (faults.length > 0) throw incomplete(faults);
  }

  /** Whoever can scan again is told at once, not the maker who prepares it. */
  async #assertScansUsable(application: SealApplicationRecord): Promise<void> {
    const faults: SubmissionFault[] = [];
    for (const [index, wanted] of (application.form.seals ?? []).entries()) {
      try {
        await this.#pictures.cleaned({ application, wanted });
      } catch (error) {
        if (!isAppError(error) || isAppError(error, 'unavailable')) throw error;
        faults.push(specimenFault(index, error));
      }
    }
    if (faults.length > 0) throw incomplete(faults);
  }

  #edited(principal: Principal, application: SealApplicationRecord) {
    return {
      applicants: withStep(application.applicants, this.#step(principal)),
      preparation: undefined,
      approval: undefined,
    };
  }

  #step(principal: Principal): Step {
    return stepOf(principal, this.#parts.clock.now());
  }

  async #unitOf(principal: Principal, unitId: string | undefined): Promise<UnitRecord> {
    const unit =
      unitId === undefined ? undefined : await this.#parts.units.get(unitId, scopeOf(principal));
    if (unit === undefined) throw new AppError('not-found', 'no such unit');
    return unit;
  }
}

/** An application's record as it begins. */
export function newApplication(
  principal: Principal,
  unit: Pick<UnitRecord, 'id' | 'regionCode'>,
  at: Date,
  fields: Pick<SealApplicationRecord, 'purpose' | 'state' | 'form' | 'applicants'> & {
    readonly sealId?: string;
  },
): SealApplicationRecord {
  return {
    ...fields,
    id: idOfRequest('sap', principal),
    version: 1,
    revision: 1,
    unitId: unit.id,
    regionCode: unit.regionCode,
    attachments: [],
    refusals: [],
    createdAt: toRfc3339(at),
    pendingEvents: [],
  };
}

export function incomplete(faults: readonly SubmissionFault[]): AppError {
  return new AppError('seal-application-incomplete', 'the information form has faults', {
    params: { errors: faults.map(({ pointer, detail }) => `${pointer}: ${detail}`) },
  });
}

/** Each person once, with the newest time. */
function withStep(steps: readonly Step[], step: Step): readonly Step[] {
  const isSame = (each: Step): boolean =>
    each.accountId === step.accountId && each.certificateSha256 === step.certificateSha256;
  return [...steps.filter((each) => !isSame(each)), step];
}

function noAttachment(): AppError {
  return new AppError('not-found', 'no such attachment');
}
