/** What makers and checkers do with a submitted application: prepare, approve, return, reject. */
import type { Principal, UnitIndex, UnitRecord } from '../../access/index.js';
import { AppError, isAppError, newId, type Clock } from '../../kernel/index.js';
import { SCOPE_ALL, type BlobStore, type Collection } from '../../store/index.js';
import { keptPicture, type PictureFile } from '../picture/artwork.js';
import type { SealIndex, SealRecord } from '../record.js';
import { nextSealCodes } from '../seal-code.js';
import type { ApplicantDesk } from './applicant-desk.js';
import type { ApplicationChanges, ApplicationStep } from './application-changes.js';
import {
  pictureDigest,
  type ApplicationPictureRequest,
  type ApplicationPictures,
} from './application-picture.js';
import { contentDigest } from './content-digest.js';
import { assertChecker, assertMaker, stepOf } from './dual-control.js';
import type { WantedSeal } from '../information-form/index.js';
import type {
  ApplicationPurpose,
  PreparedSeal,
  Refusal,
  SealApplicationIndex,
  SealApplicationRecord,
} from './record.js';

export interface ReviewDeskParts {
  readonly applications: Collection<SealApplicationRecord, SealApplicationIndex>;
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get'>;
  readonly blobs: Pick<BlobStore, 'put' | 'read'>;
  readonly clock: Clock;
}

export interface RefusalRequest extends ApplicationStep {
  readonly reason: string;
  /** Places in the form, each with what is wrong. */
  readonly faults?: Refusal['faults'];
}

/** Two who prepare at the same time may have been given one code; the second asks again. */
const MAX_CODE_TRIES = 20;

export class ReviewDesk {
  readonly #parts: ReviewDeskParts;
  readonly #changes: ApplicationChanges;
  readonly #applicants: Pick<ApplicantDesk, 'assertComplete'>;
  readonly #pictures: ApplicationPictures;

  constructor(
    parts: ReviewDeskParts,
    changes: ApplicationChanges,
    applicants: Pick<ApplicantDesk, 'assertComplete'>,
    pictures: ApplicationPictures,
  ) {
    this.#parts = parts;
    this.#changes = changes;
    this.#applicants = applicants;
    this.#pictures = pictures;
  }

  /**
   * The maker has checked the application: codes are given, pictures fixed by their digests.
   *
   * @throws AppError `seal-dual-control`, `seal-application-incomplete` where something has become
   *   untrue since, `specimen-unsuitable`, `seal-name-unsuitable`, `glyph-missing`, `conflict`; and as
   *   every step
   */
  async prepare(principal: Principal, request: ApplicationStep): Promise<SealApplicationRecord> {
    const application = await this.#changes.begin(principal, request, 'prepare');
    assertMaker(principal, application);
    await this.#applicants.assertComplete(application);
    for (let tries = 1; ; tries++) {
      const seals = await this.#sealsOf(application);
      const contentSha256 = contentDigest(application, seals);
      const preparation = { ...stepOf(principal, this.#parts.clock.now()), seals, contentSha256 };
      try {
        return await this.#changes.commit(
          principal,
          application,
          'prepare',
          { preparation },
          { contentSha256, codes: seals.map(({ code }) => code).join(' ') },
        );
      } catch (error) {
        const isCodeTaken = isAppError(error, 'record-exists') && error.params['index'] === 'code';
        if (!isCodeTaken || tries === MAX_CODE_TRIES) throw error;
      }
    }
  }

  /**
   * The checker approves exactly the content with this digest.
   * @throws AppError `seal-dual-control`, `seal-application-changed`; and as every step
   */
  async approve(
    principal: Principal,
    request: ApplicationStep & { readonly contentSha256: string; readonly note?: string },
  ): Promise<SealApplicationRecord> {
    const application = await this.#changes.begin(principal, request, 'approve');
    assertChecker(principal, application);
    const { contentSha256, note } = request;
    if (contentSha256 !== preparedDigest(application)) throw changed();
    const approval = {
      ...stepOf(principal, this.#parts.clock.now()),
      contentSha256,
      ...(note === undefined ? {} : { note }),
    };
    const details = { contentSha256 };
    return this.#changes.commit(principal, application, 'approve', { approval }, details);
  }

  return(principal: Principal, request: RefusalRequest): Promise<SealApplicationRecord> {
    return this.#refuse(principal, request, 'return', 'returned');
  }

  reject(principal: Principal, request: RefusalRequest): Promise<SealApplicationRecord> {
    return this.#refuse(principal, request, 'reject', 'rejected');
  }

  /**
   * The picture of one wanted seal as it is reviewed: marked 样章, with its code once that is given.
   * @throws AppError `seal-application-not-found`, `not-found`, `seal-application-incomplete` where
   *   there is no name yet, and what drawing throws
   */
  async preview(principal: Principal, id: string, index: number): Promise<PictureFile> {
    const application = await this.#changes.load(principal, id);
    const wanted = application.form.seals?.[index];
    if (wanted === undefined) throw new AppError('not-found', 'no such seal in the form');
    const prepared = application.preparation?.seals[index];
    const code = prepared?.code ?? '0'.repeat(13);
    const request = { application, wanted, name: sealNameOf(application, wanted), code };
    const kept = await this.#keptPicture(application, prepared, wanted);
    return kept === undefined
      ? this.#pictures.marked(request)
      : this.#pictures.markedAsKept(kept, request);
  }

  /** The scan as it was cleaned when it was prepared, or the picture that a renewal leaves as it is. */
  async #keptPicture(
    { purpose, sealId }: SealApplicationRecord,
    prepared: PreparedSeal | undefined,
    { specimenId }: WantedSeal,
  ): Promise<PictureFile | undefined> {
    if (prepared !== undefined && keepsPicture(purpose, specimenId)) {
      return keptPicture(await this.#parts.blobs.read(prepared.pictureSha256), prepared);
    }
    if (sealId === undefined || !keepsPicture(purpose)) return undefined;
    const seal = await this.#parts.seals.get(sealId, SCOPE_ALL);
    const newest = seal?.versions.at(-1);
    if (newest === undefined) return undefined;
    return keptPicture(await this.#parts.blobs.read(newest.pictureBlobId), newest);
  }

  async #refuse(
    principal: Principal,
    request: RefusalRequest,
    action: 'return' | 'reject',
    kind: Refusal['kind'],
  ): Promise<SealApplicationRecord> {
    const application = await this.#changes.begin(principal, request, action);
    const { reason, faults } = request;
    const refusal: Refusal = {
      ...stepOf(principal, this.#parts.clock.now()),
      kind,
      reason,
      faults: faults ?? [],
    };
    const fields = {
      refusals: [...application.refusals, refusal],
      preparation: undefined,
      approval: undefined,
    };
    return this.#changes.commit(principal, application, action, fields, { reason });
  }

  async #sealsOf(application: SealApplicationRecord): Promise<readonly PreparedSeal[]> {
    const { seals, applications } = this.#parts;
    const wanted = application.form.seals ?? [];
    if (application.sealId !== undefined) {
      const seal = await seals.get(application.sealId, SCOPE_ALL);
      if (seal === undefined) throw new AppError('seal-not-found', 'the seal is gone');
      return Promise.all(wanted.slice(0, 1).map((each) => this.#changed(application, each, seal)));
    }
    await this.#assertNoOfficialSeal(application);
    const takers = { seals, applications };
    const codes = await nextSealCodes(takers, application.regionCode, wanted.length);
    return Promise.all(
      wanted.map((each, index) =>
        this.#prepared(application, each, { sealId: newId('seal'), code: codes[index] ?? '' }),
      ),
    );
  }

  async #changed(
    application: SealApplicationRecord,
    wanted: WantedSeal,
    seal: SealRecord,
  ): Promise<PreparedSeal> {
    const { id: sealId, code } = seal;
    const newest = seal.versions.at(-1);
    if (!keepsPicture(application.purpose) || newest === undefined) {
      return this.#prepared(application, wanted, { sealId, code });
    }
    const { pictureBlobId: pictureSha256, widthMm, heightMm } = newest;
    return { sealId, code, name: seal.name, pictureSha256, widthMm, heightMm };
  }

  async #prepared(
    application: SealApplicationRecord,
    wanted: WantedSeal,
    { sealId, code }: Pick<PreparedSeal, 'sealId' | 'code'>,
  ): Promise<PreparedSeal> {
    const name = sealNameOf(application, wanted);
    const request: ApplicationPictureRequest = { application, wanted, name, code };
    const picture = await this.#pictures.unmarked(request);
    const { widthMm, heightMm } = picture;
    // A drawing is drawn anew when the seal is made; what was cleaned of a scan is kept until then.
    if (wanted.specimenId !== undefined) await this.#parts.blobs.put([picture.bytes]);
    return { sealId, code, name, pictureSha256: pictureDigest(picture), widthMm, heightMm };
  }

  async #assertNoOfficialSeal(application: SealApplicationRecord): Promise<void> {
    if (application.form.seals?.some(({ kind }) => kind === 'official') !== true) return;
    const { unitId } = application;
    const known = await this.#parts.seals.getBy('officialSealOf', unitId, SCOPE_ALL);
    if (known === undefined) return;
    throw officialSealExists(unitId);
  }
}

/**
 * Whether the picture is there before the seal is made: a renewal leaves it as it was, and a scan is cleaned
 * when it is prepared.
 */
export function keepsPicture(purpose: ApplicationPurpose, specimenId?: string): boolean {
  return purpose === 'renewal' || purpose === 'rebinding' || specimenId !== undefined;
}

/** What an approval of the application as it is now would be given for. */
export function preparedDigest(application: SealApplicationRecord): string | undefined {
  const { preparation } = application;
  if (preparation === undefined) return undefined;
  const digest = contentDigest(application, preparation.seals);
  return digest === preparation.contentSha256 ? digest : undefined;
}

/** A unit's seal carries the unit's legal name; only a square seal carries a person's. */
export function sealNameOf(
  { form }: Pick<SealApplicationRecord, 'form'>,
  { kind }: Pick<WantedSeal, 'kind'>,
): string {
  const name = kind === 'legal-person' ? form.legalRepresentative?.name : form.unitName;
  if (name !== undefined && name.trim() !== '') return name;
  throw new AppError('seal-name-unsuitable', 'the seal has no name yet', {
    params: { reason: 'missing' },
  });
}

export function changed(): AppError {
  return new AppError('seal-application-changed', 'the content is not what was approved');
}

export function officialSealExists(unitId: string): AppError {
  return new AppError('conflict', 'the unit has an official seal that is not revoked', {
    params: { reason: 'official-seal-exists', unitId },
  });
}
