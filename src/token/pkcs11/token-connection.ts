/** One token in use: its sessions, its login, and the calls on it. */
import { setTimeout as startTimer, clearTimeout } from 'node:timers';
import pkcs11js from 'pkcs11js';
import { AppError, type Clock, type Logger } from '../../kernel/index.js';
import { DIGEST_LENGTH, checkSignature } from '../../pki/index.js';
import type { OpenTokenOptions, SignatureScheme, TokenSelector } from '../index.js';
import { isBufferTooSmall, isStaleHandle, tokenError } from './ckr.js';
import { withDeadline } from './deadline.js';
import {
  SM2_MECHANISMS,
  planSignature,
  type Sm2Mechanism,
  type SigningPlan,
} from './mechanisms.js';
import type { Cryptoki } from './modules.js';
import { PinLogin } from './pin-login.js';
import { SessionPool, type PooledSession } from './session-pool.js';
import {
  chooseCertificate,
  findPrivateKey,
  isSameToken,
  readCertificates,
  readTokenState,
  type CertificateObject,
  type TokenView,
} from './token-objects.js';

/** More than any signature of the kinds we know. */
const GENEROUS_OUTPUT_BYTES = 4096;

export interface ConnectionOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly idleLogoutMs: number;
  readonly callTimeoutMs: number;
  readonly maxSessions: number;
  readonly sm2Mechanisms?: readonly Sm2Mechanism[];
}

/** What `open` found: the key is found again by it in every session. */
export interface OpenedKey {
  readonly object: CertificateObject;
  readonly chainDer: readonly Uint8Array[];
  readonly isAlwaysAuthenticated: boolean;
}

export class TokenConnection {
  readonly #cryptoki: Cryptoki;
  readonly #options: ConnectionOptions;
  readonly #pool: SessionPool;
  readonly #login: PinLogin;
  #slot: pkcs11js.Handle;
  /** Kept open as long as the login: a token logs out when its last session closes. */
  #anchor: pkcs11js.Handle | undefined;
  #mechanisms: ReadonlySet<number> | undefined;
  #view: TokenView | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(cryptoki: Cryptoki, slot: pkcs11js.Handle, options: ConnectionOptions) {
    this.#cryptoki = cryptoki;
    this.#slot = slot;
    this.#options = options;
    this.#login = new PinLogin(cryptoki);
    this.#pool = new SessionPool(
      () => this.#openSession(),
      (handle) => this.#closeSession(handle),
      options.maxSessions,
    );
  }

  /** Logs in and finds the signing key. @throws AppError as `TokenProvider.open` */
  async open(
    slot: pkcs11js.Handle,
    selector: TokenSelector,
    options: OpenTokenOptions,
  ): Promise<OpenedKey> {
    try {
      return await this.#pool.alone(() => this.#openAlone(slot, selector, options));
    } catch (error) {
      throw tokenError(error, 'open token');
    } finally {
      this.#restartIdleTimer();
    }
  }

  #openAlone(slot: pkcs11js.Handle, selector: TokenSelector, options: OpenTokenOptions): OpenedKey {
    if (!slot.equals(this.#slot)) this.#reset();
    this.#slot = slot;
    const anchor = this.#liveAnchor();
    const before = this.#look(anchor);
    if (before.certificates.length > 0) requireEnrolled(before, selector);
    const isNewLogin = this.#login.login(slot, anchor, options);
    try {
      // A login may show further certificates; without one, nothing was done between two looks.
      const after = isNewLogin ? this.#look(anchor) : before;
      if (!isSameToken(before, after)) {
        throw new AppError('token-exchanged', 'the token changed during the login');
      }
      requireEnrolled(after, selector);
      this.#mechanisms ??= new Set(this.#cryptoki.C_GetMechanismList(slot));
      this.#view = after;
      return this.#findSigningKey(anchor, after, selector);
    } catch (error) {
      this.#login.logout(anchor);
      throw error;
    }
  }

  #findSigningKey(
    session: pkcs11js.Handle,
    { certificates }: TokenView,
    selector: TokenSelector,
  ): OpenedKey {
    const wanted = certificates.filter(({ listed }) => isSelected(listed, selector));
    const paired = wanted.flatMap((object) => {
      const key = object.listed.isForSigning
        ? findPrivateKey(this.#cryptoki, session, object)
        : undefined;
      return key === undefined ? [] : [{ object, key }];
    });
    const chosen = chooseCertificate(
      paired.map(({ object }) => object),
      this.#options.clock.now(),
    );
    const found = paired.find(({ object }) => object === chosen);
    if (found === undefined) {
      throw new AppError('token-no-signing-certificate', 'no certificate for signing has its key');
    }
    return {
      object: found.object,
      chainDer: certificates
        .filter(({ certificate }) => certificate.extensions.basicConstraints?.isCa === true)
        .map(({ listed }) => listed.der),
      isAlwaysAuthenticated: found.key.isAlwaysAuthenticated,
    };
  }

  /**
   * Signs and checks the signature with the certificate's key before handing it out.
   *
   * @param pin - For a key that wants the PIN for every signature.
   * @throws AppError as `SigningKey.sign`
   */
  async sign(
    key: OpenedKey,
    message: Uint8Array,
    scheme: SignatureScheme,
    pin: (() => string) | undefined,
  ): Promise<Uint8Array> {
    const algorithm = key.object.listed.algorithm;
    if (algorithm === undefined) {
      throw new AppError('algorithm-unsupported', 'the key is of an unknown kind');
    }
    const plan = planSignature(algorithm, scheme, message, this.#mechanisms ?? new Set(), {
      mechanisms: this.#options.sm2Mechanisms ?? SM2_MECHANISMS,
      publicPoint: key.object.certificate.publicKey.keyOctets,
    });
    try {
      const octets = await this.#signWithRetry(key, plan, pin);
      return validReading(key, scheme, message, plan.readings(octets));
    } catch (error) {
      throw tokenError(error, 'sign');
    } finally {
      this.#restartIdleTimer();
    }
  }

  async #signWithRetry(
    key: OpenedKey,
    plan: SigningPlan,
    pin: (() => string) | undefined,
  ): Promise<Uint8Array> {
    try {
      return await this.#pool.use((session) => this.#signIn(session, key, plan, pin));
    } catch (error) {
      // One entry of a PIN is one C_Login: a key that wants it each time is not tried again.
      if (!isStaleHandle(error) || key.isAlwaysAuthenticated) throw error;
      this.#options.logger.warn('token-session-rebuilt', { serial: this.#view?.state.serial });
      this.#pool.closeIdle();
      await this.#pool.alone(() => this.#requireSameTokenInSlot());
      return await this.#pool.use((session) => this.#signIn(session, key, plan, pin));
    }
  }

  async #signIn(
    session: PooledSession,
    key: OpenedKey,
    plan: SigningPlan,
    pin: (() => string) | undefined,
  ): Promise<Uint8Array> {
    try {
      const privateKey = this.#privateKeyIn(session, key);
      this.#cryptoki.C_SignInit(session.handle, plan.mechanism, privateKey);
      if (key.isAlwaysAuthenticated && pin !== undefined) {
        this.#cryptoki.C_Login(session.handle, pkcs11js.CKU_CONTEXT_SPECIFIC, pin());
      }
      return await withDeadline(this.#callSign(session, plan), this.#options.callTimeoutMs);
    } catch (error) {
      // Whatever failed, an operation may still be active in it.
      session.isSpent = true;
      throw error;
    }
  }

  async #callSign({ handle }: PooledSession, plan: SigningPlan): Promise<Uint8Array> {
    const sign = (roomBytes: number): Promise<Buffer> =>
      this.#cryptoki.C_SignAsync(handle, Buffer.from(plan.input), Buffer.alloc(roomBytes));
    try {
      return new Uint8Array(await sign(plan.maxOutputBytes));
    } catch (error) {
      if (!isBufferTooSmall(error)) throw error;
      // The operation stays active (PKCS#11 v2.40, section 5.2); some return DER, which is longer.
      return new Uint8Array(await sign(GENEROUS_OUTPUT_BYTES));
    }
  }

  #privateKeyIn(session: PooledSession, { object }: OpenedKey): pkcs11js.Handle {
    const known = session.keys.get(object.listed.sha256Hex);
    if (known !== undefined) return known;
    // Nobody is asked for the PIN again behind their back: a login that is gone is reported.
    if (!this.#login.isLoggedIn(session.handle)) {
      throw new AppError('token-pin-required', 'the token is logged out; open the key again');
    }
    const found = findPrivateKey(this.#cryptoki, session.handle, object);
    if (found === undefined) {
      throw new AppError('token-exchanged', 'the key is no longer on the token in the slot');
    }
    session.keys.set(object.listed.sha256Hex, found.handle);
    return found.handle;
  }

  #requireSameTokenInSlot(): void {
    const anchor = this.#liveAnchor();
    const now = this.#look(anchor);
    if (this.#view !== undefined && !isSameToken(this.#view, now)) {
      throw new AppError('token-exchanged', 'another token is in the slot');
    }
  }

  #look(session: pkcs11js.Handle): TokenView {
    return {
      state: readTokenState(this.#cryptoki, this.#slot),
      certificates: readCertificates(this.#cryptoki, session),
    };
  }

  #liveAnchor(): pkcs11js.Handle {
    if (this.#anchor !== undefined) {
      try {
        this.#cryptoki.C_GetSessionInfo(this.#anchor);
        return this.#anchor;
      } catch {
        this.#reset();
      }
    }
    this.#anchor = this.#openSession();
    return this.#anchor;
  }

  #reset(): void {
    this.#login.forget();
    this.#pool.closeIdle();
    if (this.#anchor !== undefined) this.#closeSession(this.#anchor);
    this.#anchor = undefined;
    this.#mechanisms = undefined;
  }

  #openSession(): pkcs11js.Handle {
    return this.#cryptoki.C_OpenSession(this.#slot, pkcs11js.CKF_SERIAL_SESSION);
  }

  #closeSession(handle: pkcs11js.Handle): void {
    try {
      this.#cryptoki.C_CloseSession(handle);
    } catch (error) {
      // A session that is gone already is what was wanted.
      this.#options.logger.debug('token-session-close', { error });
    }
  }

  #restartIdleTimer(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = startTimer(() => {
      if (this.#pool.isIdle) this.#logoutNow('idle');
      else this.#restartIdleTimer();
    }, this.#options.idleLogoutMs);
    this.#idleTimer.unref();
  }

  #logoutNow(why: 'idle' | 'closed'): void {
    try {
      if (this.#anchor !== undefined) this.#login.logout(this.#anchor);
    } catch (error) {
      this.#options.logger.debug('token-logout', { why, error });
    }
    this.#reset();
  }

  /** Waits for signatures under way, logs out and closes every session. */
  async close(): Promise<void> {
    await this.#pool.alone(() => this.#logoutNow('closed'));
    clearTimeout(this.#idleTimer);
  }
}

function isSelected(
  listed: CertificateObject['listed'],
  { certificateIdHex, certificateSha256Hex }: TokenSelector,
): boolean {
  return (
    (certificateIdHex === undefined || listed.idHex === certificateIdHex.toLowerCase()) &&
    (certificateSha256Hex === undefined || listed.sha256Hex === certificateSha256Hex.toLowerCase())
  );
}

function requireEnrolled({ certificates }: TokenView, selector: TokenSelector): void {
  const enrolled = selector.certificateSha256Hex?.toLowerCase();
  if (enrolled === undefined) return;
  if (!certificates.some(({ listed }) => listed.sha256Hex === enrolled)) {
    throw new AppError('token-exchanged', 'the enrolled certificate is not on this token');
  }
}

/** A token that signs with another key than its certificate's, or wrongly, is caught here. */
function validReading(
  { object }: OpenedKey,
  { padding, digest }: SignatureScheme,
  message: Uint8Array,
  readings: readonly Uint8Array[],
): Uint8Array {
  const method = { padding, digest, saltLength: DIGEST_LENGTH[digest] };
  const valid = readings.find(
    (each) => checkSignature(object.certificate.publicKey, method, message, each) === 'valid',
  );
  if (valid !== undefined) return valid;
  throw new AppError('token-failed', 'the signature does not verify with the certificate', {
    params: { reason: 'signature-not-verified' },
  });
}
