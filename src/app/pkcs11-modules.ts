/** PKCS#11 modules by the configuration, and what of our environment the vendors' libraries see. */
import type { Config } from '../config/index.js';
import type { Pkcs11ProviderOptions } from '../token/pkcs11/index.js';

/** SoftHSM finds its configuration by an environment variable; set before the first module is loaded. */
export function useSoftHsmConfiguration(path: string | undefined): void {
  if (path !== undefined) {
    // eslint-disable-next-line no-restricted-properties -- the library reads nothing but its environment
    process.env['SOFTHSM2_CONF'] = path;
  }
}

/** For the processes that host PKCS#11 modules: ours, without anything of our own (PINs among it). */
export function moduleEnvironment(): Readonly<Record<string, string | undefined>> {
  // eslint-disable-next-line no-restricted-properties -- handed on to other programs, not read
  const own = Object.entries(process.env);
  return Object.fromEntries(own.filter(([name]) => !name.startsWith('QIANYIN_')));
}

export function pkcs11Options({
  pkcs11,
}: Config): Pick<
  Pkcs11ProviderOptions,
  'modulePaths' | 'idleLogoutMs' | 'callTimeoutMs' | 'sm2Mechanisms'
> {
  return {
    modulePaths: pkcs11.modules,
    idleLogoutMs: pkcs11.idleLogoutSeconds * 1000,
    callTimeoutMs: pkcs11.callTimeoutMs,
    ...(pkcs11.sm2Mechanisms === undefined ? {} : { sm2Mechanisms: pkcs11.sm2Mechanisms }),
  };
}
