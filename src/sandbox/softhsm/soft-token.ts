/** One SoftHSM token being set up, logged in as its user. */
import pkcs11js from 'pkcs11js';
import { AppError, type Clock, type Secret } from '../../kernel/index.js';
import { derIntegerHex, parseCertificate, type Certificate } from '../../pki/index.js';
import { issue } from '../pki/index.js';
import { makeKeyPair, readPublicKey, type TokenKeyType } from './token-key-pair.js';

type Handle = pkcs11js.Handle;

export interface SoftTokenInput {
  readonly label: string;
  readonly pin: Secret;
  readonly soPin: Secret;
  readonly subject: string;
  readonly keyType?: TokenKeyType;
  readonly issuerId?: string;
}

/** `CKA_ID` of the two pairs, as the vendors' tools number them. */
const PAIR_IDS = { signing: 0x01, encryption: 0x02 } as const;
/** `CKA_ID` of the issuing CA's certificate, which has no key here. */
const CHAIN_ID = 0xca;

export class SoftToken implements Disposable {
  readonly serial: string;
  readonly #cryptoki: pkcs11js.PKCS11;
  readonly #session: Handle;
  readonly #input: SoftTokenInput;

  private constructor(
    cryptoki: pkcs11js.PKCS11,
    serial: string,
    session: Handle,
    input: SoftTokenInput,
  ) {
    this.#cryptoki = cryptoki;
    this.serial = serial;
    this.#session = session;
    this.#input = input;
  }

  /** The token of this label, initialised where there is none, with its user logged in. */
  static open(cryptoki: pkcs11js.PKCS11, input: SoftTokenInput): SoftToken {
    const slot = findSlot(cryptoki, input.label) ?? initialiseToken(cryptoki, input);
    const session = cryptoki.C_OpenSession(
      slot,
      pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION,
    );
    try {
      const { serialNumber } = cryptoki.C_GetTokenInfo(slot);
      cryptoki.C_Login(session, pkcs11js.CKU_USER, input.pin.revealText());
      return new SoftToken(cryptoki, serialNumber.trim(), session, input);
    } catch (error) {
      cryptoki.C_CloseSession(session);
      throw error;
    }
  }

  /** Makes key pair and certificate where they are not there. @returns DER of the certificate */
  async ensurePair(
    profile: 'signing' | 'encryption',
    pki: { readonly pkiDirectory: string; readonly clock: Clock },
  ): Promise<Uint8Array> {
    const id = Buffer.from([PAIR_IDS[profile]]);
    const known = this.#certificateDer(id);
    if (known !== undefined) return known;
    const keyType = this.#input.keyType ?? 'rsa-2048';
    const label = `${this.#input.label}-${profile}`;
    const publicKey =
      this.#find(pkcs11js.CKO_PUBLIC_KEY, id) ??
      (await makeKeyPair(this.#cryptoki, this.#session, { id, label, keyType, profile }));
    const issued = await issue({
      directory: pki.pkiDirectory,
      clock: pki.clock,
      subject: this.#input.subject,
      profile,
      key: { publicKeyDer: readPublicKey(this.#cryptoki, this.#session, publicKey, keyType) },
      ...(this.#input.issuerId === undefined ? {} : { issuerId: this.#input.issuerId }),
    });
    this.#store(parseCertificate(issued.certificateDer), id, label);
    const [issuerDer] = issued.chainDer;
    const chainId = Buffer.from([CHAIN_ID]);
    if (issuerDer !== undefined && this.#certificateDer(chainId) === undefined) {
      this.#store(parseCertificate(issuerDer), chainId, 'issuer');
    }
    return issued.certificateDer;
  }

  #find(objectClass: number, id: Buffer): Handle | undefined {
    this.#cryptoki.C_FindObjectsInit(this.#session, [
      { type: pkcs11js.CKA_CLASS, value: objectClass },
      { type: pkcs11js.CKA_ID, value: id },
    ]);
    try {
      return this.#cryptoki.C_FindObjects(this.#session, 1)[0];
    } finally {
      this.#cryptoki.C_FindObjectsFinal(this.#session);
    }
  }

  #certificateDer(id: Buffer): Uint8Array | undefined {
    const handle = this.#find(pkcs11js.CKO_CERTIFICATE, id);
    if (handle === undefined) return undefined;
    const [value] = this.#cryptoki.C_GetAttributeValue(this.#session, handle, [
      { type: pkcs11js.CKA_VALUE },
    ]);
    return value === undefined ? undefined : new Uint8Array(value.value);
  }

  #store(certificate: Certificate, id: Buffer, label: string): void {
    this.#cryptoki.C_CreateObject(this.#session, [
      { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_CERTIFICATE },
      { type: pkcs11js.CKA_CERTIFICATE_TYPE, value: pkcs11js.CKC_X_509 },
      { type: pkcs11js.CKA_TOKEN, value: true },
      { type: pkcs11js.CKA_PRIVATE, value: false },
      { type: pkcs11js.CKA_ID, value: id },
      { type: pkcs11js.CKA_LABEL, value: label },
      { type: pkcs11js.CKA_SUBJECT, value: Buffer.from(certificate.subject.der) },
      { type: pkcs11js.CKA_ISSUER, value: Buffer.from(certificate.issuer.der) },
      {
        type: pkcs11js.CKA_SERIAL_NUMBER,
        value: Buffer.from(derIntegerHex(certificate.serialHex)),
      },
      { type: pkcs11js.CKA_VALUE, value: Buffer.from(certificate.der) },
    ]);
  }

  /** Closing the last session of a token logs its user out. */
  [Symbol.dispose](): void {
    this.#cryptoki.C_CloseSession(this.#session);
  }
}

function isInitialised(cryptoki: pkcs11js.PKCS11, slot: Handle): boolean {
  return (cryptoki.C_GetTokenInfo(slot).flags & pkcs11js.CKF_TOKEN_INITIALIZED) !== 0;
}

function findSlot(cryptoki: pkcs11js.PKCS11, label: string): Handle | undefined {
  return cryptoki
    .C_GetSlotList(true)
    .find(
      (slot) =>
        isInitialised(cryptoki, slot) && cryptoki.C_GetTokenInfo(slot).label.trim() === label,
    );
}

function initialiseToken(cryptoki: pkcs11js.PKCS11, input: SoftTokenInput): Handle {
  const free = cryptoki.C_GetSlotList(true).find((slot) => !isInitialised(cryptoki, slot));
  if (free === undefined) throw new AppError('token-no-slot', 'SoftHSM has no free slot');
  const soPin = input.soPin.revealText();
  cryptoki.C_InitToken(free, soPin, paddedLabel(input.label));
  // The new token has a slot id made of its serial; the old one is the next free slot.
  const slot = findSlot(cryptoki, input.label);
  if (slot === undefined) throw new AppError('token-failed', 'the new token is not listed');
  const session = cryptoki.C_OpenSession(
    slot,
    pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION,
  );
  try {
    cryptoki.C_Login(session, pkcs11js.CKU_SO, soPin);
    cryptoki.C_InitPIN(session, input.pin.revealText());
  } finally {
    cryptoki.C_CloseSession(session);
  }
  return slot;
}

/** 32 bytes of UTF-8, blank-padded, of which C_InitToken reads all. */
function paddedLabel(label: string): string {
  const room = 32 - Buffer.byteLength(label);
  if (room < 0) {
    throw new AppError('input-invalid', 'a token label has at most 32 bytes', {
      params: { label },
    });
  }
  return label + ' '.repeat(room);
}
