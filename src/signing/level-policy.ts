/**
 * The level of a contract's signatures as the service wants it: raised at once where everybody
 * answers; where somebody does not, the contract waits at the level reached and is tried again until
 * a deadline, or the signature is refused.
 */
import type { LevelState } from '../contract/index.js';
import {
  ConcatSource,
  MemorySource,
  concatBytes,
  isAppError,
  toRfc3339,
  type AppError,
  type ByteSource,
} from '../kernel/index.js';
import { finishSignature, type PendingSignature } from '../pades/index.js';
import {
  isAtLeast,
  raiseLevel,
  stampOver,
  type Level,
  type RaiseOptions,
  type RaisedFile,
} from './levels/index.js';

export interface LevelPolicy extends Pick<
  RaiseOptions,
  'timestamps' | 'evidence' | 'clock' | 'demandsFreshEvidence'
> {
  readonly target: Exclude<Level, 'B-B'>;
  /** `wait`: published at the level reached, raised later; `refuse`: no signature below the target. */
  readonly onFailure: 'wait' | 'refuse';
  /** Pause before the target is tried again; doubled each time. */
  readonly firstPauseMs: number;
  /** How long the target is tried for after a signature. */
  readonly deadlineMs: number;
  /** A document time-stamp is renewed so long before its authority's certificate ends. */
  readonly renewalMarginMs: number;
}

/** A signature finished and raised as far as it went. */
export interface RaisedSignature {
  /** What to append to the base file. */
  readonly appended: Uint8Array;
  /** Length of the signature's own revision: the rest of `appended` came after it. */
  readonly signatureBytes: number;
  readonly level: Level;
  readonly failure: AppError | undefined;
  readonly renewBefore: Date | undefined;
}

/** Longest pause before the level is tried again. */
const LONGEST_PAUSE_MS = 3_600_000;

/**
 * Room for a time-stamp in a signature about to be prepared.
 * @returns 0 where no authority answers and the policy waits: a document time-stamp will do later.
 * @throws AppError `tsa-unavailable`, `tsa-response-invalid` where the policy refuses
 */
export async function timestampRoom(policy: LevelPolicy | undefined): Promise<number> {
  if (policy === undefined) return 0;
  try {
    return await policy.timestamps.expectedBytes();
  } catch (error) {
    if (policy.onFailure === 'wait' && isAppError(error)) return 0;
    throw error;
  }
}

/**
 * Finishes a signature and raises it to the policy's level.
 *
 * @throws AppError where the policy refuses: what kept the target from being reached
 */
export async function finishAtLevel(
  policy: LevelPolicy | undefined,
  base: ByteSource,
  pending: PendingSignature,
  value: Uint8Array,
): Promise<RaisedSignature> {
  const stamped = await stampIfAsked(policy, pending, value);
  const { signature } = stamped;
  const plain = { appended: signature, signatureBytes: signature.length, renewBefore: undefined };
  if (policy === undefined) return { ...plain, level: 'B-B', failure: undefined };
  if (stamped.failure !== undefined) return { ...plain, level: 'B-B', failure: stamped.failure };
  const raised = await raiseLevel(new ConcatSource(base, new MemorySource(signature)), {
    ...policy,
    fields: [pending.prepared.fieldName],
  });
  if (raised.failure !== undefined && policy.onFailure === 'refuse') throw raised.failure;
  return {
    ...plain,
    appended: concatBytes([signature, raised.appended]),
    level: raised.level,
    failure: raised.failure,
    renewBefore: raised.renewBefore,
  };
}

/** An authority that fails is not asked again at once: `failure` says so. */
async function stampIfAsked(
  policy: LevelPolicy | undefined,
  pending: PendingSignature,
  value: Uint8Array,
): Promise<{ readonly signature: Uint8Array; readonly failure?: AppError }> {
  if (policy === undefined) return { signature: finishSignature(pending, value) };
  try {
    const token = await stampOver(pending, value, policy.timestamps);
    return { signature: finishSignature(pending, value, token) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const signature = finishSignature(pending, value);
    // No room for this token, and the key is not asked twice: a document time-stamp proves the time.
    if (error.code === 'signature-too-large') return { signature };
    if (policy.onFailure === 'refuse') throw error;
    return { signature, failure: error };
  }
}

/** What is left to do after `raised`, as the contract remembers it. */
export function levelStateAfter(
  policy: LevelPolicy,
  raised: Pick<RaisedFile, 'level' | 'failure' | 'renewBefore'>,
  at: Date,
  before?: LevelState,
): LevelState {
  const { target } = policy;
  const later = (ms: number): string => toRfc3339(new Date(at.getTime() + ms));
  if (isAtLeast(raised.level, target)) {
    const renewal = raised.renewBefore;
    return {
      target,
      reached: raised.level,
      state: 'kept',
      attempts: 0,
      ...(renewal === undefined ? {} : { dueAt: toRfc3339(renewalTime(policy, renewal, at)) }),
    };
  }
  const attempts = (before?.attempts ?? 0) + 1;
  const deadlineAt = before?.deadlineAt ?? later(policy.deadlineMs);
  const isMissed = Date.parse(deadlineAt) <= at.getTime();
  const pause = Math.min(LONGEST_PAUSE_MS, policy.firstPauseMs * 2 ** Math.min(attempts - 1, 20));
  return {
    target,
    reached: raised.level,
    state: isMissed ? 'missed' : 'waiting',
    attempts,
    deadlineAt,
    ...(isMissed ? {} : { dueAt: later(pause) }),
    ...(raised.failure === undefined ? {} : { lastFailure: raised.failure.code }),
  };
}

/** Before the authority's certificate ends, by the margin, or by half of what is left where that is less. */
function renewalTime(policy: LevelPolicy, renewBefore: Date, at: Date): Date {
  const left = renewBefore.getTime() - at.getTime();
  const margin = Math.min(policy.renewalMarginMs, left / 2);
  return new Date(renewBefore.getTime() - margin);
}
