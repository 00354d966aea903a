/** What a PKCS#11 return value means to the rest of the product. The CKR name stays in `cause` and in params. */
import pkcs11js from 'pkcs11js';
import { AppError, isAppError, type ErrorCode } from '../../kernel/index.js';

/** CKR values by what to do about them (PKCS#11 v2.40, section 11.1). */
const CKR = {
  slotIdInvalid: 0x03,
  generalError: 0x05,
  functionFailed: 0x06,
  deviceError: 0x30,
  deviceRemoved: 0x32,
  keyHandleInvalid: 0x60,
  mechanismInvalid: 0x70,
  mechanismParamInvalid: 0x71,
  objectHandleInvalid: 0x82,
  pinIncorrect: 0xa0,
  pinInvalid: 0xa1,
  pinLenRange: 0xa2,
  pinExpired: 0xa3,
  pinLocked: 0xa4,
  sessionClosed: 0xb0,
  sessionHandleInvalid: 0xb3,
  tokenNotPresent: 0xe0,
  tokenNotRecognized: 0xe1,
  userAlreadyLoggedIn: 0x100,
  userNotLoggedIn: 0x101,
  operationNotInitialized: 0x91,
  bufferTooSmall: 0x150,
  cryptokiNotInitialized: 0x190,
  cryptokiAlreadyInitialized: 0x191,
} as const;

const CODES = new Map<number, ErrorCode>([
  [CKR.slotIdInvalid, 'token-absent'],
  [CKR.deviceRemoved, 'token-absent'],
  [CKR.tokenNotPresent, 'token-absent'],
  [CKR.tokenNotRecognized, 'token-absent'],
  [CKR.pinIncorrect, 'token-pin-incorrect'],
  // A PIN of the wrong length or alphabet was not the token's PIN; most tokens count it as a try.
  [CKR.pinInvalid, 'token-pin-incorrect'],
  [CKR.pinLenRange, 'token-pin-incorrect'],
  [CKR.pinExpired, 'token-pin-expired'],
  [CKR.pinLocked, 'token-pin-locked'],
  [CKR.userNotLoggedIn, 'token-pin-required'],
  [CKR.mechanismInvalid, 'algorithm-unsupported'],
  [CKR.mechanismParamInvalid, 'algorithm-unsupported'],
]);

/** Handles that died with a session or a reinsertion: worth rebuilding once, without a PIN. */
const STALE = new Set<number>([
  CKR.keyHandleInvalid,
  CKR.objectHandleInvalid,
  // Between C_SignInit and C_Sign the operation vanishes with the session it was started in.
  CKR.operationNotInitialized,
  CKR.sessionClosed,
  CKR.sessionHandleInvalid,
]);

/** The numeric return value of a failed PKCS#11 call, `undefined` for any other error. */
export function returnValueOf(error: unknown): number | undefined {
  return error instanceof pkcs11js.Pkcs11Error ? error.code : undefined;
}

export function isStaleHandle(error: unknown): boolean {
  const value = returnValueOf(error);
  return value !== undefined && STALE.has(value);
}

export function isUserAlreadyLoggedIn(error: unknown): boolean {
  return returnValueOf(error) === CKR.userAlreadyLoggedIn;
}

export function isUserNotLoggedIn(error: unknown): boolean {
  return returnValueOf(error) === CKR.userNotLoggedIn;
}

export function isCryptokiAlreadyInitialized(error: unknown): boolean {
  return returnValueOf(error) === CKR.cryptokiAlreadyInitialized;
}

/** Whether `error` says that the token had this PIN and refused it, so that a try was used up. */
export function isPinRefused(error: unknown): boolean {
  const value = returnValueOf(error);
  return value === CKR.pinIncorrect || value === CKR.pinInvalid || value === CKR.pinLenRange;
}

/** Whether `error` may hide a refused PIN: some vendors say nothing better of a wrong one. */
export function isVagueFailure(error: unknown): boolean {
  const value = returnValueOf(error);
  return value === CKR.generalError || value === CKR.functionFailed;
}

export function isBufferTooSmall(error: unknown): boolean {
  return returnValueOf(error) === CKR.bufferTooSmall;
}

/**
 * The coded error for whatever a PKCS#11 call threw. AppErrors pass through unchanged; what has no
 * row is `token-failed` with the return value's name in params `reason`.
 */
export function tokenError(error: unknown, doing: string): AppError {
  if (isAppError(error)) return error;
  const value = returnValueOf(error);
  const name = value === undefined || !(error instanceof Error) ? undefined : error.message;
  const code = (value === undefined ? undefined : CODES.get(value)) ?? 'token-failed';
  return new AppError(code, `${doing}: ${name ?? 'unexpected failure in the PKCS#11 module'}`, {
    cause: error,
    ...(name === undefined ? {} : { params: { reason: name } }),
  });
}
