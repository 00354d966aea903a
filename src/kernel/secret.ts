/** A PIN or password on its way to the one call that needs it. */

const SHOWN = '[secret]';

/**
 * Holds secret bytes so that no log line, error, JSON document or inspector shows them, and wipes
 * them on disposal. Strings cannot be wiped, so callers convert as early as they can.
 */
export class Secret implements Disposable {
  #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Takes ownership of `bytes`: they are zeroed on disposal. */
  static fromBytes(bytes: Uint8Array): Secret {
    return new Secret(bytes);
  }

  static fromText(text: string): Secret {
    return new Secret(new TextEncoder().encode(text));
  }

  /** The bytes themselves, for the one call that needs them; not to be kept. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  revealText(): string {
    return new TextDecoder().decode(this.#bytes);
  }

  [Symbol.dispose](): void {
    this.#bytes.fill(0);
    this.#bytes = new Uint8Array(0);
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN;
  }
}
