/** The register of seals: looked up, stopped, resumed and revoked, each change with its event. Seals are made elsewhere. */
import { hasRole, scopeOf, type Principal, type Role } from '../access/index.js';
import { AppError, isAppError, toRfc3339, type Clock } from '../kernel/index.js';
import { SCOPE_ALL, type BlobStore, type Collection, type Page } from '../store/index.js';
import { keepEvidence, type NewEvidence } from './evidence.js';
import { SealChanges, type SealChange } from './life/seal-changes.js';
import type { StoppedUses } from './life/stopped-uses.js';
import { withResumption, withRevocation, withSuspension } from './life/status-changes.js';
import { keptPicture, readArtwork, type SealArtwork } from './picture/artwork.js';
import type {
  EffectiveSealStatus,
  RevocationEvidence,
  RevocationReason,
  SealIndex,
  SealKind,
  SealRecord,
  SealStatus,
  SealVersion,
  SuspensionCause,
} from './record.js';
import { effectiveStatus, versionAt } from './status.js';

export interface SealServiceParts {
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly blobs: Pick<BlobStore, 'put' | 'read'>;
  readonly clock: Clock;
  readonly stoppedUses: StoppedUses;
}

export interface PublicSealStatus {
  readonly code: string;
  readonly name: string;
  readonly kind: SealKind;
  readonly status: EffectiveSealStatus;
  readonly validFrom: string;
  readonly validUntil: string;
}

export interface SealQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly unitId?: string;
  readonly status?: SealStatus;
  /** Seals that end by then, the nearest first. */
  readonly endsBefore?: Date;
}

export interface RevokeSeal extends SealChange {
  readonly reason: RevocationReason;
  readonly note?: string;
  /** Not in the past; now where absent. */
  readonly effectiveAt?: Date;
  readonly evidence?: readonly NewEvidence[];
}

export interface SealService {
  /** @throws AppError `seal-not-found` */
  get(principal: Principal, sealId: string): Promise<SealRecord>;
  list(principal: Principal, query: SealQuery): Promise<Page<SealRecord>>;
  /** Seals with a reminder of their end, the newest first. */
  reminded(
    principal: Principal,
    query: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<SealRecord>>;
  /**
   * A unit reports its own loss; all else is the administrator's.
   * @throws AppError `forbidden`, `seal-not-found`, `record-version-conflict`, `seal-transition-refused`
   */
  suspend(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly cause?: SuspensionCause; readonly reason?: string },
  ): Promise<SealRecord>;
  /** @throws AppError as `suspend` */
  resume(
    principal: Principal,
    sealId: string,
    request: SealChange & { readonly reason?: string },
  ): Promise<SealRecord>;
  /**
   * For ever. What was signed before stays valid; no signature under way is published once this has answered.
   * @throws AppError as `suspend`; `input-invalid` (params `field`), `seal-attachment-refused`
   */
  revoke(principal: Principal, sealId: string, request: RevokeSeal): Promise<SealRecord>;
  /** What anybody may know of the seal as it was at `at`. @throws AppError `seal-not-found` */
  publicStatus(code: string, at: Date): Promise<PublicSealStatus>;
  /**
   * The picture of a version as the seal was issued with it; the newest are kept in memory.
   * @throws AppError `seal-not-found`, `blob-not-found`, `blob-corrupt`
   */
  artworkOf(seal: SealRecord, versionNumber: number): Promise<SealArtwork>;
  /**
   * DER of a version's structure.
   * @throws AppError `not-found` where the version was made without one, `blob-not-found`, `blob-corrupt`
   */
  structureOf(seal: SealRecord, versionNumber: number): Promise<Uint8Array>;
  /** @throws AppError `seal-not-found`, `not-found` where the revocation has no such evidence */
  evidenceOf(
    principal: Principal,
    sealId: string,
    sha256: string,
  ): Promise<{ readonly evidence: RevocationEvidence; readonly bytes: Uint8Array }>;
}

/** Who may do what to a seal that there is; making and changing go by an application. */
export const SEAL_RIGHTS = {
  suspend: ['seal-administrator', 'unit-handler', 'unit-seal-approver', 'supplier-signer'],
  resume: ['seal-administrator'],
  revoke: ['seal-administrator'],
} as const satisfies Record<string, readonly [Role, ...Role[]]>;

const CACHED_ARTWORKS = 500;
const MAX_CONFLICTS = 5;

export function createSealService(parts: SealServiceParts): SealService {
  return new SealRegister(parts);
}

class SealRegister implements SealService {
  readonly #parts: SealServiceParts;
  readonly #changes: SealChanges;
  /** By blob: the versions of one seal share a picture. Oldest first. */
  readonly #artworks = new Map<string, SealArtwork>();

  constructor(parts: SealServiceParts) {
    this.#parts = parts;
    this.#changes = new SealChanges(parts.seals, parts.clock);
  }

  get(principal: Principal, sealId: string): Promise<SealRecord> {
    return this.#changes.load(principal, sealId);
  }

  list(principal: Principal, query: SealQuery): Promise<Page<SealRecord>> {
    const { limit, cursor, unitId, status, endsBefore } = query;
    const where = {
      ...(unitId === undefined ? {} : { unitId: { eq: unitId } }),
      ...(status === undefined ? {} : { status: { eq: status } }),
    };
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
    if (endsBefore === undefined) {
      const newestFirst = { orderBy: 'createdAt', direction: 'desc' } as const;
      return this.#parts.seals.find({ where, ...newestFirst, ...page }, scopeOf(principal));
    }
    const now = toRfc3339(this.#parts.clock.now());
    const endsAt = { gte: now, lte: toRfc3339(endsBefore) };
    return this.#parts.seals.find(
      { where: { ...where, endsAt }, orderBy: 'endsAt', ...page },
      scopeOf(principal),
    );
  }

  reminded(
    principal: Principal,
    query: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<SealRecord>> {
    const newestFirst = { orderBy: 'remindedAt', direction: 'desc' } as const;
    return this.#parts.seals.find(
      { where: { remindedAt: {} }, ...newestFirst, ...query },
      scopeOf(principal),
    );
  }

  async suspend(
    principal: Principal,
    sealId: string,
    request: Parameters<SealService['suspend']>[2],
  ): Promise<SealRecord> {
    assertMay(principal, 'suspend');
    const isMaker = hasRole(principal, 'seal-administrator');
    const cause = request.cause ?? (isMaker ? 'other' : 'reported-lost');
    if (!isMaker && cause !== 'reported-lost') throw forbidden('suspend');
    const why = request.reason === undefined ? {} : { reason: request.reason };
    const suspended = await this.#changes.change(principal, sealId, request, (seal, now) => ({
      changes: {
        ...withSuspension(seal, { cause, ...why }, now),
        ...this.#parts.stoppedUses.noted(seal),
      },
      what: 'suspended',
      details: { cause, ...why },
    }));
    await this.#parts.stoppedUses.end(suspended);
    return suspended;
  }

  async resume(
    principal: Principal,
    sealId: string,
    request: Parameters<SealService['resume']>[2],
  ): Promise<SealRecord> {
    assertMay(principal, 'resume');
    const { reason } = request;
    return await this.#changes.change(principal, sealId, request, (seal, now) => ({
      changes: withResumption(seal, reason, now),
      what: 'resumed',
      details: reason === undefined ? {} : { reason },
    }));
  }

  async revoke(principal: Principal, sealId: string, request: RevokeSeal): Promise<SealRecord> {
    assertMay(principal, 'revoke');
    const evidence = await keepEvidence(this.#parts.blobs, request.evidence ?? []);
    const { reason, note, effectiveAt } = request;
    const facts = {
      reason,
      evidence,
      ...(note === undefined ? {} : { note }),
      ...(effectiveAt === undefined ? {} : { effectiveAt }),
    };
    const revoke = (): Promise<SealRecord> =>
      this.#changes.change(principal, sealId, request, (seal, now) => {
        const changes = withRevocation(seal, facts, now);
        const details = {
          reason,
          effectiveAt: changes.revocation?.at ?? null,
          evidence: evidence.map(({ sha256 }) => sha256).join(' '),
        };
        const note = changes.status === 'revoked' ? this.#parts.stoppedUses.noted(seal) : {};
        return { changes: { ...changes, ...note }, what: 'revoked', details };
      });
    const revoked = await insisting(revoke, request);
    if (revoked.status === 'revoked') await this.#parts.stoppedUses.end(revoked);
    return revoked;
  }

  async publicStatus(code: string, at: Date): Promise<PublicSealStatus> {
    const seal = await this.#parts.seals.getBy('code', code, SCOPE_ALL);
    if (seal === undefined) throw new AppError('seal-not-found', 'no such seal');
    const { validFrom, validUntil } = versionAt(seal, at) ?? newest(seal);
    const { name, kind } = seal;
    return { code, name, kind, status: effectiveStatus(seal, at), validFrom, validUntil };
  }

  async artworkOf(seal: SealRecord, versionNumber: number): Promise<SealArtwork> {
    const version = seal.versions.find((each) => each.number === versionNumber);
    if (version === undefined) throw new AppError('seal-not-found', 'no such version');
    const { pictureBlobId } = version;
    const known = this.#artworks.get(pictureBlobId);
    if (known !== undefined) return known;
    const bytes = await this.#parts.blobs.read(pictureBlobId);
    const artwork = readArtwork(keptPicture(bytes, version));
    const oldest = this.#artworks.keys().next();
    if (this.#artworks.size >= CACHED_ARTWORKS && oldest.done !== true) {
      this.#artworks.delete(oldest.value);
    }
    this.#artworks.set(pictureBlobId, artwork);
    return artwork;
  }

  structureOf(seal: SealRecord, versionNumber: number): Promise<Uint8Array> {
    const version = seal.versions.find((each) => each.number === versionNumber);
    if (version?.structureBlobId === undefined) {
      throw new AppError('not-found', 'the version has no structure');
    }
    return this.#parts.blobs.read(version.structureBlobId);
  }

  async evidenceOf(
    principal: Principal,
    sealId: string,
    sha256: string,
  ): Promise<{ readonly evidence: RevocationEvidence; readonly bytes: Uint8Array }> {
    const seal = await this.get(principal, sealId);
    const evidence = seal.revocation?.evidence?.find((each) => each.sha256 === sha256);
    if (evidence === undefined) throw new AppError('not-found', 'no such evidence');
    return { evidence, bytes: await this.#parts.blobs.read(sha256) };
  }
}

/** A revocation does not give way to a renewal or a reminder that came in between. */
async function insisting<T>(act: () => Promise<T>, { expectedRevision }: SealChange): Promise<T> {
  for (let conflicts = 0; ; conflicts++) {
    try {
      return await act();
    } catch (error) {
      const isPassing =
        expectedRevision === undefined &&
        isAppError(error, 'record-version-conflict') &&
        conflicts < MAX_CONFLICTS;
      if (!isPassing) throw error;
    }
  }
}

function newest(seal: SealRecord): SealVersion {
  const version = seal.versions.at(-1);
  if (version === undefined) throw new AppError('internal', 'a seal without versions');
  return version;
}

function assertMay(principal: Principal, action: keyof typeof SEAL_RIGHTS): void {
  if (!hasRole(principal, ...SEAL_RIGHTS[action])) throw forbidden(action);
}

function forbidden(action: string): AppError {
  return new AppError('forbidden', `not allowed to ${action} seals`, { params: { action } });
}
