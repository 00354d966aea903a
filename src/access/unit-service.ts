/** Units and suppliers, and the certificates they sign and log in with. */
import { AppError, digestBytes, toBase64, toHex, toRfc3339, type Clock } from '../kernel/index.js';
import { parseCertificate, unifiedSocialCreditCode } from '../pki/index.js';
import { SCOPE_ALL, type Collection, type Page } from '../store/index.js';
import { unitEvent } from './access-events.js';
import { readLoginCertificate, type LoginCertificateValidator } from './certificate-login.js';
import { idOfRequest, madeBefore } from './requests.js';
import { actorOf, hasRole, scopeOf, type Principal } from './roles.js';
import {
  UNITS,
  type EnrolledCertificate,
  type UnitIndex,
  type UnitKind,
  type UnitRecord,
} from './unit-record.js';

export interface NewUnit {
  readonly kind: UnitKind;
  readonly name: string;
  readonly creditCode: string;
  readonly regionCode: string;
  readonly budgetCode?: string;
  readonly address?: string;
}

export interface UnitService {
  /**
   * @throws AppError `forbidden`, `input-invalid` (params `field`: a region outside the
   *   administrator's), `record-exists` (params `index`)
   */
  create(principal: Principal, unit: NewUnit): Promise<UnitRecord>;
  /** @throws AppError `not-found` */
  get(principal: Principal, unitId: string): Promise<UnitRecord>;
  list(
    principal: Principal,
    query: { readonly limit: number; readonly cursor?: string; readonly kind?: UnitKind },
  ): Promise<Page<UnitRecord>>;
  /**
   * Enrols a signing certificate of the unit; enrolling it again changes nothing.
   * @throws AppError `forbidden`, `not-found`, `record-version-conflict`, `record-exists` (another
   *   unit's), `certificate-malformed`, `certificate-expired`, `certificate-not-yet-valid`,
   *   `certificate-not-for-signing`, `certificate-not-of-unit`
   */
  enrolCertificate(
    principal: Principal,
    unitId: string,
    request: {
      readonly certificateDer: Uint8Array;
      readonly tokenKind: EnrolledCertificate['tokenKind'];
      readonly expectedRevision?: number;
    },
  ): Promise<UnitRecord>;
  /** Takes a certificate off the unit: sessions it opened end, it signs no more. */
  withdrawCertificate(
    principal: Principal,
    unitId: string,
    certificateSha256: string,
    expectedRevision?: number,
  ): Promise<UnitRecord>;
}

export interface UnitServiceOptions {
  readonly units: Collection<UnitRecord, UnitIndex>;
  readonly certificates: LoginCertificateValidator;
  readonly clock: Clock;
}

export function createUnitService(options: UnitServiceOptions): UnitService {
  const { units, certificates, clock } = options;

  async function mustGet(
    principal: Principal,
    unitId: string,
    expectedRevision?: number,
  ): Promise<UnitRecord> {
    const unit = await units.get(unitId, scopeOf(principal));
    if (unit === undefined) throw new AppError('not-found', 'no such unit');
    if (expectedRevision !== undefined && expectedRevision !== unit.revision) {
      throw new AppError('record-version-conflict', 'the unit was changed meanwhile');
    }
    return unit;
  }

  async function save(
    principal: Principal,
    unit: UnitRecord,
    enrolled: readonly EnrolledCertificate[],
    what: string,
    certificateSha256: string,
  ): Promise<UnitRecord> {
    const event = unitEvent(unit, {
      what,
      actor: actorOf(principal),
      at: clock.now(),
      details: { certificateSha256 },
      requestId: principal.requestId,
    });
    const next: UnitRecord = {
      ...unit,
      version: unit.version + 1,
      revision: unit.revision + 1,
      certificates: enrolled,
      pendingEvents: [...unit.pendingEvents, event],
    };
    await units.replace(next);
    return next;
  }

  return {
    async create(principal, wanted) {
      assertAdministrator(principal);
      const before = await madeBefore(
        units,
        'unit',
        principal,
        ({ creditCode }) => creditCode === wanted.creditCode,
      );
      if (before !== undefined) return before;
      const at = clock.now();
      const bare: UnitRecord = {
        ...wanted,
        id: idOfRequest('unit', principal),
        version: 1,
        revision: 1,
        certificates: [],
        createdAt: toRfc3339(at),
        pendingEvents: [],
      };
      const scope = scopeOf(principal);
      const keys = UNITS.scopeKeys(bare);
      if (scope.kind === 'keys' && !keys.some((key) => scope.keys.includes(key))) {
        throw new AppError('input-invalid', "the region is not the administrator's", {
          params: { field: 'regionCode' },
        });
      }
      const event = unitEvent(bare, {
        what: 'created',
        actor: actorOf(principal),
        at,
        details: { kind: bare.kind, creditCode: bare.creditCode },
        requestId: principal.requestId,
      });
      const unit = { ...bare, pendingEvents: [event] };
      await units.insert(unit);
      return unit;
    },

    get: (principal, unitId) => mustGet(principal, unitId),

    list: (principal, { kind, ...page }) =>
      units.find(
        { ...page, ...(kind === undefined ? {} : { where: { kind: { eq: kind } } }) },
        scopeOf(principal),
      ),

    async enrolCertificate(principal, unitId, request) {
      assertAdministrator(principal);
      const { certificateDer, tokenKind, expectedRevision } = request;
      const unit = await mustGet(principal, unitId, expectedRevision);
      const at = clock.now();
      readLoginCertificate(certificateDer);
      await certificates.validate(certificateDer, [], at);
      const creditCode = unifiedSocialCreditCode(parseCertificate(certificateDer));
      if (creditCode !== undefined && creditCode !== unit.creditCode) {
        throw new AppError('certificate-not-of-unit', 'the certificate names another unit', {
          params: { reason: 'credit-code' },
        });
      }
      const sha256 = toHex(digestBytes('sha256', certificateDer));
      if (unit.certificates.some((each) => each.sha256 === sha256)) return unit;
      const where = { certificateSha256: { eq: sha256 } };
      if ((await units.count({ where }, SCOPE_ALL)) > 0) {
        throw new AppError('record-exists', 'the certificate is enrolled at another unit', {
          params: { index: 'certificateSha256' },
        });
      }
      const derB64 = toBase64(certificateDer);
      const enrolled = { sha256, derB64, tokenKind, enrolledAt: toRfc3339(at) };
      const all = [...unit.certificates, enrolled];
      return save(principal, unit, all, 'certificate-enrolled', sha256);
    },

    async withdrawCertificate(principal, unitId, certificateSha256, expectedRevision) {
      assertAdministrator(principal);
      const unit = await mustGet(principal, unitId, expectedRevision);
      const rest = unit.certificates.filter((each) => each.sha256 !== certificateSha256);
      if (rest.length === unit.certificates.length) {
        throw new AppError('not-found', 'the unit has no such certificate');
      }
      return save(principal, unit, rest, 'certificate-withdrawn', certificateSha256);
    },
  };
}

function assertAdministrator(principal: Principal): void {
  if (!hasRole(principal, 'system-administrator', 'seal-administrator')) {
    throw new AppError('forbidden', 'units are managed by an administrator');
  }
}
