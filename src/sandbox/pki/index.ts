export { initPki } from './init-pki.js';
export type { InitialisedPki, InitPkiInput } from './init-pki.js';
export { issue, issuePkcs12, revoke } from './issue.js';
export type { Issued, IssueInput, IssuePkcs12Input, RevokeInput } from './issue.js';
export type { KeyType } from './holder-keys.js';
export { servePki } from './serve-pki.js';
export type { ServedPki, ServePkiInput } from './serve-pki.js';
export { sealMakerPkcs12 } from './seal-maker.js';
