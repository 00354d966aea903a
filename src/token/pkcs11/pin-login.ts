/**
 * The login of one token: PIN flags looked at before every C_Login, one C_Login for one entry of a
 * PIN, and a proof of the PIN for those who come while the token is logged in already.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import pkcs11js from 'pkcs11js';
import { AppError, type Secret } from '../../kernel/index.js';
import type { OpenTokenOptions, PinState } from '../index.js';
import {
  isPinRefused,
  isUserAlreadyLoggedIn,
  isUserNotLoggedIn,
  isVagueFailure,
  tokenError,
} from './ckr.js';
import type { Cryptoki } from './modules.js';
import { readTokenState } from './token-objects.js';

/** Never leaves the process: what is kept of a PIN is of no use in a memory image without it. */
const proofKey = randomBytes(32);

/** CKS_RO_USER_FUNCTIONS, CKS_RW_USER_FUNCTIONS */
const USER_STATES = new Set([1, 3]);

export class PinLogin {
  readonly #cryptoki: Cryptoki;
  #proof: Buffer | undefined;

  constructor(cryptoki: Cryptoki) {
    this.#cryptoki = cryptoki;
  }

  /**
   * Logs in, or proves that `pin` is the one the token is logged in with. Another PIN costs the
   * login: it is proved by the token, which counts it, and not by us.
   *
   * @returns Whether the token was asked; `false` where it was logged in with this PIN already.
   * @throws AppError `token-pin-locked`, `token-pin-final-try`, `token-pin-incorrect` with params
   *   `triesLeft`, `token-failed`, `token-absent`
   */
  login(slot: pkcs11js.Handle, session: pkcs11js.Handle, options: OpenTokenOptions): boolean {
    const proof = proofOf(options.pin);
    if (this.isLoggedIn(session)) {
      if (this.#proof !== undefined && timingSafeEqual(this.#proof, proof)) return false;
      this.logout(session);
    }
    this.#proof = undefined;
    refuseRiskyTry(readTokenState(this.#cryptoki, slot).pinState, options);
    try {
      this.#callLogin(session, options.pin);
    } catch (error) {
      // A vague failure counts as a refusal: to take a wrong PIN for a fault would invite another try.
      if (isPinRefused(error) || isVagueFailure(error)) throw this.#refused(slot, error);
      throw tokenError(error, 'C_Login');
    }
    this.#proof = proof;
    return true;
  }

  /** Whether the token takes the user for logged in, whatever we remember. */
  isLoggedIn(session: pkcs11js.Handle): boolean {
    return USER_STATES.has(this.#cryptoki.C_GetSessionInfo(session).state);
  }

  logout(session: pkcs11js.Handle): void {
    this.#proof = undefined;
    try {
      this.#cryptoki.C_Logout(session);
    } catch (error) {
      if (!isUserNotLoggedIn(error)) throw error;
    }
  }

  /** After the sessions died: the login died with them. */
  forget(): void {
    this.#proof = undefined;
  }

  #callLogin(session: pkcs11js.Handle, pin: Secret): void {
    // The binding takes strings only; this one lives until the collector comes, and nowhere else.
    const login = (): void => {
      this.#cryptoki.C_Login(session, pkcs11js.CKU_USER, pin.revealText());
    };
    try {
      login();
    } catch (error) {
      if (!isUserAlreadyLoggedIn(error)) throw error;
      // Another component of the process logged in: the token has not looked at this PIN yet.
      this.logout(session);
      login();
    }
  }

  #refused(slot: pkcs11js.Handle, cause: unknown): AppError {
    let state: PinState;
    try {
      state = readTokenState(this.#cryptoki, slot).pinState;
    } catch (error) {
      // Pulled out while it looked at the PIN: no word on the PIN at all.
      throw tokenError(error, 'C_Login');
    }
    if (state === 'locked') {
      return new AppError('token-pin-locked', 'the PIN was wrong and is locked now', { cause });
    }
    const triesLeft = state === 'final-try' ? 'final' : state === 'count-low' ? 'low' : 'unknown';
    return new AppError('token-pin-incorrect', 'the token refused the PIN', {
      params: { triesLeft },
      cause,
    });
  }
}

/** `not-initialised` is left to the token: some never set the flag, and saying so costs no try. */
function refuseRiskyTry(state: PinState, options: OpenTokenOptions): void {
  if (state === 'locked') throw new AppError('token-pin-locked', 'the PIN is locked');
  if (state === 'final-try' && options.confirmFinalTry !== true) {
    throw new AppError('token-pin-final-try', 'one try is left and it was not confirmed');
  }
}

function proofOf(pin: Secret): Buffer {
  return createHmac('sha256', proofKey).update(pin.reveal()).digest();
}
