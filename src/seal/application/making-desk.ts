/**
 * Making (制作): from an approved application to seals in the register, each with its picture and its
 * structure signed by the maker. Nothing but this draws a seal without 样章.
 *
 * Every arrow can be repeated: a seal or a version that this application has made already is left as it is,
 * so whoever is killed between two seals makes the rest by asking again.
 */
import type { Principal, UnitIndex, UnitRecord } from '../../access/index.js';
import { actorOf } from '../../access/index.js';
import {
  AppError,
  fromBase64,
  isAppError,
  toRfc3339,
  wholeSecond,
  type Clock,
  type FaultHook,
} from '../../kernel/index.js';
import { cachedCertificate } from '../../pki/index.js';
import { SCOPE_ALL, type BlobStore, type Collection } from '../../store/index.js';
import type { SigningKey } from '../../token/index.js';
import { sealEvent, type SealEventFacts } from '../events.js';
import { makeSeal } from '../make-seal.js';
import {
  artworkToPng,
  keptPicture,
  readArtwork,
  type PictureFile,
  type SealArtwork,
} from '../picture/artwork.js';
import { drawingToPdfOperators } from '../picture/drawing-to-pdf.js';
import { sealPictureFile } from '../picture/seal-picture-file.js';
import type { SealIndex, SealRecord, SealVersion } from '../record.js';
import { statusAfter, type SealAction } from '../status.js';
import type { ApplicantDesk } from './applicant-desk.js';
import type { ApplicationChanges, ApplicationStep } from './application-changes.js';
import { pictureDigest, type ApplicationPictures } from './application-picture.js';
import { assertMaker, stepOf } from './dual-control.js';
import type { ApplicationPurpose, PreparedSeal, SealApplicationRecord } from './record.js';
import { changed, keepsPicture, officialSealExists, preparedDigest } from './review-desk.js';

/** The seal maker's key, wherever it is. */
export interface SealMakerKeys {
  /** The caller closes it. @throws AppError `seal-maker-unavailable`, and what a token throws */
  open(): Promise<SigningKey>;
  /** For structures of version 5: an RFC 3161 token over a digest by SHA-256. */
  readonly timestamp?: (sha256: Uint8Array) => Promise<Uint8Array>;
}

export interface MakingDeskParts {
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get'>;
  readonly blobs: Pick<BlobStore, 'put' | 'read'>;
  readonly clock: Clock;
  readonly faults: FaultHook;
  readonly maker: SealMakerKeys;
  /** SHA-256 of a drawing's content stream as signatures show it. */
  readonly drawingDigest: (operators: Uint8Array) => Uint8Array;
  /** @throws AppError `seal-unit-closed` where the unit is no more */
  readonly assertUnitOpen: (unitId: string) => Promise<void>;
  /** Judges what was made as a stranger would. @throws AppError `signature-not-verified` */
  readonly verifyMade: (structureDer: Uint8Array) => Promise<void>;
}

/** What a change of a seal is called in the log. */
const CHANGE_EVENTS = {
  issue: 'issued',
  renewal: 'renewed',
  rebinding: 'rebound',
  alteration: 'altered',
} as const satisfies Record<ApplicationPurpose, SealEventFacts['what']>;

const CHANGE_ACTIONS: Readonly<Record<ApplicationPurpose, SealAction | undefined>> = {
  issue: undefined,
  renewal: 'renew',
  rebinding: 'rebind',
  alteration: 'alter',
};

/** 42 mm are 496 pixels; every signature carries the structure. */
const STRUCTURE_DPI = 300;

interface Making {
  readonly principal: Principal;
  readonly application: SealApplicationRecord;
  readonly unit: UnitRecord;
  readonly now: Date;
}

export class MakingDesk {
  readonly #parts: MakingDeskParts;
  readonly #changes: ApplicationChanges;
  readonly #applicants: Pick<ApplicantDesk, 'assertComplete'>;
  readonly #pictures: ApplicationPictures;

  constructor(
    parts: MakingDeskParts,
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
   * @throws AppError `seal-dual-control`, `seal-application-changed` where the content or what would be drawn
   *   is not what was approved, `seal-application-incomplete`, `seal-maker-unavailable`,
   *   `signature-not-verified`, `seal-unit-closed`, `conflict`; and as every step
   */
  async make(principal: Principal, request: ApplicationStep): Promise<SealApplicationRecord> {
    const application = await this.#changes.begin(principal, request, 'make');
    assertMaker(principal, application);
    await this.#parts.assertUnitOpen(application.unitId);
    const digest = preparedDigest(application);
    if (digest === undefined || application.approval?.contentSha256 !== digest) throw changed();
    await this.#applicants.assertComplete(application);
    const unit = await this.#parts.units.get(application.unitId, SCOPE_ALL);
    if (unit === undefined) throw new AppError('not-found', 'the unit is gone');
    const making = { principal, application, unit, now: this.#parts.clock.now() };
    const prepared = application.preparation?.seals ?? [];
    for (const [index, seal] of prepared.entries()) {
      await this.#makeOne(making, seal, index);
      this.#parts.faults('seal:made');
    }
    return this.#changes.commit(
      principal,
      application,
      'make',
      { making: stepOf(principal, making.now) },
      { contentSha256: digest, seals: prepared.map(({ sealId }) => sealId).join(' ') },
    );
  }

  async #makeOne(making: Making, prepared: PreparedSeal, index: number): Promise<void> {
    const { application } = making;
    const known = await this.#parts.seals.get(prepared.sealId, SCOPE_ALL);
    if (known?.versions.some((each) => each.applicationId === application.id) === true) return;
    if (application.sealId === undefined) {
      if (known === undefined) await this.#insert(making, prepared, index);
      return;
    }
    if (known === undefined) throw new AppError('seal-not-found', 'the seal is gone');
    await this.#replace(making, prepared, index, known);
  }

  async #insert(making: Making, prepared: PreparedSeal, index: number): Promise<void> {
    const { application, unit, now } = making;
    const version = await this.#version(making, prepared, index, undefined);
    const wanted = application.form.seals?.[index];
    const bare: SealRecord = {
      id: prepared.sealId,
      version: 1,
      revision: 1,
      code: prepared.code,
      name: prepared.name,
      kind: wanted?.kind ?? 'other',
      unitId: unit.id,
      regionCode: unit.regionCode,
      status: 'active',
      statusHistory: [{ at: toRfc3339(now), status: 'active' }],
      versions: [version],
      createdAt: toRfc3339(now),
      pendingEvents: [],
    };
    try {
      await this.#parts.seals.insert({
        ...bare,
        pendingEvents: [this.#event(making, bare, version)],
      });
    } catch (error) {
      if (!isAppError(error, 'record-exists')) throw error;
      if (error.params['index'] === 'officialSealOf') throw officialSealExists(unit.id);
      // Another process makes the same application: its seal is as good.
      if (error.params['index'] !== 'id') throw error;
    }
  }

  async #replace(
    making: Making,
    prepared: PreparedSeal,
    index: number,
    seal: SealRecord,
  ): Promise<void> {
    const action = CHANGE_ACTIONS[making.application.purpose];
    // A renewal that was applied for in time may be made a day late.
    if (action !== undefined) statusAfter(seal.status, action);
    const version = await this.#version(making, prepared, index, seal);
    const next: SealRecord = {
      ...seal,
      version: seal.version + 1,
      revision: seal.revision + 1,
      name: prepared.name,
      versions: [...seal.versions, version],
      pendingEvents: [...seal.pendingEvents, this.#event(making, seal, version)],
    };
    await this.#parts.seals.replace(next);
  }

  /** A version with its bytes durable: the picture and the structure, verified before it is kept. */
  async #version(
    making: Making,
    prepared: PreparedSeal,
    index: number,
    seal: SealRecord | undefined,
  ): Promise<SealVersion> {
    const { application, unit, now } = making;
    const { form } = application;
    const { blobs } = this.#parts;
    const picture = await this.#picture(application, prepared, index);
    const validFrom = wholeSecond(new Date(form.validFrom ?? now));
    const validUntil = wholeSecond(new Date(form.validUntil ?? now));
    const certificates = (form.certificateSha256 ?? []).map((sha256) => enrolled(unit, sha256));
    const structureDer = await this.#structure(making, prepared, picture, {
      validFrom,
      validUntil,
      certificates,
      isPersonal: form.seals?.[index]?.kind === 'legal-person',
    });
    await this.#parts.verifyMade(structureDer);
    const pictureBlobId = await blobs.put([picture.bytes]);
    const structureBlobId = await blobs.put([structureDer]);
    const ends = certificates.map((der) => cachedCertificate(der).notAfter.getTime());
    return {
      number: (seal?.versions.at(-1)?.number ?? 0) + 1,
      name: prepared.name,
      validFrom: toRfc3339(validFrom),
      validUntil: toRfc3339(validUntil),
      certificateSha256: form.certificateSha256 ?? [],
      certificatesUntil: toRfc3339(new Date(Math.min(...ends))),
      pictureBlobId,
      structureBlobId,
      structureVersion: form.structureVersion ?? 4,
      widthMm: picture.widthMm,
      heightMm: picture.heightMm,
      madeAt: toRfc3339(now),
      applicationId: application.id,
    };
  }

  /** The picture without mark; it must be the one that was approved. */
  async #picture(
    application: SealApplicationRecord,
    prepared: PreparedSeal,
    index: number,
  ): Promise<PictureFile> {
    const { name, code, pictureSha256 } = prepared;
    const wanted = application.form.seals?.[index];
    if (keepsPicture(application.purpose, wanted?.specimenId)) {
      return keptPicture(await this.#parts.blobs.read(pictureSha256), prepared);
    }
    if (wanted === undefined) throw changed();
    const picture = await this.#pictures.unmarked({ application, wanted, name, code });
    if (pictureDigest(picture) !== pictureSha256) throw changed();
    return picture;
  }

  async #structure(
    { application, now }: Making,
    { code, name }: PreparedSeal,
    picture: PictureFile,
    facts: {
      readonly validFrom: Date;
      readonly validUntil: Date;
      readonly certificates: readonly Uint8Array[];
      readonly isPersonal: boolean;
    },
  ): Promise<Uint8Array> {
    const { maker, drawingDigest } = this.#parts;
    const { structureVersion, signerListing } = application.form;
    const version = structureVersion ?? 4;
    const artwork = readArtwork(picture);
    await using key = await maker.open();
    return await makeSeal({
      version,
      code,
      name,
      isPersonal: facts.isPersonal,
      picture: sealPictureFile(structurePicture(picture, artwork, version), picture, version),
      signers: facts.certificates,
      listing: signerListing ?? 'certificates',
      createdAt: wholeSecond(now),
      validFrom: facts.validFrom,
      validUntil: facts.validUntil,
      maker: key,
      ...(artwork.kind === 'drawing'
        ? { drawingSha256: drawingDigest(drawingToPdfOperators(artwork.drawing).operators) }
        : {}),
      ...(maker.timestamp === undefined ? {} : { timestamp: maker.timestamp }),
    });
  }

  #event({ principal, application, now }: Making, seal: SealRecord, version: SealVersion) {
    return sealEvent(seal, {
      what: CHANGE_EVENTS[application.purpose],
      actor: actorOf(principal),
      at: now,
      details: {
        kind: seal.kind,
        version: version.number,
        validUntil: version.validUntil,
        certificates: version.certificateSha256.join(' '),
        applicationId: application.id,
        structureSha256: version.structureBlobId ?? null,
      },
      requestId: principal.requestId,
    });
  }
}

/**
 * A drawing stays one since version 5; before, it is kept in pixels. What a signature shows is the drawing itself,
 * whose digest the structure holds, so the pixels need only be good enough to be looked at. A scan is shown as it
 * lies in the structure.
 */
function structurePicture(picture: PictureFile, artwork: SealArtwork, version: 4 | 5): Uint8Array {
  return version === 5 || artwork.kind === 'scan'
    ? picture.bytes
    : artworkToPng(artwork, STRUCTURE_DPI);
}

function enrolled(unit: UnitRecord, sha256: string): Uint8Array {
  const found = unit.certificates.find((each) => each.sha256 === sha256);
  const der = found === undefined ? undefined : fromBase64(found.derB64);
  if (der !== undefined) return der;
  throw new AppError('seal-certificate-mismatch', 'not enrolled at the unit', {
    params: { certificateSha256: sha256 },
  });
}
