export type { KeyAlgorithm, SignatureDigest, SignatureScheme, SigningKey } from './signing-key.js';
export type {
  OpenTokenOptions,
  PinState,
  TokenCertificate,
  TokenListing,
  TokenModuleFault,
  TokenProvider,
  TokenSelector,
  TokenSlot,
} from './token-provider.js';
