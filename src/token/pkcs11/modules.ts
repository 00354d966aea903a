/** Loaded PKCS#11 modules, one per file and process: Cryptoki is initialised process-wide, so it must be counted. */
import { existsSync, realpathSync } from 'node:fs';
import pkcs11js from 'pkcs11js';
import { AppError } from '../../kernel/index.js';
import { isCryptokiAlreadyInitialized } from './ckr.js';

export type Cryptoki = pkcs11js.PKCS11;

interface LoadedModule {
  readonly cryptoki: Cryptoki;
  /** Whoever initialised the library ends it; another component of the process may have done so. */
  readonly isOurs: boolean;
  users: number;
}

const loaded = new Map<string, LoadedModule>();

/**
 * Loads and initialises the module at `path`, or counts one more user of it.
 * @throws AppError `token-library-missing` where it does not exist or does not load
 */
export function acquireModule(path: string): Cryptoki {
  if (!existsSync(path)) {
    throw new AppError('token-library-missing', `no PKCS#11 module at ${path}`);
  }
  const key = realpathSync(path);
  const known = loaded.get(key);
  if (known !== undefined) {
    known.users++;
    return known.cryptoki;
  }
  const cryptoki = new pkcs11js.PKCS11();
  try {
    cryptoki.load(path);
    const isOurs = initialize(cryptoki);
    loaded.set(key, { cryptoki, isOurs, users: 1 });
    return cryptoki;
  } catch (error) {
    throw new AppError('token-library-missing', `PKCS#11 module ${path} does not load`, {
      cause: error,
    });
  }
}

/** Gives up one use; the last one finalises the library where we initialised it. */
export function releaseModule(path: string): void {
  const key = existsSync(path) ? realpathSync(path) : path;
  const known = loaded.get(key);
  if (known === undefined || --known.users > 0) return;
  loaded.delete(key);
  // The library stays mapped: vendors' exit handlers and threads do not survive dlclose.
  if (known.isOurs) known.cryptoki.C_Finalize();
}

function initialize(cryptoki: Cryptoki): boolean {
  try {
    // Signing runs on several threads of the pool, so the library must lock.
    cryptoki.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK });
    return true;
  } catch (error) {
    if (isCryptokiAlreadyInitialized(error)) return false;
    throw error;
  }
}
