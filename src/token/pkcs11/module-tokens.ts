/** The tokens of one PKCS#11 module that is loaded into this process. */
import pkcs11js from 'pkcs11js';
import { AppError, Secret, type Clock, type Logger } from '../../kernel/index.js';
import type {
  OpenTokenOptions,
  TokenListing,
  TokenModuleFault,
  TokenSelector,
  TokenSlot,
} from '../index.js';
import { tokenError } from './ckr.js';
import type { Sm2Mechanism } from './mechanisms.js';
import type { ModuleAccess, PresentToken, PresentTokens } from './module-access.js';
import { acquireModule, releaseModule, type Cryptoki } from './modules.js';
import { Pkcs11Key } from './pkcs11-key.js';
import { TokenConnection } from './token-connection.js';
import {
  chooseCertificate,
  isTokenInitialised,
  readCertificates,
  readTokenState,
  type TokenState,
} from './token-objects.js';

export interface ModuleOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  /** A token without a call for so long is logged out; 5 minutes unless given. */
  readonly idleLogoutMs?: number;
  /** The longest wait for one signature; 30 seconds unless given. */
  readonly callTimeoutMs?: number;
  /**
   * Sessions a token at most; 3 unless given, which leaves one of Node's four pool threads to the
   * rest of the process.
   */
  readonly maxSessions?: number;
  /** The vendors' mechanisms for SM2, in order of preference. */
  readonly sm2Mechanisms?: readonly Sm2Mechanism[];
}

interface FoundToken extends PresentToken {
  readonly slot: pkcs11js.Handle;
  readonly state: TokenState;
}

export class ModuleTokens implements ModuleAccess {
  readonly path: string;
  readonly #options: ModuleOptions;
  readonly #connections = new Map<string, TokenConnection>();
  #cryptoki: Cryptoki | undefined;

  constructor(path: string, options: ModuleOptions) {
    this.path = path;
    this.#options = options;
  }

  list(): Promise<TokenListing> {
    return Promise.resolve().then(() => {
      const { tokens, faults } = this.#findTokens();
      const slots: TokenSlot[] = [];
      for (const token of tokens) {
        try {
          slots.push(this.#describe(token));
        } catch (error) {
          faults.push(this.#fault(error));
        }
      }
      return { slots, faults };
    });
  }

  find(): Promise<PresentTokens> {
    return Promise.resolve().then(() => this.#findTokens());
  }

  async open(
    wanted: PresentToken,
    selector: TokenSelector,
    options: OpenTokenOptions,
  ): Promise<Pkcs11Key> {
    const token = this.#findTokens().tokens.find(
      ({ slotId, serial, label }) =>
        slotId === wanted.slotId && serial === wanted.serial && label === wanted.label,
    );
    if (token === undefined) {
      throw new AppError('token-absent', 'the token left its slot before the login');
    }
    const connection = this.#connectionTo(token);
    // The caller may wipe the PIN while the token is busy with others.
    const pin = Secret.fromBytes(Uint8Array.from(options.pin.reveal()));
    try {
      const opened = await connection.open(token.slot, selector, { ...options, pin });
      return new Pkcs11Key(connection, opened, pin);
    } finally {
      pin[Symbol.dispose]();
    }
  }

  async close(): Promise<void> {
    const connections = [...this.#connections.values()];
    this.#connections.clear();
    await Promise.all(connections.map((connection) => connection.close()));
    if (this.#cryptoki !== undefined) releaseModule(this.path);
    this.#cryptoki = undefined;
  }

  /** @throws AppError `token-library-missing`; tried again at the next call: drivers are installed while we run */
  #loaded(): Cryptoki {
    this.#cryptoki ??= acquireModule(this.path);
    return this.#cryptoki;
  }

  #connectionTo({ slot, state }: FoundToken): TokenConnection {
    const key = JSON.stringify([state.serial, state.label]);
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const { logger, clock, idleLogoutMs, callTimeoutMs, maxSessions, sm2Mechanisms } =
      this.#options;
    // One session is kept for the login; 0 and all ones mean that the token sets no limit.
    const allowed = state.maxSessions > 1 ? state.maxSessions - 1 : Number.MAX_SAFE_INTEGER;
    const connection = new TokenConnection(this.#loaded(), slot, {
      logger,
      clock,
      idleLogoutMs: idleLogoutMs ?? 300_000,
      callTimeoutMs: callTimeoutMs ?? 30_000,
      maxSessions: Math.max(1, Math.min(maxSessions ?? 3, allowed)),
      ...(sm2Mechanisms === undefined ? {} : { sm2Mechanisms }),
    });
    this.#connections.set(key, connection);
    return connection;
  }

  /** A token that fails, as one just pulled out, hides none of the others. */
  #findTokens(): { readonly tokens: FoundToken[]; readonly faults: TokenModuleFault[] } {
    const tokens: FoundToken[] = [];
    const faults: TokenModuleFault[] = [];
    try {
      const cryptoki = this.#loaded();
      for (const slot of cryptoki.C_GetSlotList(true)) {
        try {
          const state = readTokenState(cryptoki, slot);
          if (!isTokenInitialised(state)) continue;
          const { label, serial } = state;
          tokens.push({ slot, state, slotId: slotNumber(slot), label, serial });
        } catch (error) {
          faults.push(this.#fault(error));
        }
      }
      if (tokens.length === 0 && faults.length === 0) {
        const hasSlots = cryptoki.C_GetSlotList(false).length > 0;
        faults.push({ modulePath: this.path, code: hasSlots ? 'token-absent' : 'token-no-slot' });
      }
    } catch (error) {
      faults.push(this.#fault(error));
    }
    return { tokens, faults };
  }

  #describe({ slot, slotId, state }: FoundToken): TokenSlot {
    const cryptoki = this.#loaded();
    const session = cryptoki.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION);
    try {
      const objects = readCertificates(cryptoki, session);
      return {
        modulePath: this.path,
        slotId,
        label: state.label,
        serial: state.serial,
        manufacturer: state.manufacturer,
        model: state.model,
        pinState: state.pinState,
        certificates: objects.map(({ listed }) => listed),
        signingCertificate: chooseCertificate(objects, this.#options.clock.now())?.listed,
      };
    } finally {
      cryptoki.C_CloseSession(session);
    }
  }

  #fault(cause: unknown): TokenModuleFault {
    return moduleFault(this.path, cause, this.#options.logger);
  }
}

const FAULT_CODES = ['token-library-missing', 'token-no-slot', 'token-absent'] as const;

/** Logs why a module is of no use and says it in the few words of a listing. */
export function moduleFault(modulePath: string, cause: unknown, logger: Logger): TokenModuleFault {
  const error = tokenError(cause, 'look for tokens');
  logger.warn('token-module-fault', { modulePath, code: error.code, error });
  const { reason } = error.params;
  return {
    modulePath,
    code: FAULT_CODES.find((code) => code === error.code) ?? 'token-failed',
    ...(typeof reason === 'string' ? { reason } : {}),
  };
}

/** A slot id is a native unsigned long, in the machine's byte order (little-endian where we run). */
function slotNumber(slot: pkcs11js.Handle): number {
  return slot.length >= 8 ? Number(slot.readBigUInt64LE(0)) : slot.readUInt32LE(0);
}
