/** The signing key of an open token, as the port shows it. */
import { AppError, type Secret } from '../../kernel/index.js';
import type { KeyAlgorithm, SignatureScheme, SigningKey } from '../index.js';
import type { OpenedKey, TokenConnection } from './token-connection.js';

export class Pkcs11Key implements SigningKey {
  readonly certificateDer: Uint8Array;
  readonly chainDer: readonly Uint8Array[];
  readonly algorithm: KeyAlgorithm;
  readonly authentication: SigningKey['authentication'];
  readonly #connection: TokenConnection;
  readonly #opened: OpenedKey;
  /** Kept only for a key that the token wants the PIN for at every signature. */
  #pin: Uint8Array | undefined;
  #isClosed = false;

  /** @throws AppError `algorithm-unsupported` where the certificate's key is of an unknown kind */
  constructor(connection: TokenConnection, opened: OpenedKey, pin: Secret) {
    const { listed } = opened.object;
    if (listed.algorithm === undefined) {
      throw new AppError('algorithm-unsupported', 'the key on the token is of an unknown kind');
    }
    this.certificateDer = listed.der;
    this.chainDer = opened.chainDer;
    this.algorithm = listed.algorithm;
    this.authentication = opened.isAlwaysAuthenticated ? 'each-signature' : 'once';
    this.#connection = connection;
    this.#opened = opened;
    if (opened.isAlwaysAuthenticated) this.#pin = Uint8Array.from(pin.reveal());
  }

  async sign(message: Uint8Array, scheme: SignatureScheme): Promise<Uint8Array> {
    if (this.#isClosed) throw new AppError('token-absent', 'the key was closed');
    const pin = this.#pin;
    const reveal = pin === undefined ? undefined : () => new TextDecoder().decode(pin);
    return this.#connection.sign(this.#opened, message, scheme, reveal);
  }

  /** The token stays logged in until it was idle for a while, so that the next opening costs no C_Login. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#pin?.fill(0);
    this.#pin = undefined;
    return Promise.resolve();
  }
}
