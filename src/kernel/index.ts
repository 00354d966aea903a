export { AppError, isAppError } from './app-error.js';
export type { AppErrorOptions, ErrorParam } from './app-error.js';
export { ERROR_CODES } from './error-codes.js';
export type { ErrorCode } from './error-codes.js';
export { ERROR_TEXTS, errorText } from './error-texts.js';
export type { ErrorText } from './error-texts.js';
export * from './bytes.js';
export {
  ConcatSource,
  MemorySource,
  PrefixSource,
  readAll,
  readChunks,
  scanBytes,
} from './byte-source.js';
export type { ByteSource } from './byte-source.js';
export { DEFAULT_BACKOFF, backoffMs } from './backoff.js';
export type { BackoffPolicy } from './backoff.js';
export { decryptAesCbc, encryptAesCbc, md5 } from './cipher.js';
export { canonicalJson } from './canonical-json.js';
export { dueRfc3339, systemClock, toRfc3339, wholeSecond } from './clock.js';
export type { Clock } from './clock.js';
export { startDeadline } from './deadline.js';
export type { Deadline } from './deadline.js';
export { HashedSource, digestBytes, digestSpans, sha256Hex } from './digest.js';
export type { DigestAlgorithm, PrefixHash } from './digest.js';
export { idFrom, newId, systemRandom } from './ids.js';
export type { RandomBytes } from './ids.js';
export { silentLogger } from './logger.js';
export type { LogFields, Logger } from './logger.js';
export { createRounds } from './rounds.js';
export type { Rounds, RoundsOptions } from './rounds.js';
export { Secret } from './secret.js';
export { FAULT_POINTS, noFaults } from './fault-points.js';
export type { FaultHook, FaultPoint } from './fault-points.js';
export { looksLikeZip } from './zip-signature.js';
export { shanghaiClock, shanghaiText, startOfShanghaiDay } from './shanghai.js';
