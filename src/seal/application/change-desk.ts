/** Changes of a seal that make a new version (延期, 换绑, 变更), as they begin: applied for by the unit, or proposed to it. */
import { hasRole, type Principal, type UnitIndex, type UnitRecord } from '../../access/index.js';
import { AppError, toRfc3339, type Clock } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../../store/index.js';
import { SealChanges, assertRevision, type SealChange } from '../life/seal-changes.js';
import type { SealIndex, SealRecord } from '../record.js';
import { lifeStateAt, statusAfter, type SealAction } from '../status.js';
import { newApplication, type ApplicantDesk } from './applicant-desk.js';
import type { ApplicationChanges } from './application-changes.js';
import { stepOf } from './dual-control.js';
import type { SealInformationForm, WantedSeal } from '../information-form/index.js';
import type { ApplicationPurpose, SealApplicationIndex, SealApplicationRecord } from './record.js';
import { APPLICATION_RIGHTS } from './states.js';

export interface ChangeDeskParts {
  readonly applications: Collection<SealApplicationRecord, SealApplicationIndex>;
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get'>;
  readonly clock: Clock;
  /** @throws AppError `seal-unit-closed` where the unit is no more */
  readonly assertUnitOpen: (unitId: string) => Promise<void>;
}

/** What is to be other than it is; the rest of the form is as the seal was last applied for. */
export type ChangeFields = Partial<
  Pick<
    SealInformationForm,
    'validUntil' | 'certificateSha256' | 'purpose' | 'structureVersion' | 'signerListing'
  >
>;

const ACTIONS = {
  renewal: 'renew',
  rebinding: 'rebind',
  alteration: 'alter',
} as const satisfies Record<Exclude<ApplicationPurpose, 'issue'>, SealAction>;

export class ChangeDesk {
  readonly #parts: ChangeDeskParts;
  readonly #changes: ApplicationChanges;
  readonly #applicants: Pick<ApplicantDesk, 'assertComplete'>;
  readonly #seals: SealChanges;

  constructor(
    parts: ChangeDeskParts,
    changes: ApplicationChanges,
    applicants: Pick<ApplicantDesk, 'assertComplete'>,
  ) {
    this.#parts = parts;
    this.#changes = changes;
    this.#applicants = applicants;
    this.#seals = new SealChanges(parts.seals, parts.clock);
  }

  /**
   * A renewal or a rebinding: submitted where the unit applies, proposed where the seal administrator does, until
   * the unit confirms it.
   *
   * @throws AppError `forbidden`, `seal-not-found`, `record-version-conflict`, `seal-transition-refused`,
   *   `seal-application-incomplete`, `seal-change-under-way`
   */
  async request(
    principal: Principal,
    sealId: string,
    request: SealChange & {
      readonly purpose: 'renewal' | 'rebinding';
      readonly fields: ChangeFields;
    },
  ): Promise<SealApplicationRecord> {
    const isProposal = hasRole(principal, 'seal-administrator');
    if (!isProposal) assertApplicant(principal);
    const before = await this.#changes.madeBefore(principal, { sealId, purpose: request.purpose });
    if (before !== undefined) return before;
    const { seal, unit, now } = await this.#begin(principal, sealId, request, request.purpose);
    const form = { ...(await this.#formOf(seal, unit, now)), ...request.fields };
    const application = newApplication(principal, unit, now, {
      purpose: request.purpose,
      sealId,
      state: isProposal ? 'proposed' : 'submitted',
      form,
      applicants: isProposal ? [] : [stepOf(principal, now)],
    });
    await this.#applicants.assertComplete(application);
    return this.#changes.insert(principal, application, isProposal ? 'proposed' : 'submitted');
  }

  /**
   * A new name or picture: a draft that the unit completes and submits.
   * @throws AppError as {@link request}
   */
  async draftAlteration(
    principal: Principal,
    sealId: string,
    request: SealChange,
  ): Promise<SealApplicationRecord> {
    assertApplicant(principal);
    const before = await this.#changes.madeBefore(principal, { sealId, purpose: 'alteration' });
    if (before !== undefined) return before;
    const { seal, unit, now } = await this.#begin(principal, sealId, request, 'alteration');
    const application = newApplication(principal, unit, now, {
      purpose: 'alteration',
      sealId,
      state: 'draft',
      form: await this.#formOf(seal, unit, now),
      applicants: [stepOf(principal, now)],
    });
    return this.#changes.insert(principal, application, 'drafted');
  }

  async #begin(
    principal: Principal,
    sealId: string,
    request: SealChange,
    purpose: keyof typeof ACTIONS,
  ): Promise<{ readonly seal: SealRecord; readonly unit: UnitRecord; readonly now: Date }> {
    const seal = await this.#seals.load(principal, sealId);
    assertRevision(seal, request);
    await this.#parts.assertUnitOpen(seal.unitId);
    const now = this.#parts.clock.now();
    // What is to be revoked is not renewed.
    const state = seal.revocation === undefined ? lifeStateAt(seal, now) : 'revoked';
    statusAfter(state, ACTIONS[purpose]);
    const unit = await this.#parts.units.get(seal.unitId, SCOPE_ALL);
    if (unit === undefined) throw new AppError('not-found', 'the unit is gone');
    return { seal, unit, now };
  }

  /** The unit as it is on register, the seal as it was last applied for, valid from now. */
  async #formOf(seal: SealRecord, unit: UnitRecord, now: Date): Promise<SealInformationForm> {
    const version = seal.versions.at(-1);
    const { applicationId } = version ?? {};
    const last =
      applicationId === undefined
        ? undefined
        : await this.#parts.applications.get(applicationId, SCOPE_ALL);
    const wanted = wantedOf(seal, last);
    return {
      ...last?.form,
      unitName: unit.name,
      creditCode: unit.creditCode,
      regionCode: unit.regionCode,
      ...(unit.budgetCode === undefined ? {} : { budgetCode: unit.budgetCode }),
      ...(seal.kind === 'legal-person' ? { legalRepresentative: { name: seal.name } } : {}),
      seals: [wanted],
      certificateSha256: version?.certificateSha256 ?? [],
      validFrom: toRfc3339(now),
      ...(version === undefined ? {} : { validUntil: version.validUntil }),
    };
  }
}

function wantedOf(seal: SealRecord, last: SealApplicationRecord | undefined): WantedSeal {
  const at = last?.preparation?.seals.findIndex(({ sealId }) => sealId === seal.id) ?? -1;
  const wanted = last?.form.seals?.[at];
  if (wanted === undefined) return { kind: seal.kind };
  // The attachment of another application is not this one's; an alteration brings its own.
  return Object.fromEntries(
    Object.entries(wanted).filter(([key]) => key !== 'specimenId'),
  ) as unknown as WantedSeal;
}

function assertApplicant(principal: Principal): void {
  if (hasRole(principal, ...APPLICATION_RIGHTS.submit)) return;
  throw new AppError('forbidden', 'changes of seals are applied for by units', {
    params: { action: 'submit' },
  });
}
