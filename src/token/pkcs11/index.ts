export { openPkcs11Provider } from './pkcs11-provider.js';
export type { Pkcs11ProviderOptions } from './pkcs11-provider.js';
