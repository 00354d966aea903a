/** The register of seals: made, renewed, rebound, stopped and revoked, each change with its event. */
import {
  actorOf,
  hasRole,
  scopeOf,
  type Principal,
  type UnitIndex,
  type UnitRecord,
} from '../access/index.js';
import type { AuditEvent } from '../audit/index.js';
import {
  AppError,
  bytesToUtf8,
  isAppError,
  newId,
  toRfc3339,
  utf8ToBytes,
  type Clock,
} from '../kernel/index.js';
import { SCOPE_ALL, type BlobStore, type Collection, type Page } from '../store/index.js';
import type { SealDrawing } from './drawing.js';
import { sealEvent, type SealEventFacts } from './events.js';
import { drawSeal } from './picture/draw-seal.js';
import { drawingToSvg } from './picture/drawing-to-svg.js';
import type { FontFace } from '../font/index.js';
import { svgToDrawing } from './picture/svg-to-drawing.js';
import {
  type EffectiveSealStatus,
  type RevocationReason,
  type SealIndex,
  type SealKind,
  type SealRecord,
  type SealStatus,
  type SealVersion,
} from './record.js';
import { nextSealCode } from './seal-code.js';
import { effectiveStatus, statusAfter, versionAt, type SealAction } from './status.js';

export interface SealServiceParts {
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get'>;
  readonly blobs: Pick<BlobStore, 'put' | 'read'>;
  readonly clock: Clock;
  /** Draws new pictures; those of seals that exist are kept as they were drawn. */
  readonly font: FontFace;
}

export interface IssueSeal {
  readonly unitId: string;
  readonly kind: SealKind;
  /** The unit's legal name where absent; the representative's for a square seal. */
  readonly name?: string;
  /** The line below the star of a seal of kind `other`; 业务专用章 where absent. */
  readonly kindText?: string;
  /** The usual size of the kind where absent. */
  readonly sizeMm?: number;
  readonly validFrom: Date;
  readonly validUntil: Date;
  /** SHA-256 (hex) of certificates enrolled at the unit. */
  readonly certificateSha256: readonly string[];
}

/** A change of one seal; `expectedRevision` is the one the caller has seen (If-Match). */
export interface SealChange {
  readonly expectedRevision?: number;
}

export interface PublicSealStatus {
  readonly code: string;
  readonly name: string;
  readonly kind: SealKind;
  readonly status: EffectiveSealStatus;
  readonly validFrom: string;
  readonly validUntil: string;
}

export interface SealService {
  /**
   * @throws AppError `forbidden`, `not-found` (unit), `input-invalid` (params `field`),
   *   `seal-name-unsuitable` (params `reason`), `glyph-missing`, `seal-certificate-mismatch` for a
   *   certificate that is not enrolled at the unit, `conflict` (params `reason`) where the unit has
   *   an official seal already
   */
  issue(principal: Principal, request: IssueSeal): Promise<SealRecord>;
  /** @throws AppError `seal-not-found` */
  get(principal: Principal, sealId: string): Promise<SealRecord>;
  list(
    principal: Principal,
    query: {
      readonly limit: number;
      readonly cursor?: string;
      readonly unitId?: string;
      readonly status?: SealStatus;
    },
  ): Promise<Page<SealRecord>>;
  /**
   * 延期: a new version with new dates; the old one stays for verification. The new one takes its
   * place at once, so `validFrom` is not in the future. The picture stays as it is.
   * @throws AppError `forbidden`, `seal-not-found`, `record-version-conflict`,
   *   `seal-transition-refused`, `seal-name-unsuitable` where the unit has another name by now,
   *   `seal-certificate-mismatch` where a certificate was taken off the unit, `input-invalid`
   */
  renew(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly validFrom: Date; readonly validUntil: Date },
  ): Promise<SealRecord>;
  /** A renewed certificate means a new version: its list no longer matches. @throws AppError as `renew` */
  rebind(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly certificateSha256: readonly string[] },
  ): Promise<SealRecord>;
  /** @throws AppError `forbidden`, `seal-not-found`, `record-version-conflict`, `seal-transition-refused` */
  suspend(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly reason?: string },
  ): Promise<SealRecord>;
  /** @throws AppError as `suspend` */
  resume(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly reason?: string },
  ): Promise<SealRecord>;
  /** For ever. @throws AppError as `suspend` */
  revoke(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly reason: RevocationReason; readonly note?: string },
  ): Promise<SealRecord>;
  /** What anybody may know of the seal as it was at `at`. @throws AppError `seal-not-found` */
  publicStatus(code: string, at: Date): Promise<PublicSealStatus>;
  /**
   * The picture of a version as it was drawn when the seal was issued; the newest are kept in memory.
   * @throws AppError `seal-not-found`, `blob-not-found`, `blob-corrupt`
   */
  drawingOf(seal: SealRecord, versionNumber: number): Promise<SealDrawing>;
}

const MAX_CODE_TRIES = 100;
const MAX_CERTIFICATES = 20;
const CACHED_DRAWINGS = 500;

export function createSealService(parts: SealServiceParts): SealService {
  return new SealRegister(parts);
}

class SealRegister implements SealService {
  readonly #parts: SealServiceParts;
  /** By blob: the versions of one seal share a picture. Oldest first. */
  readonly #drawings = new Map<string, SealDrawing>();

  constructor(parts: SealServiceParts) {
    this.#parts = parts;
  }

  async issue(principal: Principal, request: IssueSeal): Promise<SealRecord> {
    assertMaker(principal);
    const unit = await this.#parts.units.get(request.unitId, scopeOf(principal));
    if (unit === undefined) throw new AppError('not-found', 'no such unit');
    assertPeriod(request);
    const { certificateSha256 } = request;
    assertEnrolled(unit, certificateSha256);
    const name = sealName(unit, request);
    const now = this.#parts.clock.now();
    for (let tries = 0; ; tries++) {
      const code = await nextSealCode(this.#parts.seals, unit.regionCode);
      const version = await this.#firstVersion(request, name, code, now);
      const bare: SealRecord = {
        id: newId('seal'),
        version: 1,
        revision: 1,
        code,
        name,
        kind: request.kind,
        unitId: unit.id,
        regionCode: unit.regionCode,
        status: 'active',
        statusHistory: [{ at: toRfc3339(now), status: 'active' }],
        versions: [version],
        createdAt: toRfc3339(now),
        pendingEvents: [],
      };
      const details = { kind: bare.kind, validUntil: version.validUntil };
      const seal = {
        ...bare,
        pendingEvents: [
          sealEvent(bare, {
            what: 'issued',
            actor: actorOf(principal),
            at: now,
            details,
            requestId: principal.requestId,
          }),
        ],
      };
      try {
        await this.#parts.seals.insert(seal);
        return seal;
      } catch (error) {
        if (!isAppError(error, 'record-exists')) throw error;
        if (error.params['index'] === 'officialSealOf') throw hasOfficialSeal(unit);
        // Somebody else took the code; codes are never used twice.
        if (error.params['index'] !== 'code' || tries >= MAX_CODE_TRIES) throw error;
      }
    }
  }

  async get(principal: Principal, sealId: string): Promise<SealRecord> {
    const seal = await this.#parts.seals.get(sealId, scopeOf(principal));
    if (seal === undefined) throw new AppError('seal-not-found', 'no such seal');
    return seal;
  }

  list(principal: Principal, query: Parameters<SealService['list']>[1]): Promise<Page<SealRecord>> {
    const { limit, cursor, unitId, status } = query;
    return this.#parts.seals.find(
      {
        where: {
          ...(unitId === undefined ? {} : { unitId: { eq: unitId } }),
          ...(status === undefined ? {} : { status: { eq: status } }),
        },
        orderBy: 'createdAt',
        direction: 'desc',
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      },
      scopeOf(principal),
    );
  }

  renew(
    principal: Principal,
    sealId: string,
    request: Parameters<SealService['renew']>[2],
  ): Promise<SealRecord> {
    assertPeriod(request);
    const { validFrom, validUntil } = request;
    return this.#change(principal, sealId, 'renew', request, async (seal, now) => {
      if (validFrom > now) {
        throw new AppError('input-invalid', 'the old version would end before the new begins', {
          params: { field: 'validFrom' },
        });
      }
      const changes = { validFrom: toRfc3339(validFrom), validUntil: toRfc3339(validUntil) };
      return {
        changes: { versions: await this.#withVersion(seal, changes, now) },
        what: 'renewed',
        details: changes,
      };
    });
  }

  rebind(
    principal: Principal,
    sealId: string,
    request: Parameters<SealService['rebind']>[2],
  ): Promise<SealRecord> {
    const { certificateSha256 } = request;
    return this.#change(principal, sealId, 'rebind', request, async (seal, now) => ({
      changes: { versions: await this.#withVersion(seal, { certificateSha256 }, now) },
      what: 'rebound',
      details: { certificates: certificateSha256.join(' ') },
    }));
  }

  suspend(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly reason?: string },
  ): Promise<SealRecord> {
    return this.#change(principal, sealId, 'suspend', request, () =>
      Promise.resolve({ changes: {}, what: 'suspended', reason: request.reason }),
    );
  }

  resume(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly reason?: string },
  ): Promise<SealRecord> {
    return this.#change(principal, sealId, 'resume', request, () =>
      Promise.resolve({ changes: {}, what: 'resumed', reason: request.reason }),
    );
  }

  revoke(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly reason: RevocationReason; readonly note?: string },
  ): Promise<SealRecord> {
    const { reason, note } = request;
    return this.#change(principal, sealId, 'revoke', request, (_seal, now) =>
      Promise.resolve({
        changes: {
          revocation: { at: toRfc3339(now), reason, ...(note === undefined ? {} : { note }) },
        },
        what: 'revoked',
        reason,
      }),
    );
  }

  async publicStatus(code: string, at: Date): Promise<PublicSealStatus> {
    const seal = await this.#parts.seals.getBy('code', code, SCOPE_ALL);
    if (seal === undefined) throw new AppError('seal-not-found', 'no such seal');
    const { validFrom, validUntil } = versionAt(seal, at) ?? newest(seal);
    const { name, kind } = seal;
    return { code, name, kind, status: effectiveStatus(seal, at), validFrom, validUntil };
  }

  async drawingOf(seal: SealRecord, versionNumber: number): Promise<SealDrawing> {
    const version = seal.versions.find((each) => each.number === versionNumber);
    if (version === undefined) throw new AppError('seal-not-found', 'no such version');
    const { pictureBlobId } = version;
    const known = this.#drawings.get(pictureBlobId);
    if (known !== undefined) return known;
    const drawing = svgToDrawing(bytesToUtf8(await this.#parts.blobs.read(pictureBlobId)));
    const oldest = this.#drawings.keys().next();
    if (this.#drawings.size >= CACHED_DRAWINGS && oldest.done !== true) {
      this.#drawings.delete(oldest.value);
    }
    this.#drawings.set(pictureBlobId, drawing);
    return drawing;
  }

  /** One conditional write: new status, new entry of the history, event. */
  async #change(
    principal: Principal,
    sealId: string,
    action: SealAction,
    request: SealChange,
    make: (seal: SealRecord, now: Date) => Promise<ChangeFacts>,
  ): Promise<SealRecord> {
    assertMaker(principal);
    const seal = await this.get(principal, sealId);
    if (request.expectedRevision !== undefined && request.expectedRevision !== seal.revision) {
      throw new AppError('record-version-conflict', 'the seal was changed meanwhile', {
        params: { expected: request.expectedRevision, actual: seal.revision },
      });
    }
    const status = statusAfter(seal, action);
    const now = this.#parts.clock.now();
    const { changes, what, details, reason } = await make(seal, now);
    const why = reason === undefined ? {} : { reason };
    const history = { at: toRfc3339(now), status, ...why };
    const next: SealRecord = {
      ...seal,
      ...changes,
      version: seal.version + 1,
      revision: seal.revision + 1,
      status,
      statusHistory: status === seal.status ? seal.statusHistory : [...seal.statusHistory, history],
      pendingEvents: [
        ...seal.pendingEvents,
        sealEvent(seal, {
          what,
          actor: actorOf(principal),
          at: now,
          details: { ...details, ...why },
          requestId: principal.requestId,
        }),
      ],
    };
    await this.#parts.seals.replace(next);
    return next;
  }

  /** Draws the seal; the picture is durable before a record names it. */
  async #firstVersion(
    request: IssueSeal,
    name: string,
    code: string,
    now: Date,
  ): Promise<SealVersion> {
    const { kind, kindText, sizeMm, certificateSha256 } = request;
    const drawing = drawSeal({
      name,
      kind,
      code,
      font: this.#parts.font,
      ...(kindText === undefined ? {} : { kindText }),
      ...(sizeMm === undefined ? {} : { sizeMm }),
    });
    const pictureBlobId = await this.#parts.blobs.put([utf8ToBytes(drawingToSvg(drawing))]);
    return {
      number: 1,
      validFrom: toRfc3339(request.validFrom),
      validUntil: toRfc3339(request.validUntil),
      certificateSha256,
      pictureBlobId,
      widthMm: drawing.widthMm,
      heightMm: drawing.heightMm,
      madeAt: toRfc3339(now),
    };
  }

  /** The versions with one more, of the same picture: a seal is not redrawn in its life. */
  async #withVersion(
    seal: SealRecord,
    changes: Partial<Pick<SealVersion, 'validFrom' | 'validUntil' | 'certificateSha256'>>,
    now: Date,
  ): Promise<readonly SealVersion[]> {
    const unit = await this.#parts.units.get(seal.unitId, SCOPE_ALL);
    if (unit === undefined) throw new AppError('not-found', 'the unit is gone');
    // A renamed unit applies for a new seal; the old one is revoked.
    sealName(unit, seal);
    const current = newest(seal);
    const next = { ...current, ...changes, number: current.number + 1, madeAt: toRfc3339(now) };
    assertEnrolled(unit, next.certificateSha256);
    return [...seal.versions, next];
  }
}

interface ChangeFacts {
  readonly changes: Partial<Pick<SealRecord, 'versions' | 'revocation'>>;
  readonly what: SealEventFacts['what'];
  readonly details?: AuditEvent['details'];
  readonly reason?: string | undefined;
}

function newest(seal: SealRecord): SealVersion {
  const version = seal.versions.at(-1);
  if (version === undefined) throw new AppError('internal', 'a seal without versions');
  return version;
}

function hasOfficialSeal(unit: UnitRecord): AppError {
  return new AppError('conflict', 'the unit has an official seal that is not revoked', {
    params: { reason: 'official-seal-exists', unitId: unit.id },
  });
}

function assertMaker(principal: Principal): void {
  if (!hasRole(principal, 'seal-administrator')) {
    throw new AppError('forbidden', 'seals are made by the seal administrator');
  }
}

function assertPeriod(period: { readonly validFrom: Date; readonly validUntil: Date }): void {
  // An invalid date compares false and is refused with it.
  if (!(period.validFrom < period.validUntil)) {
    throw new AppError('input-invalid', 'the validity ends before it begins', {
      params: { field: 'validUntil' },
    });
  }
}

function assertEnrolled(unit: UnitRecord, certificates: readonly string[]): void {
  if (certificates.length === 0 || certificates.length > MAX_CERTIFICATES) {
    throw new AppError('input-invalid', 'a seal is bound to 1 to 20 certificates', {
      params: { field: 'certificateSha256' },
    });
  }
  for (const sha256 of certificates) {
    if (!unit.certificates.some((each) => each.sha256 === sha256)) {
      throw new AppError('seal-certificate-mismatch', 'not enrolled at the unit', {
        params: { certificateSha256: sha256 },
      });
    }
  }
}

/** A unit's seal carries the unit's legal name; only a square seal carries a person's. */
function sealName(unit: UnitRecord, request: Pick<IssueSeal, 'kind' | 'name'>): string {
  if (request.kind === 'legal-person') {
    if (request.name !== undefined) return request.name;
    throw new AppError('seal-name-unsuitable', 'the representative is not named', {
      params: { reason: 'missing' },
    });
  }
  if (request.name !== undefined && request.name.normalize('NFC') !== unit.name.normalize('NFC')) {
    throw new AppError('seal-name-unsuitable', "the name is not the unit's legal name", {
      params: { reason: 'not-the-legal-name', expected: unit.name },
    });
  }
  return unit.name;
}
