/** The yardstick: C_Sign of one session of a token, called without anything of ours. */
import pkcs11js from 'pkcs11js';
import type { Secret } from '../src/kernel/index.js';

export class RawToken implements Disposable {
  readonly #cryptoki: pkcs11js.PKCS11;
  readonly #isOurs: boolean;
  readonly #session: pkcs11js.Handle;
  readonly #key: pkcs11js.Handle;

  /** @param label - A token that nothing else in this process logs in to. */
  constructor(modulePath: string, label: string, pin: Secret) {
    this.#cryptoki = new pkcs11js.PKCS11();
    this.#cryptoki.load(modulePath);
    this.#isOurs = this.#initialize();
    const slot = this.#cryptoki
      .C_GetSlotList(true)
      .find((each) => this.#cryptoki.C_GetTokenInfo(each).label.trim() === label);
    if (slot === undefined) throw new Error(`no token ${label}`);
    this.#session = this.#cryptoki.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION);
    this.#cryptoki.C_Login(this.#session, pkcs11js.CKU_USER, pin.revealText());
    this.#key = this.#findKey();
  }

  #initialize(): boolean {
    try {
      this.#cryptoki.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK });
      return true;
    } catch (error) {
      if (String(error).includes('CKR_CRYPTOKI_ALREADY_INITIALIZED')) return false;
      throw error;
    }
  }

  #findKey(): pkcs11js.Handle {
    const template = [
      { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PRIVATE_KEY },
      { type: pkcs11js.CKA_SIGN, value: true },
    ];
    this.#cryptoki.C_FindObjectsInit(this.#session, template);
    const [key] = this.#cryptoki.C_FindObjects(this.#session, 1);
    this.#cryptoki.C_FindObjectsFinal(this.#session);
    if (key === undefined) throw new Error('the token has no key that signs');
    return key;
  }

  sign(message: Buffer): Buffer {
    this.#begin();
    return this.#cryptoki.C_Sign(this.#session, message, Buffer.alloc(256));
  }

  /** @param digestInfo - DER of a DigestInfo, for callers that hash themselves. */
  signDigestInfo(digestInfo: Buffer): Buffer {
    const mechanism = { mechanism: pkcs11js.CKM_RSA_PKCS };
    this.#cryptoki.C_SignInit(this.#session, mechanism, this.#key);
    return this.#cryptoki.C_Sign(this.#session, digestInfo, Buffer.alloc(256));
  }

  signAsync(message: Buffer): Promise<Buffer> {
    this.#begin();
    return this.#cryptoki.C_SignAsync(this.#session, message, Buffer.alloc(256));
  }

  #begin(): void {
    const mechanism = { mechanism: pkcs11js.CKM_SHA256_RSA_PKCS };
    this.#cryptoki.C_SignInit(this.#session, mechanism, this.#key);
  }

  [Symbol.dispose](): void {
    this.#cryptoki.C_CloseSession(this.#session);
    if (this.#isOurs) this.#cryptoki.C_Finalize();
  }
}
