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
import type { SealFont } from './picture/seal-font.js';
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
import { effectiveStatus, statusAfter, type SealAction } from './status.js';

export interface SealServiceParts {
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get'>;
  readonly blobs: Pick<BlobStore, 'put' | 'read'>;
  readonly clock: Clock;
  /** Draws new pictures; those of seals that exist are kept as they were drawn. */
  readonly font: SealFont;
}

export interface IssueSeal {
  readonly unitId: string;
  readonly kind: SealKind;
  /** The unit's legal name where absent; the representative's for a square seal. */
  readonly name?: string;
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
   *   `seal-name-unsuitable`, `glyph-missing`, `seal-certificate-mismatch` for a certificate that is
   *   not enrolled at the unit
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
  /** 延期: a new version with new dates; the old one stays for verification. */
  renew(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly validFrom: Date; readonly validUntil: Date },
  ): Promise<SealRecord>;
  /** A renewed certificate means a new version: its list no longer matches. */
  rebind(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly certificateSha256: readonly string[] },
  ): Promise<SealRecord>;
  suspend(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly reason?: string },
  ): Promise<SealRecord>;
  resume(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly reason?: string },
  ): Promise<SealRecord>;
  revoke(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly reason: RevocationReason; readonly note?: string },
  ): Promise<SealRecord>;
  /** What anybody may know. @throws AppError `seal-not-found` */
  publicStatus(code: string, at: Date): Promise<PublicSealStatus>;
  /** The picture of a version as it was drawn when it was made. @throws AppError `seal-not-found`, `blob-corrupt` */
  drawingOf(seal: SealRecord, versionNumber: number): Promise<SealDrawing>;
}

const MAX_CODE_TRIES = 100;

export function createSealService(parts: SealServiceParts): SealService {
  return new SealRegister(parts);
}

class SealRegister implements SealService {
  readonly #parts: SealServiceParts;

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
      const version = await this.#drawVersion(1, { name, kind: request.kind, code }, request, now);
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
        // Somebody else took the code; codes are never used twice.
        if (!isAppError(error, 'record-exists') || tries >= MAX_CODE_TRIES) throw error;
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
    return this.#change(principal, sealId, 'renew', request, async (seal, now) => {
      const current = newest(seal);
      const version = await this.#drawVersion(
        current.number + 1,
        seal,
        { ...request, certificateSha256: current.certificateSha256 },
        now,
      );
      return {
        changes: { versions: [...seal.versions, version] },
        what: 'renewed',
        details: { validFrom: version.validFrom, validUntil: version.validUntil },
      };
    });
  }

  rebind(
    principal: Principal,
    sealId: string,
    request: Parameters<SealService['rebind']>[2],
  ): Promise<SealRecord> {
    return this.#change(principal, sealId, 'rebind', request, async (seal, now) => {
      const unit = await this.#parts.units.get(seal.unitId, SCOPE_ALL);
      if (unit === undefined) throw new AppError('not-found', 'the unit is gone');
      const { certificateSha256 } = request;
      assertEnrolled(unit, certificateSha256);
      const current = newest(seal);
      const version = await this.#drawVersion(
        current.number + 1,
        seal,
        {
          validFrom: new Date(current.validFrom),
          validUntil: new Date(current.validUntil),
          certificateSha256,
        },
        now,
      );
      return {
        changes: { versions: [...seal.versions, version] },
        what: 'rebound',
        details: { certificates: certificateSha256.join(' ') },
      };
    });
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
    const { validFrom, validUntil } = newest(seal);
    const { name, kind } = seal;
    return { code, name, kind, status: effectiveStatus(seal, at), validFrom, validUntil };
  }

  async drawingOf(seal: SealRecord, versionNumber: number): Promise<SealDrawing> {
    const version = seal.versions.find((each) => each.number === versionNumber);
    if (version === undefined) throw new AppError('seal-not-found', 'no such version');
    const bytes = await this.#parts.blobs.read(version.pictureBlobId);
    return JSON.parse(bytesToUtf8(bytes)) as SealDrawing;
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

  async #drawVersion(
    number: number,
    seal: { readonly name: string; readonly kind: SealKind; readonly code: string },
    request: Pick<IssueSeal, 'validFrom' | 'validUntil' | 'certificateSha256'>,
    now: Date,
  ): Promise<SealVersion> {
    const { name, kind, code } = seal;
    const drawing = drawSeal({ name, kind, code, font: this.#parts.font });
    const pictureBlobId = await this.#parts.blobs.put([utf8ToBytes(JSON.stringify(drawing))]);
    return {
      number,
      validFrom: toRfc3339(request.validFrom),
      validUntil: toRfc3339(request.validUntil),
      certificateSha256: request.certificateSha256,
      pictureBlobId,
      widthMm: drawing.widthMm,
      heightMm: drawing.heightMm,
      madeAt: toRfc3339(now),
    };
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

function assertMaker(principal: Principal): void {
  if (!hasRole(principal, 'seal-administrator')) {
    throw new AppError('forbidden', 'seals are made by the seal administrator');
  }
}

function assertPeriod(period: { readonly validFrom: Date; readonly validUntil: Date }): void {
  if (!(period.validFrom < period.validUntil)) {
    throw new AppError('input-invalid', 'the validity ends before it begins', {
      params: { field: 'validUntil' },
    });
  }
}

function assertEnrolled(unit: UnitRecord, certificates: readonly string[]): void {
  if (certificates.length === 0) {
    throw new AppError('input-invalid', 'a seal is bound to a certificate', {
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
function sealName(unit: UnitRecord, request: IssueSeal): string {
  if (request.kind === 'legal-person') {
    if (request.name !== undefined) return request.name;
    throw new AppError('seal-name-unsuitable', 'the representative is not named', {
      params: { reason: 'missing' },
    });
  }
  if (request.name !== undefined && request.name !== unit.name) {
    throw new AppError('seal-name-unsuitable', "the name is not the unit's legal name", {
      params: { reason: 'not-the-legal-name', expected: unit.name },
    });
  }
  return unit.name;
}
