/**
 * A PKCS#11 module in a process of its own: its crash ends that process and no other, its hanging
 * ends it by our hand. The next call starts it anew, without anybody's login: a PIN is not kept.
 */
import { setTimeout as startTimer, clearTimeout } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { AppError, isAppError } from '../../../kernel/index.js';
import type {
  OpenTokenOptions,
  SignatureScheme,
  SigningKey,
  TokenListing,
  TokenSelector,
} from '../../index.js';
import type { ModuleAccess, PresentToken, PresentTokens } from '../module-access.js';
import { moduleFault, type ModuleOptions } from '../module-tokens.js';
import { HostProcess, type HostAnswer } from './host-process.js';
import { bytesOf, listingOf, type WireKey, type WireListing } from './messages.js';
import { Restarts } from './restarts.js';

export interface HostOptions {
  /** Environment of the modules' processes; vendors' libraries read it, so it must hold no secret. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Arguments of node that run the host program; the built one unless given. */
  readonly nodeArguments?: readonly string[];
  /** How long a listing waits for one module before it leaves it out; 10 seconds unless given. */
  readonly listTimeoutMs?: number;
}

const CALL_TIMEOUT_MS = 30_000;
const LIST_TIMEOUT_MS = 10_000;
/** Beyond the time that the process itself gives a call, before its silence counts as hanging. */
const SILENCE_MARGIN_MS = 1000;

export class HostedModule implements ModuleAccess {
  readonly path: string;
  readonly #options: ModuleOptions;
  readonly #host: HostOptions;
  readonly #restarts: Restarts;
  #process: HostProcess | undefined;
  #isClosed = false;

  constructor(path: string, options: ModuleOptions, host: HostOptions) {
    this.path = path;
    this.#options = options;
    this.#host = host;
    this.#restarts = new Restarts(options.clock);
  }

  async list(): Promise<TokenListing> {
    try {
      const { value } = await this.#soon(this.#running().call({ call: 'list' }));
      return listingOf(value as WireListing);
    } catch (error) {
      return { slots: [], faults: [moduleFault(this.path, error, this.#options.logger)] };
    }
  }

  async find(): Promise<PresentTokens> {
    try {
      const { value } = await this.#soon(this.#running().call({ call: 'find' }));
      return value as PresentTokens;
    } catch (error) {
      return { tokens: [], faults: [moduleFault(this.path, error, this.#options.logger)] };
    }
  }

  async open(
    token: PresentToken,
    selector: TokenSelector,
    { pin, confirmFinalTry = false }: OpenTokenOptions,
  ): Promise<SigningKey> {
    const running = this.#running();
    const { value } = await running.call(
      { call: 'open', token, selector, confirmFinalTry },
      pin.reveal(),
      true,
    );
    return new HostedKey(running, value as WireKey);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#process?.close();
    this.#process = undefined;
  }

  /** @throws AppError `token-failed` while a module that keeps failing is not started */
  #running(): HostProcess {
    if (this.#isClosed) throw new AppError('token-absent', 'the tokens were closed');
    if (this.#process?.isUsable === true) return this.#process;
    this.#restarts.assertMayStart();
    const { idleLogoutMs, callTimeoutMs = CALL_TIMEOUT_MS, logger } = this.#options;
    const { maxSessions, sm2Mechanisms } = this.#options;
    const started = new HostProcess({
      nodeArguments: this.#host.nodeArguments ?? [hostProgram()],
      environment: this.#host.environment,
      silenceMs: callTimeoutMs + SILENCE_MARGIN_MS,
      onEnd: (reason, detail) => {
        if (reason === 'closed') return;
        this.#restarts.failed(reason);
        logger.error('token-module-ended', { modulePath: this.path, reason, detail });
      },
    });
    this.#process = started;
    const settings = {
      modulePath: this.path,
      callTimeoutMs,
      ...(idleLogoutMs === undefined ? {} : { idleLogoutMs }),
      ...(maxSessions === undefined ? {} : { maxSessions }),
      ...(sm2Mechanisms === undefined ? {} : { sm2Mechanisms }),
    };
    // Its failure is the failure of the call that comes behind it in the same pipe.
    started.call({ call: 'start', settings }).catch(() => undefined);
    return started;
  }

  /** A module that is busy with a long login shall not keep the listing of the others waiting. */
  async #soon(answer: Promise<HostAnswer>): Promise<HostAnswer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = startTimer(() => {
        reject(
          new AppError('token-failed', 'the module is busy', { params: { reason: 'module-busy' } }),
        );
      }, this.#host.listTimeoutMs ?? LIST_TIMEOUT_MS);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

class HostedKey implements SigningKey {
  readonly certificateDer: Uint8Array;
  readonly chainDer: readonly Uint8Array[];
  readonly algorithm: SigningKey['algorithm'];
  readonly authentication: SigningKey['authentication'];
  readonly #process: HostProcess;
  readonly #keyId: number;
  #isClosed = false;

  constructor(process: HostProcess, wire: WireKey) {
    this.certificateDer = bytesOf(wire.certificateB64);
    this.chainDer = wire.chainB64.map(bytesOf);
    this.algorithm = wire.algorithm;
    this.authentication = wire.authentication;
    this.#process = process;
    this.#keyId = wire.keyId;
  }

  async sign(message: Uint8Array, scheme: SignatureScheme): Promise<Uint8Array> {
    if (this.#isClosed) throw new AppError('token-absent', 'the key was closed');
    if (!this.#process.isUsable) {
      throw new AppError('token-pin-required', 'the login ended with the module; open it again');
    }
    const { body } = await this.#process.call(
      { call: 'sign', keyId: this.#keyId, scheme },
      message,
    );
    return body;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      if (this.#process.isUsable) {
        await this.#process.call({ call: 'release', keyId: this.#keyId });
      }
    } catch (error) {
      // A process that ended has released everything.
      if (!isAppError(error)) throw error;
    }
  }
}

function hostProgram(): string {
  return fileURLToPath(new URL('./host-main.js', import.meta.url));
}
