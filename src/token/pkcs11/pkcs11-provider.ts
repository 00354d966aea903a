/** UKeys through any number of PKCS#11 modules. */
import pkcs11js from 'pkcs11js';
import { AppError, Secret, type Clock, type Logger } from '../../kernel/index.js';
import type {
  OpenTokenOptions,
  TokenListing,
  TokenModuleFault,
  TokenProvider,
  TokenSelector,
  TokenSlot,
} from '../index.js';
import { tokenError } from './ckr.js';
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

export interface Pkcs11ProviderOptions {
  /** Absolute paths of the vendors' libraries, asked in this order. */
  readonly modulePaths: readonly string[];
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
}

interface UsableModule {
  readonly path: string;
  readonly cryptoki: Cryptoki;
}

interface FoundToken {
  readonly module: UsableModule;
  readonly slot: pkcs11js.Handle;
  readonly state: TokenState;
}

/**
 * Opens the provider; a module that is missing or does not load is a fault in its listing, not an
 * error, and is tried again at the next call: drivers are installed while we run.
 */
export function openPkcs11Provider(options: Pkcs11ProviderOptions): Promise<TokenProvider> {
  return Promise.resolve(new Pkcs11Provider(options));
}

class Pkcs11Provider implements TokenProvider {
  readonly #options: Pkcs11ProviderOptions;
  readonly #modules = new Map<string, UsableModule>();
  readonly #connections = new Map<string, TokenConnection>();

  constructor(options: Pkcs11ProviderOptions) {
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
          const modulePath = token.module.path;
          faults.push({ modulePath, code: this.#faultCode(modulePath, error) });
        }
      }
      return { slots, faults };
    });
  }

  async open(selector: TokenSelector, options: OpenTokenOptions): Promise<Pkcs11Key> {
    const { tokens, faults } = this.#findTokens();
    const token = tokens.find(({ state }) => isSelected(state, selector));
    if (token === undefined) throw absence(tokens, faults, selector);
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

  async [Symbol.asyncDispose](): Promise<void> {
    const connections = [...this.#connections.values()];
    this.#connections.clear();
    await Promise.all(connections.map((connection) => connection.close()));
    for (const path of this.#modules.keys()) releaseModule(path);
    this.#modules.clear();
  }

  #connectionTo({ module, slot, state }: FoundToken): TokenConnection {
    const key = JSON.stringify([module.path, state.serial, state.label]);
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const { logger, clock, idleLogoutMs, callTimeoutMs, maxSessions } = this.#options;
    // One session is kept for the login; 0 and all ones mean that the token sets no limit.
    const allowed = state.maxSessions > 1 ? state.maxSessions - 1 : Number.MAX_SAFE_INTEGER;
    const connection = new TokenConnection(module.cryptoki, slot, {
      logger,
      clock,
      idleLogoutMs: idleLogoutMs ?? 300_000,
      callTimeoutMs: callTimeoutMs ?? 30_000,
      maxSessions: Math.max(1, Math.min(maxSessions ?? 3, allowed)),
    });
    this.#connections.set(key, connection);
    return connection;
  }

  #findTokens(): { readonly tokens: FoundToken[]; readonly faults: TokenModuleFault[] } {
    const tokens: FoundToken[] = [];
    const faults: TokenModuleFault[] = [];
    for (const path of this.#options.modulePaths) {
      try {
        const module = this.#usableModule(path);
        const found = this.#tokensOf(module, faults);
        tokens.push(...found);
        if (found.length === 0 && faults.at(-1)?.modulePath !== path) {
          const hasSlots = module.cryptoki.C_GetSlotList(false).length > 0;
          faults.push({ modulePath: path, code: hasSlots ? 'token-absent' : 'token-no-slot' });
        }
      } catch (error) {
        faults.push({ modulePath: path, code: this.#faultCode(path, error) });
      }
    }
    return { tokens, faults };
  }

  /** A token that fails, as one just pulled out, hides none of the others. */
  #tokensOf(module: UsableModule, faults: TokenModuleFault[]): FoundToken[] {
    const { cryptoki, path } = module;
    const found: FoundToken[] = [];
    for (const slot of cryptoki.C_GetSlotList(true)) {
      try {
        if (!isTokenInitialised(cryptoki, slot)) continue;
        found.push({ module, slot, state: readTokenState(cryptoki, slot) });
      } catch (error) {
        faults.push({ modulePath: path, code: this.#faultCode(path, error) });
      }
    }
    return found;
  }

  #usableModule(path: string): UsableModule {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const module = { path, cryptoki: acquireModule(path) };
    this.#modules.set(path, module);
    return module;
  }

  #describe({ module, slot, state }: FoundToken): TokenSlot {
    const session = module.cryptoki.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION);
    try {
      const objects = readCertificates(module.cryptoki, session);
      return {
        modulePath: module.path,
        slotId: slotNumber(slot),
        label: state.label,
        serial: state.serial,
        manufacturer: state.manufacturer,
        model: state.model,
        pinState: state.pinState,
        certificates: objects.map(({ listed }) => listed),
        signingCertificate: chooseCertificate(objects, this.#options.clock.now())?.listed,
      };
    } finally {
      module.cryptoki.C_CloseSession(session);
    }
  }

  /** Logs why a module is of no use and says it in the few words of a listing. */
  #faultCode(modulePath: string, cause: unknown): TokenModuleFault['code'] {
    const error = tokenError(cause, 'look for tokens');
    this.#options.logger.warn('token-module-fault', { modulePath, code: error.code, error });
    return FAULT_CODES.find((code) => code === error.code) ?? 'token-failed';
  }
}

const FAULT_CODES = ['token-library-missing', 'token-no-slot', 'token-absent'] as const;

function isSelected(state: TokenState, { label, serial }: TokenSelector): boolean {
  return (
    (label === undefined || label === state.label) &&
    (serial === undefined || serial === state.serial)
  );
}

/** Why no token was found, from the cause nearest to success: token, slot, library. */
function absence(
  tokens: readonly FoundToken[],
  faults: readonly TokenModuleFault[],
  { label, serial }: TokenSelector,
): AppError {
  const params = {
    ...(label === undefined ? {} : { label }),
    ...(serial === undefined ? {} : { serial }),
  };
  if (tokens.length > 0) {
    return new AppError('token-absent', 'no token of this label or serial', { params });
  }
  const order = ['token-failed', 'token-absent', 'token-no-slot'] as const;
  const code = order.find((one) => faults.some((fault) => fault.code === one));
  return new AppError(code ?? 'token-library-missing', 'no token found', { params });
}

/** A slot id is a native unsigned long, in the machine's byte order (little-endian where we run). */
function slotNumber(slot: pkcs11js.Handle): number {
  return slot.length >= 8 ? Number(slot.readBigUInt64LE(0)) : slot.readUInt32LE(0);
}
