/** SoftHSM finds its configuration by an environment variable, read when its library is loaded. */

/** Sets it for this process; must run before the first module is loaded. */
export function useSoftHsmConfiguration(path: string | undefined): void {
  if (path !== undefined) {
    // eslint-disable-next-line no-restricted-properties -- the library reads nothing but its environment
    process.env['SOFTHSM2_CONF'] = path;
  }
}
