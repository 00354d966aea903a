export { openPkcs11Provider } from './pkcs11-provider.js';
export type { Pkcs11ProviderOptions } from './pkcs11-provider.js';
export type { HostOptions } from './host/hosted-module.js';
export type { Sm2Mechanism } from './mechanisms.js';
