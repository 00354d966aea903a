/**
 * Writes PKCS#12 files as OpenSSL 3 does by default: key under PBES2 with AES-256-CBC and
 * PBKDF2-HMAC-SHA-256, integrity by HMAC-SHA-256. forge's own writer takes RSA keys only.
 */
import { createCipheriv, createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { concatBytes, type Secret } from '../../kernel/index.js';
import {
  derContext,
  derInteger,
  derNull,
  derOctets,
  derOid,
  derElement,
  derSequence,
  derSetOf,
} from '../../pki/index.js';

export interface Pkcs12Content {
  readonly privateKey: KeyObject;
  readonly certificateDer: Uint8Array;
  readonly chainDer: readonly Uint8Array[];
  /** What Windows and browsers show. */
  readonly friendlyName: string;
  readonly password: Secret;
}

/** What Java writes; readers that compute PBKDF2 in a script language still open it at once. */
const ITERATIONS = 10_000;
/** As OpenSSL: the MAC is no better guarded than the key, and readers in script languages are slow at it. */
const MAC_ITERATIONS = 2048;

const ID = {
  data: '1.2.840.113549.1.7.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const;

/** @see RFC 7292 4, RFC 8018 6.2 */
export function writePkcs12(content: Pkcs12Content): Uint8Array {
  const password = content.password.revealText();
  const localKeyId = createHash('sha1').update(content.certificateDer).digest();
  const attributes = derSetOf([
    attribute(ID.friendlyName, derElement(0x1e, utf16BigEndian(content.friendlyName))),
    attribute(ID.localKeyId, derOctets(localKeyId)),
  ]);
  const keyBag = bag(ID.shroudedKeyBag, encryptedKey(content.privateKey, password), attributes);
  const certificateBags = [
    certificateBag(content.certificateDer, attributes),
    ...content.chainDer.map((der) => certificateBag(der)),
  ];
  const safes = derSequence(
    dataContent(derSequence(...certificateBags)),
    dataContent(derSequence(keyBag)),
  );
  return derSequence(derInteger(3), dataContent(safes), macOver(safes, password));
}

function attribute(oid: string, value: Uint8Array): Uint8Array {
  return derSequence(derOid(oid), derSetOf([value]));
}

function bag(oid: string, value: Uint8Array, attributes?: Uint8Array): Uint8Array {
  return derSequence(derOid(oid), derContext(0, value), attributes);
}

function certificateBag(der: Uint8Array, attributes?: Uint8Array): Uint8Array {
  const value = derSequence(derOid(ID.x509Certificate), derContext(0, derOctets(der)));
  return bag(ID.certificateBag, value, attributes);
}

function dataContent(content: Uint8Array): Uint8Array {
  return derSequence(derOid(ID.data), derContext(0, derOctets(content)));
}

function encryptedKey(privateKey: KeyObject, password: string): Uint8Array {
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const key = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const encrypted = Buffer.concat([cipher.update(pkcs8), cipher.final()]);
  pkcs8.fill(0);
  key.fill(0);
  const derivation = derSequence(
    derOid(ID.pbkdf2),
    derSequence(
      derOctets(salt),
      derInteger(ITERATIONS),
      derSequence(derOid(ID.hmacSha256), derNull()),
    ),
  );
  const encryption = derSequence(derOid(ID.aes256Cbc), derOctets(iv));
  return derSequence(
    derSequence(derOid(ID.pbes2), derSequence(derivation, encryption)),
    derOctets(encrypted),
  );
}

function macOver(safes: Uint8Array, password: string): Uint8Array {
  const salt = randomBytes(16);
  const key = deriveMacKey(password, salt);
  const mac = createHmac('sha256', key).update(safes).digest();
  const digest = derSequence(derSequence(derOid(ID.sha256), derNull()), derOctets(mac));
  return derSequence(digest, derOctets(salt), derInteger(MAC_ITERATIONS));
}

/** Key derivation of PKCS#12 itself, for a SHA-256 MAC key. @see RFC 7292 appendix B.2 */
function deriveMacKey(password: string, salt: Uint8Array): Uint8Array {
  const block = 64;
  const passwordOctets = concatBytes([utf16BigEndian(password), Uint8Array.of(0, 0)]);
  const input = concatBytes([
    new Uint8Array(block).fill(3),
    repeated(salt, block),
    repeated(passwordOctets, Math.ceil(passwordOctets.length / block) * block),
  ]);
  let key = createHash('sha256').update(input).digest();
  for (let i = 1; i < MAC_ITERATIONS; i++) key = createHash('sha256').update(key).digest();
  return new Uint8Array(key);
}

function repeated(octets: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => octets[i % octets.length] ?? 0);
}

function utf16BigEndian(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf16le').swap16());
}
