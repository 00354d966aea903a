/** UKeys through any number of PKCS#11 modules: which token is meant, and how often its PIN may be tried. */
import { AppError, isAppError } from '../../kernel/index.js';
import type {
  OpenTokenOptions,
  SigningKey,
  TokenListing,
  TokenModuleFault,
  TokenProvider,
  TokenSelector,
} from '../index.js';
import { HostedModule, type HostOptions } from './host/hosted-module.js';
import type { ModuleAccess, PresentToken } from './module-access.js';
import { ModuleTokens, type ModuleOptions } from './module-tokens.js';
import { PinGuard } from './pin-guard.js';

export interface Pkcs11ProviderOptions extends ModuleOptions {
  /** Absolute paths of the vendors' libraries, asked in this order. */
  readonly modulePaths: readonly string[];
  /** Runs each module in a process of its own; absent, in this process. */
  readonly host?: HostOptions;
}

interface FoundToken {
  readonly module: ModuleAccess;
  readonly token: PresentToken;
}

/**
 * Opens the provider; a module that is missing or does not load is a fault in its listing, not an
 * error, and is tried again at the next call.
 */
export function openPkcs11Provider(options: Pkcs11ProviderOptions): Promise<TokenProvider> {
  const { modulePaths, host, ...rest } = options;
  const modules = modulePaths.map((path) =>
    host === undefined ? new ModuleTokens(path, rest) : new HostedModule(path, rest, host),
  );
  return Promise.resolve(new Pkcs11Provider(modules, new PinGuard(options.clock)));
}

class Pkcs11Provider implements TokenProvider {
  readonly #modules: readonly ModuleAccess[];
  readonly #guard: PinGuard;

  constructor(modules: readonly ModuleAccess[], guard: PinGuard) {
    this.#modules = modules;
    this.#guard = guard;
  }

  async list(): Promise<TokenListing> {
    const listings = await Promise.all(this.#modules.map((module) => module.list()));
    return {
      slots: listings.flatMap(({ slots }) => slots),
      faults: listings.flatMap(({ faults }) => faults),
    };
  }

  async open(selector: TokenSelector, options: OpenTokenOptions): Promise<SigningKey> {
    const { module, token } = await this.#choose(selector);
    const name = JSON.stringify([module.path, token.serial, token.label]);
    this.#guard.assertMayTry(name);
    try {
      const key = await module.open(token, selector, options);
      this.#guard.accepted(name);
      return key;
    } catch (error) {
      if (isAppError(error, 'token-pin-incorrect', 'token-pin-locked')) this.#guard.refused(name);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#modules.map((module) => module.close()));
  }

  /** The one token that is meant; of several none, since a PIN tried on another one costs it a try. */
  async #choose(selector: TokenSelector): Promise<FoundToken> {
    const present = await Promise.all(
      this.#modules.map(async (module) => ({ module, ...(await module.find()) })),
    );
    const all = present.flatMap(({ module, tokens }) => tokens.map((token) => ({ module, token })));
    const meant = all.filter(({ token }) => isSelected(token, selector));
    const narrowed = meant.length > 1 ? await withCertificate(meant, selector) : meant;
    const [found, ...others] = narrowed;
    if (found === undefined) {
      throw absence(
        all.length > 0,
        present.flatMap(({ faults }) => faults),
        selector,
      );
    }
    if (others.length > 0) {
      throw new AppError('token-ambiguous', 'several tokens answer to this selection', {
        params: { serials: narrowed.map(({ token }) => token.serial) },
      });
    }
    return found;
  }
}

function isSelected(token: PresentToken, { label, serial }: TokenSelector): boolean {
  return (
    (label === undefined || label === token.label) &&
    (serial === undefined || serial === token.serial)
  );
}

/**
 * Of several tokens those that show the enrolled certificate. Where none shows it (tokens may hide
 * certificates until the login) all of them stay.
 */
async function withCertificate(
  meant: readonly FoundToken[],
  { certificateSha256Hex }: TokenSelector,
): Promise<readonly FoundToken[]> {
  const wanted = certificateSha256Hex?.toLowerCase();
  if (wanted === undefined) return meant;
  const modules = [...new Set(meant.map(({ module }) => module))];
  const listings = await Promise.all(modules.map((module) => module.list()));
  const holders = listings
    .flatMap(({ slots }) => slots)
    .filter(({ certificates }) => certificates.some(({ sha256Hex }) => sha256Hex === wanted));
  const holding = meant.filter(({ module, token }) =>
    holders.some(({ modulePath, slotId }) => modulePath === module.path && slotId === token.slotId),
  );
  return holding.length > 0 ? holding : meant;
}

/** Why no token was found, from the cause nearest to success: token, slot, library. */
function absence(
  hasTokens: boolean,
  faults: readonly TokenModuleFault[],
  { label, serial }: TokenSelector,
): AppError {
  const params = {
    ...(label === undefined ? {} : { label }),
    ...(serial === undefined ? {} : { serial }),
  };
  const failed = faults.find(({ code }) => code === 'token-failed');
  if (failed !== undefined) {
    // The token wanted may be behind the module that failed.
    const { reason } = failed;
    return new AppError('token-failed', 'a module failed and no other has the token', {
      params: { ...params, ...(reason === undefined ? {} : { reason }) },
    });
  }
  if (hasTokens) return new AppError('token-absent', 'no such token', { params });
  const order = ['token-absent', 'token-no-slot'] as const;
  const code = order.find((one) => faults.some((fault) => fault.code === one));
  return new AppError(code ?? 'token-library-missing', 'no token found', { params });
}
