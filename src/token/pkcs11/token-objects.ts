/** What is on a token: its state, its certificates, its private keys, read through one session. */
import pkcs11js from 'pkcs11js';
import {
  AppError,
  equalBytes,
  isAppError,
  sha256Hex,
  toHex,
  toRfc3339,
} from '../../kernel/index.js';
import {
  cachedCertificate,
  chooseSigningCertificate,
  isSigningCertificate,
  readElement,
  readOctets,
  TAG,
  type Certificate,
} from '../../pki/index.js';
import type { PinState, TokenCertificate } from '../index.js';
import type { Cryptoki } from './modules.js';

type Handle = pkcs11js.Handle;

/** A token as it reports itself, trimmed. */
export interface TokenState {
  readonly label: string;
  readonly serial: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly pinState: PinState;
  /** The PIN is typed on the reader: nothing we hold can log in. */
  readonly hasPinPad: boolean;
  readonly isFlaggedInitialised: boolean;
  readonly maxSessions: number;
}

/** A certificate object that parsed, with its parse beside the plain values that leave this room. */
export interface CertificateObject {
  readonly listed: TokenCertificate;
  readonly certificate: Certificate;
}

/** A private key that signs, found beside a certificate. */
export interface PrivateKeyObject {
  readonly handle: Handle;
  readonly isAlwaysAuthenticated: boolean;
}

/** @throws Pkcs11Error */
export function readTokenState(cryptoki: Cryptoki, slot: Handle): TokenState {
  const token = cryptoki.C_GetTokenInfo(slot);
  return {
    label: trimmed(token.label),
    serial: trimmed(token.serialNumber),
    manufacturer: trimmed(token.manufacturerID),
    model: trimmed(token.model),
    pinState: pinStateOf(token.flags),
    hasPinPad: (token.flags & pkcs11js.CKF_PROTECTED_AUTHENTICATION_PATH) !== 0,
    isFlaggedInitialised: (token.flags & pkcs11js.CKF_TOKEN_INITIALIZED) !== 0,
    maxSessions: token.maxSessionCount,
  };
}

function trimmed(padded: string): string {
  return padded.replace(/[\0 ]+$/, '');
}

/** @see PKCS#11 v2.40, CK_TOKEN_INFO flags; the gravest that is set counts */
export function pinStateOf(flags: number): PinState {
  if ((flags & pkcs11js.CKF_USER_PIN_LOCKED) !== 0) return 'locked';
  if ((flags & pkcs11js.CKF_USER_PIN_INITIALIZED) === 0) return 'not-initialised';
  if ((flags & pkcs11js.CKF_USER_PIN_FINAL_TRY) !== 0) return 'final-try';
  if ((flags & pkcs11js.CKF_USER_PIN_COUNT_LOW) !== 0) return 'count-low';
  return 'ok';
}

/** Some vendors never set the flag; an empty token has no serial number and no label. */
export function isTokenInitialised(state: TokenState): boolean {
  return state.isFlaggedInitialised || (state.serial !== '' && state.label !== '');
}

/** All X.509 certificates the session can see; objects that are not certificates after all are left out. */
export function readCertificates(cryptoki: Cryptoki, session: Handle): CertificateObject[] {
  const handles = findObjects(cryptoki, session, [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_CERTIFICATE },
  ]);
  const found: CertificateObject[] = [];
  for (const handle of handles) {
    const der = readAttribute(cryptoki, session, handle, pkcs11js.CKA_VALUE);
    const certificate = der === undefined ? undefined : parsedOrNothing(der);
    if (certificate === undefined) continue;
    const id = readAttribute(cryptoki, session, handle, pkcs11js.CKA_ID) ?? new Uint8Array(0);
    const label = readAttribute(cryptoki, session, handle, pkcs11js.CKA_LABEL);
    found.push({
      certificate,
      listed: {
        idHex: toHex(id),
        label: label === undefined ? '' : new TextDecoder().decode(label),
        der: certificate.der,
        sha256Hex: sha256Hex(certificate.der),
        subject: certificate.subject.text,
        serialHex: certificate.serialHex,
        notBefore: toRfc3339(certificate.notBefore),
        notAfter: toRfc3339(certificate.notAfter),
        keyUsage: [...(certificate.extensions.keyUsage ?? [])],
        algorithm: certificate.publicKey.key,
        isForSigning: isSigningCertificate(certificate),
      },
    });
  }
  return found;
}

function parsedOrNothing(der: Uint8Array): Certificate | undefined {
  try {
    return cachedCertificate(der);
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

/**
 * The certificate to sign with: of those for signing and, where there are any, valid at `at`, the
 * one without encipherment and valid longest.
 */
export function chooseCertificate(
  objects: readonly CertificateObject[],
  at: Date,
): CertificateObject | undefined {
  const isValid = ({ certificate }: CertificateObject): boolean =>
    certificate.notBefore <= at && at <= certificate.notAfter;
  const usable = objects.filter(({ certificate }) => isSigningCertificate(certificate));
  const valid = usable.filter(isValid);
  const pool = valid.length > 0 ? valid : usable;
  const chosen = chooseSigningCertificate(pool.map(({ certificate }) => certificate));
  return pool.find(({ certificate }) => certificate === chosen);
}

/**
 * The private key of `object`, matched by its public key: labels lie and some vendors give both
 * certificates of a container one `CKA_ID`.
 *
 * @returns `undefined` where no private key that may sign belongs to the certificate
 */
export function findPrivateKey(
  cryptoki: Cryptoki,
  session: Handle,
  object: CertificateObject,
): PrivateKeyObject | undefined {
  const handles = findObjects(cryptoki, session, [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PRIVATE_KEY },
    { type: pkcs11js.CKA_SIGN, value: true },
  ]);
  for (const handle of handles) {
    if (!belongsTo(cryptoki, session, handle, object)) continue;
    const always = readAttribute(cryptoki, session, handle, pkcs11js.CKA_ALWAYS_AUTHENTICATE);
    return { handle, isAlwaysAuthenticated: always?.[0] === 1 };
  }
  return undefined;
}

function belongsTo(
  cryptoki: Cryptoki,
  session: Handle,
  privateKey: Handle,
  { certificate, listed }: CertificateObject,
): boolean {
  const id = readAttribute(cryptoki, session, privateKey, pkcs11js.CKA_ID);
  if (certificate.publicKey.key?.kind === 'rsa') {
    const modulus = readAttribute(cryptoki, session, privateKey, pkcs11js.CKA_MODULUS);
    if (modulus !== undefined) return equalBytes(withoutZeros(modulus), rsaModulus(certificate));
  } else if (id !== undefined) {
    // An EC private key does not show its point; the public key object of the same id does.
    const points = findObjects(cryptoki, session, [
      { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PUBLIC_KEY },
      { type: pkcs11js.CKA_ID, value: Buffer.from(id) },
    ]).map((handle) => readAttribute(cryptoki, session, handle, pkcs11js.CKA_EC_POINT));
    const known = points.filter((point) => point !== undefined);
    if (known.length > 0) {
      return known.some((point) => equalBytes(ecPoint(point), certificate.publicKey.keyOctets));
    }
  }
  return id !== undefined && id.length > 0 && toHex(id) === listed.idHex;
}

function rsaModulus(certificate: Certificate): Uint8Array {
  const key = readElement(certificate.publicKey.keyOctets, TAG.sequence).enter();
  return withoutZeros(key.read(TAG.integer).content);
}

function withoutZeros(octets: Uint8Array): Uint8Array {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  return octets.subarray(start);
}

/** `CKA_EC_POINT` is an OCTET STRING around the point by the standard, the bare point by some vendors. */
function ecPoint(value: Uint8Array): Uint8Array {
  try {
    return readOctets(readElement(value, TAG.octetString));
  } catch (error) {
    if (isAppError(error)) return value;
    throw error;
  }
}

/**
 * Whether `after` can be the token that `before` was: same serial and label, and every certificate
 * seen before is still there (a login may show further ones).
 */
export function isSameToken(before: TokenView, after: TokenView): boolean {
  if (before.state.serial !== after.state.serial || before.state.label !== after.state.label) {
    return false;
  }
  const seen = new Set(after.certificates.map(({ listed }) => listed.sha256Hex));
  return before.certificates.every(({ listed }) => seen.has(listed.sha256Hex));
}

/** A token at one moment. */
export interface TokenView {
  readonly state: TokenState;
  readonly certificates: readonly CertificateObject[];
}

/** Handles of all objects that match; the search is closed also when it fails. */
export function findObjects(
  cryptoki: Cryptoki,
  session: Handle,
  template: pkcs11js.Template,
): Handle[] {
  cryptoki.C_FindObjectsInit(session, template);
  try {
    const found: Handle[] = [];
    for (;;) {
      const batch = cryptoki.C_FindObjects(session, 64);
      found.push(...batch);
      if (batch.length < 64) return found;
      if (found.length > MAX_OBJECTS) {
        throw new AppError('token-failed', 'the token lists objects without end');
      }
    }
  } finally {
    cryptoki.C_FindObjectsFinal(session);
  }
}

const MAX_OBJECTS = 4096;

/** @returns `undefined` where the object has no such attribute or does not show it */
export function readAttribute(
  cryptoki: Cryptoki,
  session: Handle,
  object: Handle,
  type: number,
): Uint8Array | undefined {
  try {
    const value = cryptoki.C_GetAttributeValue(session, object, [{ type }])[0]?.value;
    return value === undefined || value.length === 0 ? undefined : new Uint8Array(value);
  } catch (error) {
    if (error instanceof pkcs11js.Pkcs11Error && NOT_SHOWN.has(error.code)) return undefined;
    throw error;
  }
}

/** CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID */
const NOT_SHOWN = new Set([0x11, 0x12]);
