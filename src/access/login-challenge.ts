/**
 * Login challenges: a text that a UKey signs once. It names its purpose and begins with a letter, so
 * it can be mistaken neither for signed attributes (DER SET) nor for a document.
 */
import {
  AppError,
  isAppError,
  newId,
  systemRandom,
  toBase64Url,
  type Clock,
  type RandomBytes,
} from '../kernel/index.js';
import { SCOPE_ALL, type Collection, type CollectionSpec } from '../store/index.js';

const PURPOSE = 'qianyin-login-v1';
const LIFE_MS = 2 * 60_000;

export interface LoginChallengeRecord {
  readonly id: string;
  readonly version: number;
  /** The text to be signed, as UTF-8. */
  readonly text: string;
  readonly expiresAt: string;
}

export type LoginChallengeIndex = 'expiresAt';

export const LOGIN_CHALLENGES: CollectionSpec<LoginChallengeRecord, LoginChallengeIndex> = {
  name: 'login-challenges',
  indexes: { expiresAt: { of: (challenge) => challenge.expiresAt } },
  scopeKeys: () => [],
};

export interface LoginChallenge {
  readonly id: string;
  readonly text: string;
  readonly expiresAt: string;
}

export interface LoginChallenges {
  create(): Promise<LoginChallenge>;
  /**
   * Takes a challenge out of circulation and returns its text; nobody gets it a second time,
   * whether the log-in succeeds or not.
   * @throws AppError `challenge-invalid`
   */
  take(id: string): Promise<string>;
  /** Removes challenges nobody answered. */
  purge(): Promise<void>;
}

export interface LoginChallengesOptions {
  readonly records: Collection<LoginChallengeRecord, LoginChallengeIndex>;
  /** Scheme, host and port of the service, so that a signature for one site is of no use at another. */
  readonly origin: string;
  readonly clock: Clock;
  readonly random?: RandomBytes;
}

export function createLoginChallenges(options: LoginChallengesOptions): LoginChallenges {
  const { records, origin, clock } = options;
  const random = options.random ?? systemRandom;
  return {
    async create() {
      const id = newId('chl', random);
      const expiresAt = new Date(clock.now().getTime() + LIFE_MS).toISOString();
      const lines = [
        PURPOSE,
        `origin: ${origin}`,
        `challenge: ${id}`,
        `nonce: ${toBase64Url(random(32))}`,
        `expires: ${expiresAt}`,
      ];
      const text = lines.join('\n');
      await records.insert({ id, version: 1, text, expiresAt });
      return { id, text, expiresAt };
    },
    async take(id) {
      const challenge = await records.get(id, SCOPE_ALL);
      if (challenge === undefined) throw invalid('unknown or used');
      try {
        await records.remove(challenge.id, challenge.version);
      } catch (error) {
        // Whoever removed it first has it.
        if (!isAppError(error, 'record-not-found', 'record-version-conflict')) throw error;
        throw invalid('used');
      }
      if (Date.parse(challenge.expiresAt) <= clock.now().getTime()) throw invalid('expired');
      return challenge.text;
    },
    async purge() {
      const where = { expiresAt: { lt: clock.now().toISOString() } };
      const { items } = await records.find({ where, limit: 500 }, SCOPE_ALL);
      for (const { id, version } of items) {
        try {
          await records.remove(id, version);
        } catch (error) {
          if (!isAppError(error, 'record-not-found')) throw error;
        }
      }
    },
  };
}

function invalid(reason: string): AppError {
  return new AppError('challenge-invalid', `challenge is ${reason}`);
}
