/** Key pairs made on a token, and their public keys read out for the CA. */
import pkcs11js from 'pkcs11js';
import { AppError } from '../../kernel/index.js';
import {
  derBitString,
  derInteger,
  derNull,
  derOid,
  derPrintable,
  derSequence,
  derUnsigned,
  readElement,
  readOctets,
  TAG,
} from '../../pki/index.js';

type Handle = pkcs11js.Handle;

export type TokenKeyType = 'rsa-2048' | 'rsa-3072' | 'ec-p256' | 'ec-p384' | 'ec-p521' | 'ed25519';

export interface KeyPairInput {
  readonly id: Buffer;
  readonly label: string;
  readonly keyType: TokenKeyType;
  readonly profile: 'signing' | 'encryption';
}

const CURVE_OIDS = {
  'ec-p256': '1.2.840.10045.3.1.7',
  'ec-p384': '1.3.132.0.34',
  'ec-p521': '1.3.132.0.35',
} as const;
/** PKCS#11 3.0, 2.3.10: SoftHSM names the curve, and has no constant of the binding for its mechanism. */
const EDWARDS_CURVE = 'edwards25519';
const CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055;
const ED25519 = '1.3.101.112';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';

/** Generates on the token; the private key never leaves it. @returns the public key object */
export async function makeKeyPair(
  cryptoki: pkcs11js.PKCS11,
  session: Handle,
  { id, label, keyType, profile }: KeyPairInput,
): Promise<Handle> {
  const isSigning = profile === 'signing';
  const isRsa = keyType === 'rsa-2048' || keyType === 'rsa-3072';
  const both = [
    { type: pkcs11js.CKA_TOKEN, value: true },
    { type: pkcs11js.CKA_ID, value: id },
    { type: pkcs11js.CKA_LABEL, value: label },
  ];
  const publicTemplate = [
    ...both,
    { type: pkcs11js.CKA_PRIVATE, value: false },
    { type: pkcs11js.CKA_VERIFY, value: isSigning },
    ...(isRsa
      ? [
          { type: pkcs11js.CKA_ENCRYPT, value: !isSigning },
          { type: pkcs11js.CKA_MODULUS_BITS, value: keyType === 'rsa-3072' ? 3072 : 2048 },
          { type: pkcs11js.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) },
        ]
      : [{ type: pkcs11js.CKA_EC_PARAMS, value: Buffer.from(curveOf(keyType)) }]),
  ];
  const privateTemplate = [
    ...both,
    { type: pkcs11js.CKA_PRIVATE, value: true },
    { type: pkcs11js.CKA_SENSITIVE, value: true },
    { type: pkcs11js.CKA_EXTRACTABLE, value: false },
    { type: pkcs11js.CKA_SIGN, value: isSigning },
    { type: isRsa ? pkcs11js.CKA_DECRYPT : pkcs11js.CKA_DERIVE, value: !isSigning },
  ];
  const mechanism = isRsa
    ? pkcs11js.CKM_RSA_PKCS_KEY_PAIR_GEN
    : keyType === 'ed25519'
      ? CKM_EC_EDWARDS_KEY_PAIR_GEN
      : pkcs11js.CKM_ECDSA_KEY_PAIR_GEN;
  const pair = await cryptoki.C_GenerateKeyPairAsync(
    session,
    { mechanism },
    publicTemplate,
    privateTemplate,
  );
  return pair.publicKey;
}

function curveOf(keyType: Exclude<TokenKeyType, 'rsa-2048' | 'rsa-3072'>): Uint8Array {
  return keyType === 'ed25519' ? derPrintable(EDWARDS_CURVE) : derOid(CURVE_OIDS[keyType]);
}

/** DER SubjectPublicKeyInfo of a public key object. */
export function readPublicKey(
  cryptoki: pkcs11js.PKCS11,
  session: Handle,
  publicKey: Handle,
  keyType: TokenKeyType,
): Uint8Array {
  const read = (type: number): Uint8Array => {
    const [attribute] = cryptoki.C_GetAttributeValue(session, publicKey, [{ type }]);
    if (attribute === undefined) throw new AppError('token-failed', 'the key shows no value');
    return new Uint8Array(attribute.value);
  };
  if (keyType !== 'rsa-2048' && keyType !== 'rsa-3072') {
    const point = readOctets(readElement(read(pkcs11js.CKA_EC_POINT), TAG.octetString));
    const algorithm =
      keyType === 'ed25519'
        ? derSequence(derOid(ED25519))
        : derSequence(derOid(EC_PUBLIC_KEY), derOid(CURVE_OIDS[keyType]));
    return derSequence(algorithm, derBitString(point));
  }
  const key = derSequence(derUnsigned(read(pkcs11js.CKA_MODULUS)), derInteger(65537));
  return derSequence(derSequence(derOid(RSA_ENCRYPTION), derNull()), derBitString(key));
}
