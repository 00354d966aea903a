/** Which mechanism of a token makes a signature, on which input, and how its output becomes ours. */
import pkcs11js from 'pkcs11js';
import { AppError, concatBytes, digestBytes, fromHex } from '../../kernel/index.js';
import { derSequence, derUnsigned } from '../../pki/index.js';
import type { KeyAlgorithm, SignatureScheme } from '../index.js';

export interface SigningPlan {
  readonly mechanism: pkcs11js.Mechanism;
  /** What C_Sign gets: the message, its digest, or DigestInfo. */
  readonly input: Uint8Array;
  /** Room for the longest output, bytes. */
  readonly maxOutputBytes: number;
  /** The token's octets in the form the port promises. */
  finish(output: Uint8Array): Uint8Array;
}

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

const CURVE_BYTES = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const;

/**
 * @param offered - The token's mechanism list.
 * @throws AppError `algorithm-unsupported`, params `padding` and `digest`, where the key cannot sign
 *   by `scheme` or the token has no mechanism for it
 */
export function planSignature(
  key: KeyAlgorithm,
  scheme: SignatureScheme,
  message: Uint8Array,
  offered: ReadonlySet<number>,
): SigningPlan {
  const { digest, padding } = scheme;
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
    finish: (output) => output,
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
    finish: (output) => output,
  };
}

function planEcdsa(curveBytes: number, digest: Uint8Array): SigningPlan {
  return {
    mechanism: { mechanism: pkcs11js.CKM_ECDSA },
    // FIPS 186-5 6.4.1 takes the leftmost bits of a longer digest; not every token does so itself.
    input: digest.subarray(0, curveBytes),
    maxOutputBytes: 2 * curveBytes,
    finish: ecdsaToDer,
  };
}

/**
 * DER `ECDSA-Sig-Value` of r‖s.
 * @throws AppError `token-failed` where the two halves cannot be
 */
export function ecdsaToDer(output: Uint8Array): Uint8Array {
  if (output.length === 0 || output.length % 2 !== 0) {
    throw new AppError('token-failed', 'the token returned no r and s of equal length');
  }
  const half = output.length / 2;
  return derSequence(derUnsigned(output.subarray(0, half)), derUnsigned(output.subarray(half)));
}
