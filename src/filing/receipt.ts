/**
 * Receipts: what the budget system says it has filed, and how it proves that it said so. The proof is
 * a compact JWS that carries the receipt, so that it can be kept and checked without the call it came in.
 */
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { AppError, bytesToUtf8, canonicalJson, isAppError } from '../kernel/index.js';
import type { Receipt } from './budget-system.js';
import {
  algorithmName,
  signBase,
  verifyBase,
  type MessageSigner,
} from './http-message-signature.js';

/** `typ` of the JWS: a signature made for something else is no receipt. */
export const RECEIPT_TYPE = 'filing-receipt+jws';
/** Characters; a receipt is small, a longer one is not read. */
export const LONGEST_RECEIPT_JWS = 8192;

export interface ReceiptTerms {
  /** Of the budget system, by key id: Ed25519 or P-256. */
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** Whether a receipt without a signature counts, on the word of who delivered it. */
  readonly acceptsUnsigned: boolean;
}

/** A receipt that counts: with a signature that verified, or unsigned where the terms allow it. */
export interface ProvenReceipt extends Omit<Receipt, 'jws'> {
  readonly signature?: { readonly keyId: string; readonly jws: string };
}

const JWS_ALGORITHMS = { ed25519: 'EdDSA', 'ecdsa-p256-sha256': 'ES256' } as const;

const headerSchema = z.strictObject({
  alg: z.enum(['EdDSA', 'ES256']),
  kid: z.string(),
  typ: z.literal(RECEIPT_TYPE),
});

const receiptFields = {
  filingNumber: z.string().min(1),
  documentSha256: z.string().regex(/^[0-9a-fA-F]{64}$/),
  packageSha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/)
    .optional(),
  receivedAt: z.iso.datetime({ offset: true }),
};

/** A receipt as it comes in an answer; what else the answer says is passed over. */
export const receiptSchema = z
  .object({ ...receiptFields, jws: z.string().max(LONGEST_RECEIPT_JWS).optional() })
  .transform(plainReceipt);

const payloadSchema = z.object({ filingId: z.string(), ...receiptFields });

function plainReceipt(from: {
  readonly filingNumber: string;
  readonly documentSha256: string;
  readonly packageSha256?: string | undefined;
  readonly receivedAt: string;
  readonly jws?: string | undefined;
}): Receipt {
  const { filingNumber, documentSha256, packageSha256, receivedAt, jws } = from;
  return {
    filingNumber,
    documentSha256,
    receivedAt,
    ...(packageSha256 === undefined ? {} : { packageSha256 }),
    ...(jws === undefined ? {} : { jws }),
  };
}

/**
 * What a budget system does: the receipt as a compact JWS, bound to the filing it is of.
 * @param filingId - also the idempotency key of its delivery
 * @see RFC 7515, 3.1 and 7.1; RFC 8037, 3.1
 */
export function signReceipt(filingId: string, receipt: Receipt, signer: MessageSigner): string {
  const { filingNumber, documentSha256, packageSha256, receivedAt } = receipt;
  const header = {
    alg: JWS_ALGORITHMS[algorithmName(signer.privateKey)],
    kid: signer.keyId,
    typ: RECEIPT_TYPE,
  };
  const payload = {
    filingId,
    filingNumber,
    documentSha256,
    receivedAt,
    ...(packageSha256 === undefined ? {} : { packageSha256 }),
  };
  const input = `${base64url(canonicalJson(header))}.${base64url(canonicalJson(payload))}`;
  return `${input}.${base64url(signBase(input, signer.privateKey))}`;
}

/**
 * Tells on whose word a receipt is one. A signature that is there must verify, whatever the terms:
 * a false one is worse than none.
 *
 * @throws AppError `filing-receipt-invalid`, params `reason`: `unsigned`; `signature` where it is
 *   malformed, of a key that is not known, or does not verify; `signed-otherwise` where it is of
 *   another filing or says other than the receipt
 */
export function proveReceipt(
  filingId: string,
  receipt: Receipt,
  terms: ReceiptTerms,
): ProvenReceipt {
  const { jws, ...plain } = receipt;
  if (jws === undefined) {
    if (terms.acceptsUnsigned) return plain;
    throw receiptInvalid('unsigned', 'the receipt is not signed');
  }
  const { keyId, payload } = openJws(jws, terms.keys);
  const isSame =
    payload.filingId === filingId &&
    payload.filingNumber === plain.filingNumber &&
    sameDigest(payload.documentSha256, plain.documentSha256) &&
    sameDigest(payload.packageSha256, plain.packageSha256 ?? payload.packageSha256) &&
    Date.parse(payload.receivedAt) === Date.parse(plain.receivedAt);
  if (!isSame) throw receiptInvalid('signed-otherwise', 'the signature is over another receipt');
  // What is signed and said nowhere else counts as well.
  const { packageSha256 } = payload;
  return {
    ...plain,
    ...(packageSha256 === undefined ? {} : { packageSha256 }),
    signature: { keyId, jws },
  };
}

/** @param reason - which part does not fit: for the caller to tell them apart */
export function receiptInvalid(reason: string, message: string): AppError {
  return new AppError('filing-receipt-invalid', message, { params: { reason } });
}

function openJws(
  jws: string,
  keys: ReceiptTerms['keys'],
): { readonly keyId: string; readonly payload: z.output<typeof payloadSchema> } {
  const [header = '', payload = '', signature = '', more] = jws.split('.');
  if (jws.length > LONGEST_RECEIPT_JWS || more !== undefined) throw notVerified('malformed');
  const { kid, alg } = parsedPart(headerSchema, header);
  const key = keys.get(kid);
  if (key === undefined) throw notVerified('of a key that is not known');
  if (alg !== JWS_ALGORITHMS[algorithmName(key)]) throw notVerified('of another algorithm');
  if (!verifyBase(`${header}.${payload}`, fromBase64url(signature), key)) {
    throw notVerified('false');
  }
  return { keyId: kid, payload: parsedPart(payloadSchema, payload) };
}

function parsedPart<T>(schema: z.ZodType<T>, part: string): T {
  try {
    return schema.parse(JSON.parse(bytesToUtf8(fromBase64url(part))));
  } catch (error) {
    if (isAppError(error, 'filing-receipt-invalid')) throw error;
    throw notVerified('malformed');
  }
}

/** Each sequence of bytes has one spelling: what is left over in the last character is zero. */
function fromBase64url(text: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text, 'base64url'));
  if (base64url(bytes) !== text) throw notVerified('malformed');
  return bytes;
}

function base64url(value: Uint8Array | string): string {
  return Buffer.from(value).toString('base64url');
}

function sameDigest(one: string | undefined, other: string | undefined): boolean {
  return one?.toLowerCase() === other?.toLowerCase();
}

function notVerified(how: string): AppError {
  return receiptInvalid('signature', `the receipt's signature is ${how}`);
}
