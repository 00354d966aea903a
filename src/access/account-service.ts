/** Accounts: made, given roles, disabled by the system administrator. */
import {
  AppError,
  Secret,
  isAppError,
  newId,
  systemRandom,
  toBase64Url,
  toRfc3339,
  type Clock,
  type RandomBytes,
} from '../kernel/index.js';
import { SCOPE_ALL, type Collection, type Page } from '../store/index.js';
import { accountEvent } from './access-events.js';
import type { AccountIndex, AccountRecord } from './account-record.js';
import { MIN_PASSWORD_LENGTH, hashPassword } from './password.js';
import {
  REGIONAL_ROLES,
  actorOf,
  hasRole,
  regionKeys,
  scopeOf,
  type Principal,
  type Role,
} from './roles.js';
import type { UnitIndex, UnitRecord } from './unit-record.js';

export interface NewAccount {
  readonly name: string;
  readonly kind: 'person' | 'machine';
  readonly roles: readonly Role[];
  readonly unitId?: string;
  readonly regionCode?: string;
  /** Not for a machine, whose secret is generated. */
  readonly password?: Secret;
  readonly certificateSha256?: readonly string[];
}

export interface AccountChange {
  readonly roles?: readonly Role[];
  readonly isDisabled?: boolean;
  readonly certificateSha256?: readonly string[];
}

export interface AccountService {
  /**
   * @returns The account, and a machine's secret: shown this once, kept as a hash only.
   * @throws AppError `forbidden`, `input-invalid` (params `field`), `record-exists`
   */
  create(
    principal: Principal,
    account: NewAccount,
  ): Promise<{ readonly account: AccountRecord; readonly secret: Secret | undefined }>;
  /** @throws AppError `forbidden`, `not-found`, `input-invalid`, `record-version-conflict` */
  update(
    principal: Principal,
    accountId: string,
    change: AccountChange,
    expectedRevision?: number,
  ): Promise<AccountRecord>;
  /** @throws AppError `not-found` */
  get(principal: Principal, accountId: string): Promise<AccountRecord>;
  /** The caller's own account. @throws AppError `not-found` */
  own(principal: Principal): Promise<AccountRecord>;
  list(
    principal: Principal,
    query: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<AccountRecord>>;
}

export interface AccountServiceOptions {
  readonly accounts: Collection<AccountRecord, AccountIndex>;
  readonly units: Collection<UnitRecord, UnitIndex>;
  readonly clock: Clock;
  readonly random?: RandomBytes;
}

const NAME = /^[a-z0-9][a-z0-9._@-]{1,63}$/;
/** Roles that one account never has together: making, using and auditing are apart (三权分立). */
const APART: readonly (readonly Role[])[] = [
  ['system-administrator'],
  ['seal-administrator', 'seal-reviewer'],
  ['auditor', 'supervisor'],
  ['unit-handler', 'unit-signer', 'unit-seal-approver', 'supplier-signer'],
  ['budget-system', 'trading-system'],
];

export function createAccountService(options: AccountServiceOptions): AccountService {
  const { accounts, units, clock } = options;
  const random = options.random ?? systemRandom;

  async function mustGet(principal: Principal, accountId: string): Promise<AccountRecord> {
    const account = await accounts.get(accountId, scopeOf(principal));
    if (account === undefined) throw new AppError('not-found', 'no such account');
    return account;
  }

  /**
   * The region of a new account: its unit's, or the one given. An administrator makes accounts of
   * the own region only: nobody gives what they do not have.
   */
  async function regionOf(principal: Principal, wanted: NewAccount): Promise<string | undefined> {
    const scope = scopeOf(principal);
    const { unitId, regionCode } = wanted;
    if (unitId !== undefined) {
      const unit = await units.get(unitId, scope);
      if (unit === undefined) throw unsuitable('unitId');
      if (regionCode !== undefined && regionCode !== unit.regionCode)
        throw unsuitable('regionCode');
      return unit.regionCode;
    }
    const isWithin =
      regionCode === undefined ||
      scope.kind === 'all' ||
      regionKeys(regionCode).some((key) => scope.keys.includes(key));
    if (!isWithin) throw unsuitable('regionCode');
    return regionCode;
  }

  return {
    async create(principal, wanted) {
      assertAdministrator(principal);
      const name = wanted.name.toLowerCase();
      if (!NAME.test(name)) throw unsuitable('name');
      assertRolesApart(wanted.roles);
      assertPlaced(wanted.roles, wanted);
      if (wanted.kind === 'machine' && wanted.password !== undefined) throw unsuitable('password');
      if (
        wanted.password !== undefined &&
        wanted.password.revealText().length < MIN_PASSWORD_LENGTH
      ) {
        throw unsuitable('password');
      }
      const secret =
        wanted.kind === 'machine' ? Secret.fromText(toBase64Url(random(32))) : undefined;
      const password = secret ?? wanted.password;
      const regionCode = await regionOf(principal, wanted);
      const at = clock.now();
      const bare: AccountRecord = {
        id: newId('acc', random),
        version: 1,
        revision: 1,
        name,
        kind: wanted.kind,
        roles: wanted.roles,
        ...(wanted.unitId === undefined ? {} : { unitId: wanted.unitId }),
        ...(regionCode === undefined ? {} : { regionCode }),
        isDisabled: false,
        ...(password === undefined ? {} : { passwordHash: await hashPassword(password, random) }),
        certificateSha256: wanted.certificateSha256 ?? [],
        sessionEpoch: 1,
        createdAt: toRfc3339(at),
        pendingEvents: [],
      };
      const event = accountEvent(bare, {
        what: 'created',
        actor: actorOf(principal),
        at,
        details: { kind: bare.kind, roles: bare.roles.join(' ') },
        requestId: principal.requestId,
      });
      const account = { ...bare, pendingEvents: [event] };
      await accounts.insert(account);
      return { account, secret };
    },

    async update(principal, accountId, change, expectedRevision) {
      assertAdministrator(principal);
      const account = await mustGet(principal, accountId);
      if (expectedRevision !== undefined && expectedRevision !== account.revision) {
        throw new AppError('record-version-conflict', 'the account was changed meanwhile');
      }
      if (change.roles !== undefined) {
        assertRolesApart(change.roles);
        assertPlaced(change.roles, account);
      }
      const next: AccountRecord = {
        ...account,
        roles: change.roles ?? account.roles,
        isDisabled: change.isDisabled ?? account.isDisabled,
        certificateSha256: change.certificateSha256 ?? account.certificateSha256,
        version: account.version + 1,
        revision: account.revision + 1,
      };
      const event = accountEvent(next, {
        what: 'changed',
        actor: actorOf(principal),
        at: clock.now(),
        details: { isDisabled: next.isDisabled, roles: next.roles.join(' ') },
        requestId: principal.requestId,
      });
      const changed = { ...next, pendingEvents: [...account.pendingEvents, event] };
      try {
        await accounts.replace(changed);
      } catch (error) {
        // Removed meanwhile: for the caller it is gone.
        if (isAppError(error, 'record-not-found')) throw new AppError('not-found', 'gone');
        throw error;
      }
      return changed;
    },

    get: mustGet,

    async own({ accountId }) {
      const account = await accounts.get(accountId, SCOPE_ALL);
      if (account === undefined) throw new AppError('not-found', 'no such account');
      return account;
    },

    list: (principal, query) =>
      accounts.find({ ...query, orderBy: 'createdAt', direction: 'desc' }, scopeOf(principal)),
  };
}

function assertAdministrator(principal: Principal): void {
  if (!hasRole(principal, 'system-administrator')) {
    throw new AppError('forbidden', 'accounts are managed by the system administrator');
  }
}

function assertRolesApart(roles: readonly Role[]): void {
  const groups = APART.filter((group) => group.some((role) => roles.includes(role)));
  if (roles.length === 0 || groups.length > 1) throw unsuitable('roles');
}

/** A role that works by region needs one, any other a unit: without, its reach would be a guess. */
function assertPlaced(
  roles: readonly Role[],
  place: { readonly unitId?: string; readonly regionCode?: string },
): void {
  const isRegional = roles.some((role) => REGIONAL_ROLES.includes(role));
  if (isRegional && place.regionCode === undefined) throw unsuitable('regionCode');
  if (!isRegional && place.unitId === undefined) throw unsuitable('unitId');
}

function unsuitable(field: string): AppError {
  return new AppError('input-invalid', `${field} is not suitable`, { params: { field } });
}
