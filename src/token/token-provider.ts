/** The port to UKeys: which are there, in what state, and opening the signing key of one with its PIN. */
import type { Secret } from '../kernel/index.js';
import type { KeyAlgorithm, SigningKey } from './signing-key.js';

/** `CK_TOKEN_INFO` flags of the user PIN, as far as the token tells the truth about them. */
export type PinState = 'ok' | 'count-low' | 'final-try' | 'locked' | 'not-initialised';

export interface TokenCertificate {
  /** `CKA_ID` in lower-case hex; pairs a certificate with its private key. */
  readonly idHex: string;
  readonly label: string;
  readonly der: Uint8Array;
  readonly sha256Hex: string;
  /** RFC 4514. */
  readonly subject: string;
  readonly serialHex: string;
  /** RFC 3339. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Names of RFC 5280 §4.2.1.3; empty where the certificate has no key usage. */
  readonly keyUsage: readonly string[];
  readonly algorithm: KeyAlgorithm | undefined;
  /** Key usage allows signing (`digitalSignature` or `nonRepudiation`) and a private key of this id is expected. */
  readonly isForSigning: boolean;
}

export interface TokenSlot {
  readonly modulePath: string;
  readonly slotId: number;
  readonly label: string;
  readonly serial: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly pinState: PinState;
  readonly certificates: readonly TokenCertificate[];
  /** The certificate that signing uses unless another is named; see `docs/decisions` on the choice. */
  readonly signingCertificate: TokenCertificate | undefined;
}

/** A module that could not be used, with what to tell the user. */
export interface TokenModuleFault {
  readonly modulePath: string;
  readonly code: 'token-library-missing' | 'token-no-slot' | 'token-absent' | 'token-failed';
  /** Name of a CKR value, `module-crashed` or `module-hung`; of `token-failed`. */
  readonly reason?: string;
}

export interface TokenListing {
  readonly slots: readonly TokenSlot[];
  readonly faults: readonly TokenModuleFault[];
}

export interface TokenSelector {
  readonly label?: string;
  readonly serial?: string;
  /** `CKA_ID` of the certificate wanted, hex. */
  readonly certificateIdHex?: string;
  /** The certificate that must be there, as enrolled; another one is `token-exchanged`. */
  readonly certificateSha256Hex?: string;
}

export interface OpenTokenOptions {
  readonly pin: Secret;
  /** The user confirmed to use the last try before the PIN locks. */
  readonly confirmFinalTry?: boolean;
}

export interface TokenProvider extends AsyncDisposable {
  list(): Promise<TokenListing>;
  /**
   * Logs in and hands out the signing key. One `C_Login` a call at most; a PIN is never retried.
   *
   * @throws AppError `token-library-missing`, `token-no-slot`, `token-absent`,
   *   `token-ambiguous` (params `serials`), `token-no-signing-certificate`, `token-pin-incorrect`
   *   (params `triesLeft` where known: `low` or `final`), `token-pin-final-try`, `token-pin-locked`,
   *   `token-pin-expired`, `token-pin-paused` (params `retryAfterSeconds`: refused too often, the
   *   token was not asked), `token-exchanged`, `token-failed` (params `reason`: name of a CKR value,
   *   `module-crashed`, `module-hung`)
   */
  open(selector: TokenSelector, options: OpenTokenOptions): Promise<SigningKey>;
}
