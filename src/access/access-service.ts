/** Logging in, and who a call's access token stands for: asked of the account and unit at every call. */
import {
  AppError,
  isAppError,
  toHex,
  digestBytes,
  type Clock,
  type Secret,
} from '../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../store/index.js';
import type { SignatureScheme } from '../token/index.js';
import { accountEvent } from './access-events.js';
import type { AccessTokens } from './access-tokens.js';
import type { AccountIndex, AccountRecord } from './account-record.js';
import {
  assertCertificateBelieved,
  assertChallengeSigned,
  readLoginCertificate,
  type LoginCertificateValidator,
} from './certificate-login.js';
import type { LoginChallenge, LoginChallenges } from './login-challenge.js';
import type { LoginThrottle } from './login-throttle.js';
import { verifyPassword } from './password.js';
import type { Principal } from './roles.js';
import type { UnitIndex, UnitRecord } from './unit-record.js';

export interface CertificateLogin {
  readonly challengeId: string;
  readonly certificateDer: Uint8Array;
  /** Over the challenge's text in UTF-8; ECDSA and SM2 values in DER. */
  readonly signature: Uint8Array;
  readonly scheme?: SignatureScheme;
  readonly requestId?: string;
}

export interface PasswordLogin {
  readonly name: string;
  readonly password: Secret;
  readonly requestId?: string;
}

export interface Session {
  readonly accessToken: string;
  readonly expiresAt: Date;
  readonly account: AccountRecord;
}

export interface AccessService {
  createChallenge(): Promise<LoginChallenge>;
  /**
   * @throws AppError `challenge-invalid`, `credentials-incorrect`, `account-disabled`,
   *   `certificate-malformed`, `certificate-expired`, `certificate-not-yet-valid`,
   *   `certificate-not-for-signing`, `algorithm-unsupported`
   */
  loginWithCertificate(login: CertificateLogin): Promise<Session>;
  /** @throws AppError `credentials-incorrect`, `account-disabled`, `rate-limited` */
  loginWithPassword(login: PasswordLogin): Promise<Session>;
  /**
   * Who `accessToken` stands for now: a disabled account, a removed role or a withdrawn
   * certificate counts from the next call on.
   * @throws AppError `unauthenticated`, `account-disabled`
   */
  authenticate(accessToken: string, requestId: string | undefined): Promise<Principal>;
  /** Ends every session of the account. */
  endSessions(principal: Principal): Promise<void>;
  jwks(): ReturnType<AccessTokens['jwks']>;
  /** Removes challenges and throttles that have run out. */
  purge(): Promise<void>;
}

export interface AccessServiceOptions {
  readonly accounts: Collection<AccountRecord, AccountIndex>;
  readonly units: Collection<UnitRecord, UnitIndex>;
  readonly challenges: LoginChallenges;
  readonly throttle: LoginThrottle;
  readonly tokens: AccessTokens;
  readonly certificates: LoginCertificateValidator;
  readonly clock: Clock;
}

const MAX_CONFLICTS = 5;

export function createAccessService(options: AccessServiceOptions): AccessService {
  const { accounts, units, challenges, throttle, tokens, certificates, clock } = options;

  async function openSession(
    account: AccountRecord,
    certificateSha256: string | undefined,
    requestId: string | undefined,
  ): Promise<Session> {
    if (account.isDisabled) throw new AppError('account-disabled', 'the account is disabled');
    const how = certificateSha256 === undefined ? 'password' : 'certificate';
    const recorded = await appendEvent(
      account.id,
      'logged-in',
      { how },
      certificateSha256,
      requestId,
    );
    const { sessionEpoch } = recorded;
    const issued = tokens.issue({ accountId: account.id, sessionEpoch, certificateSha256 });
    return { ...issued, account: recorded };
  }

  async function appendEvent(
    accountId: string,
    what: string,
    details: Readonly<Record<string, string>>,
    certificateSha256: string | undefined,
    requestId: string | undefined,
    change: (account: AccountRecord) => Partial<AccountRecord> = () => ({}),
  ): Promise<AccountRecord> {
    for (let conflicts = 0; ; conflicts++) {
      const account = await accounts.get(accountId, SCOPE_ALL);
      if (account === undefined) throw new AppError('unauthenticated', 'the account is gone');
      const event = accountEvent(account, {
        what,
        actor: {
          accountId: account.id,
          role: account.roles[0] ?? 'none',
          ...(account.unitId === undefined ? {} : { unitId: account.unitId }),
          ...(certificateSha256 === undefined ? {} : { certificateSha256 }),
        },
        at: clock.now(),
        details,
        requestId,
      });
      const next: AccountRecord = {
        ...account,
        ...change(account),
        version: account.version + 1,
        pendingEvents: [...account.pendingEvents, event],
      };
      try {
        await accounts.replace(next);
        return next;
      } catch (error) {
        if (!isAppError(error, 'record-version-conflict') || conflicts >= MAX_CONFLICTS)
          throw error;
      }
    }
  }

  async function isEnrolled(account: AccountRecord, certificateSha256: string): Promise<boolean> {
    if (!account.certificateSha256.includes(certificateSha256)) return false;
    if (account.unitId === undefined) return true;
    const unit = await units.get(account.unitId, SCOPE_ALL);
    return unit?.certificates.some((each) => each.sha256 === certificateSha256) ?? false;
  }

  return {
    createChallenge: () => challenges.create(),

    async loginWithCertificate(login) {
      const text = await challenges.take(login.challengeId);
      const certificate = readLoginCertificate(login.certificateDer);
      const { signature, scheme } = login;
      assertChallengeSigned(certificate, {
        text,
        signature,
        ...(scheme === undefined ? {} : { scheme }),
      });
      await assertCertificateBelieved(certificates, login.certificateDer, clock.now());
      const sha256 = toHex(digestBytes('sha256', login.certificateDer));
      const account = await accounts.getBy('certificateSha256', sha256, SCOPE_ALL);
      if (account === undefined || !(await isEnrolled(account, sha256))) {
        throw new AppError('credentials-incorrect', 'the certificate is not enrolled');
      }
      return openSession(account, sha256, login.requestId);
    },

    async loginWithPassword(login) {
      const name = login.name.toLowerCase();
      await throttle.admit(name);
      const account = await accounts.getBy('name', name, SCOPE_ALL);
      if (!(await verifyPassword(login.password, account?.passwordHash)) || account === undefined) {
        if (account !== undefined) {
          await appendEvent(account.id, 'log-in-refused', {}, undefined, login.requestId);
        }
        throw new AppError('credentials-incorrect', 'name or password is not right');
      }
      await throttle.clear(name);
      return openSession(account, undefined, login.requestId);
    },

    async authenticate(accessToken, requestId) {
      const claims = tokens.verify(accessToken);
      const account = await accounts.get(claims.accountId, SCOPE_ALL);
      if (account === undefined) throw new AppError('unauthenticated', 'the account is gone');
      if (account.isDisabled) throw new AppError('account-disabled', 'the account is disabled');
      if (claims.sessionEpoch !== account.sessionEpoch) {
        throw new AppError('unauthenticated', 'the session was ended');
      }
      const { certificateSha256 } = claims;
      if (certificateSha256 !== undefined && !(await isEnrolled(account, certificateSha256))) {
        throw new AppError('unauthenticated', 'the certificate is no longer enrolled');
      }
      return {
        accountId: account.id,
        roles: account.roles,
        unitId: account.unitId,
        regionCode: account.regionCode,
        certificateSha256,
        requestId,
      };
    },

    async endSessions({ accountId, certificateSha256, requestId }) {
      await appendEvent(accountId, 'logged-out', {}, certificateSha256, requestId, (account) => ({
        sessionEpoch: account.sessionEpoch + 1,
      }));
    },

    jwks: () => tokens.jwks(),

    async purge() {
      await challenges.purge();
      await throttle.purge();
    },
  };
}
