/** Which mechanism of a token makes a signature, on which input, and how its output becomes ours. */
import pkcs11js from 'pkcs11js';
import { AppError, concatBytes, digestBytes, fromHex } from '../../kernel/index.js';
import { derSequence, derUnsigned, sm2MessageDigest } from '../../pki/index.js';
import type { KeyAlgorithm, SignatureScheme } from '../index.js';

export interface SigningPlan {
  readonly mechanism: pkcs11js.Mechanism;
  /** What C_Sign gets: the message, its digest, or DigestInfo. */
  readonly input: Uint8Array;
  /** Room for the longest output, bytes. */
  readonly maxOutputBytes: number;
  /**
   * The token's octets in the form the port promises: every reading of them that is possible, the
   * likeliest first. Only one verifies.
   */
  readings(output: Uint8Array): readonly Uint8Array[];
}

/** A vendor's mechanism for SM2; PKCS#11 has no number for it, and the vendors disagree. */
export interface Sm2Mechanism {
  readonly mechanism: number;
  /** `digest`: C_Sign gets SM3(ZA‖M), computed here; `message`: the token computes it, ZA included. */
  readonly input: 'digest' | 'message';
}

/** As met with in the field; the raw ones first, since what they sign is known. */
export const SM2_MECHANISMS: readonly Sm2Mechanism[] = [
  { mechanism: 0x80008103, input: 'digest' },
  { mechanism: 0x8000500b, input: 'digest' },
  { mechanism: 0x00010004, input: 'digest' },
  { mechanism: 0x80008105, input: 'message' },
  { mechanism: 0x8000500c, input: 'message' },
];

type ShaDigest = Exclude<SignatureScheme['digest'], 'sm3'>;

interface HashRow {
  readonly pkcs1: number;
  readonly pss: number;
  readonly hash: number;
  readonly mgf: number;
  readonly bytes: number;
  /** DigestInfo up to the digest. @see RFC 8017 9.2 note 1 */
  readonly prefix: Uint8Array;
}

const HASHES: Readonly<Record<ShaDigest, HashRow>> = {
  sha256: {
    pkcs1: pkcs11js.CKM_SHA256_RSA_PKCS,
    pss: pkcs11js.CKM_SHA256_RSA_PKCS_PSS,
    hash: pkcs11js.CKM_SHA256,
    mgf: pkcs11js.CKG_MGF1_SHA256,
    bytes: 32,
    prefix: prefix('3031300d060960864801650304020105000420'),
  },
  sha384: {
    pkcs1: pkcs11js.CKM_SHA384_RSA_PKCS,
    pss: pkcs11js.CKM_SHA384_RSA_PKCS_PSS,
    hash: pkcs11js.CKM_SHA384,
    mgf: pkcs11js.CKG_MGF1_SHA384,
    bytes: 48,
    prefix: prefix('3041300d060960864801650304020205000430'),
  },
  sha512: {
    pkcs1: pkcs11js.CKM_SHA512_RSA_PKCS,
    pss: pkcs11js.CKM_SHA512_RSA_PKCS_PSS,
    hash: pkcs11js.CKM_SHA512,
    mgf: pkcs11js.CKG_MGF1_SHA512,
    bytes: 64,
    prefix: prefix('3051300d060960864801650304020305000440'),
  },
};

function prefix(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array(0);
}

/** PKCS#11 v3.0, 2.3.5; the binding does not name it. */
const CKM_EDDSA = 0x1057;

const CURVE_BYTES = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const;

/**
 * @param offered - The token's mechanism list.
 * @param sm2 - The vendors' mechanisms, and the point of the certificate, which ZA is made of.
 * @throws AppError `algorithm-unsupported`, params `padding` and `digest`, where the key cannot sign
 *   by `scheme` or the token has no mechanism for it
 */
export function planSignature(
  key: KeyAlgorithm,
  scheme: SignatureScheme,
  message: Uint8Array,
  offered: ReadonlySet<number>,
  sm2: { readonly mechanisms: readonly Sm2Mechanism[]; readonly publicPoint: Uint8Array },
): SigningPlan {
  const { digest, padding } = scheme;
  if (key.kind === 'sm2' && padding === 'sm2') return planSm2(message, offered, sm2);
  if (key.kind === 'ed25519' && padding === 'eddsa') return planEddsa(message);
  if (digest !== 'sm3') {
    if (key.kind === 'rsa' && padding === 'pkcs1-v1_5') {
      return planPkcs1(key.bits, HASHES[digest], message, digest, offered);
    }
    if (key.kind === 'rsa' && padding === 'pss') {
      return planPss(key.bits, HASHES[digest], message, digest, offered);
    }
    if (key.kind === 'ec' && padding === 'ecdsa') {
      return planEcdsa(CURVE_BYTES[key.curve], digestBytes(digest, message));
    }
  }
  throw new AppError(
    'algorithm-unsupported',
    `the token key does not sign by ${padding}/${digest}`,
    {
      params: { padding, digest },
    },
  );
}

function planPkcs1(
  bits: number,
  row: HashRow,
  message: Uint8Array,
  digest: ShaDigest,
  offered: ReadonlySet<number>,
): SigningPlan {
  const isHashing = offered.has(row.pkcs1);
  return {
    mechanism: { mechanism: isHashing ? row.pkcs1 : pkcs11js.CKM_RSA_PKCS },
    input: isHashing ? message : concatBytes([row.prefix, digestBytes(digest, message)]),
    maxOutputBytes: bits / 8,
    readings: (output) => [output],
  };
}

function planPss(
  bits: number,
  row: HashRow,
  message: Uint8Array,
  digest: ShaDigest,
  offered: ReadonlySet<number>,
): SigningPlan {
  const isHashing = offered.has(row.pss);
  if (!isHashing && !offered.has(pkcs11js.CKM_RSA_PKCS_PSS)) {
    throw new AppError('algorithm-unsupported', 'the token has no PSS mechanism', {
      params: { padding: 'pss', digest },
    });
  }
  const parameter: pkcs11js.RsaPSS = {
    type: pkcs11js.CK_PARAMS_RSA_PSS,
    hashAlg: row.hash,
    mgf: row.mgf,
    saltLen: row.bytes,
  };
  return {
    mechanism: { mechanism: isHashing ? row.pss : pkcs11js.CKM_RSA_PKCS_PSS, parameter },
    input: isHashing ? message : digestBytes(digest, message),
    maxOutputBytes: bits / 8,
    readings: (output) => [output],
  };
}

function planEcdsa(curveBytes: number, digest: Uint8Array): SigningPlan {
  return {
    mechanism: { mechanism: pkcs11js.CKM_ECDSA },
    // FIPS 186-5 6.4.1 takes the leftmost bits of a longer digest; not every token does so itself.
    input: digest.subarray(0, curveBytes),
    maxOutputBytes: 2 * curveBytes,
    readings: (output) => pairReadings(output, curveBytes),
  };
}

/** @see RFC 8032 5.1: the token takes the message itself */
function planEddsa(message: Uint8Array): SigningPlan {
  return {
    mechanism: { mechanism: CKM_EDDSA },
    input: message,
    maxOutputBytes: 64,
    readings: (output) => [output],
  };
}

function planSm2(
  message: Uint8Array,
  offered: ReadonlySet<number>,
  { mechanisms, publicPoint }: { mechanisms: readonly Sm2Mechanism[]; publicPoint: Uint8Array },
): SigningPlan {
  const row = mechanisms.find(({ mechanism }) => offered.has(mechanism));
  if (row === undefined) {
    throw new AppError('algorithm-unsupported', 'no SM2 mechanism of the table is on the token', {
      params: { padding: 'sm2', digest: 'sm3' },
    });
  }
  return {
    mechanism: { mechanism: row.mechanism },
    input: row.input === 'digest' ? sm2MessageDigest(publicPoint, [message]) : message,
    maxOutputBytes: 64,
    readings: (output) => pairReadings(output, 32),
  };
}

/** DER SEQUENCE of r and s, from r‖s as the standard has it or from DER as some vendors do. */
function pairReadings(output: Uint8Array, halfBytes: number): readonly Uint8Array[] {
  const isPair = output.length > 0 && output.length <= 2 * halfBytes && output.length % 2 === 0;
  const half = output.length / 2;
  const fromPair = isPair
    ? [derSequence(derUnsigned(output.subarray(0, half)), derUnsigned(output.subarray(half)))]
    : [];
  // A short DER value can be as long as a pair; verifying tells them apart.
  return output[0] === 0x30 ? [...fromPair, output] : fromPair;
}
