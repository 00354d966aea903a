export { openPkcs12Key } from './open-pkcs12.js';
export type { Pkcs12Input } from './open-pkcs12.js';
