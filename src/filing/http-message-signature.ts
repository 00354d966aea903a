/**
 * HTTP message signatures with Ed25519 and ECDSA P-256: enough to sign our calls and to check those
 * that come in. Components with parameters (`;sf`, `;req`, …) are refused, never passed over.
 */
import { createPrivateKey, sign, verify, type KeyObject } from 'node:crypto';
import { AppError, isAppError, toBase64, utf8ToBytes } from '../kernel/index.js';
import {
  parseDictionary,
  serializeInnerList,
  type BareItem,
  type InnerList,
  type Item,
} from './structured-fields.js';

/** A request, or a response where `status` is set. */
export interface HttpMessage {
  readonly method: string;
  /** Absolute, as the caller addressed it. */
  readonly url: string;
  readonly status?: number;
  /** Field value by lower-case name; several lines of one field joined by `, `. */
  readonly field: (name: string) => string | undefined;
}

export interface MessageSigner {
  readonly keyId: string;
  /** Ed25519 or EC P-256. */
  readonly privateKey: KeyObject;
}

export interface SignatureTerms {
  /** What the signature covers, in order: derived (`@method`) and field names. */
  readonly components: readonly string[];
  readonly createdAt: Date;
  /** In the order they are written. */
  readonly expiresAt?: Date;
  readonly nonce?: string;
  readonly tag?: string;
}

export interface SignatureFields {
  readonly signatureInput: string;
  readonly signature: string;
}

export interface VerificationTerms {
  /** @returns `undefined` for a key nobody knows */
  readonly keyOf: (keyId: string) => KeyObject | undefined;
  /** Each must be covered. */
  readonly components: readonly string[];
  readonly tag: string;
  readonly at: Date;
  /** Longest time from `created` to `expires`, in seconds. */
  readonly maxLifetimeS: number;
}

export interface VerifiedSignature {
  readonly keyId: string;
  readonly nonce: string;
  readonly expiresAt: Date;
}

const CLOCK_SKEW_S = 60;

/**
 * A signer from a key file's text.
 * @throws AppError `config-invalid` where it is no private key, `algorithm-unsupported` where it is
 *   neither Ed25519 nor P-256
 */
export function messageSigner(source: {
  readonly keyId: string;
  /** PKCS #8, not encrypted. */
  readonly privateKeyPem: string;
}): MessageSigner {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(source.privateKeyPem);
  } catch (error) {
    throw new AppError('config-invalid', `key ${source.keyId} cannot be read`, { cause: error });
  }
  algorithmName(privateKey);
  return { keyId: source.keyId, privateKey };
}

/**
 * The bytes that are signed, as text.
 * @throws AppError `input-invalid` where a component is not in the message, unknown, or covered twice
 * @see RFC 9421, 2.5
 */
export function signatureBase(message: HttpMessage, input: InnerList): string {
  const seen = new Set<string>();
  const lines = input.items.map((item) => {
    const name = componentName(item);
    if (seen.has(name)) throw unsuitable(`${name} is covered twice`);
    seen.add(name);
    return `"${name}": ${componentValue(message, name)}`;
  });
  return [...lines, `"@signature-params": ${serializeInnerList(input)}`].join('\n');
}

/**
 * Signs `message` under `label`.
 * @throws AppError `input-invalid` as {@link signatureBase}, `algorithm-unsupported` by key
 * @see RFC 9421, 3.1
 */
export function signMessage(
  message: HttpMessage,
  terms: SignatureTerms,
  signer: MessageSigner,
  label = 'qianyin',
): SignatureFields {
  const parameters = new Map<string, BareItem>();
  parameters.set('created', { type: 'integer', value: seconds(terms.createdAt) });
  if (terms.expiresAt !== undefined) {
    parameters.set('expires', { type: 'integer', value: seconds(terms.expiresAt) });
  }
  if (terms.nonce !== undefined) parameters.set('nonce', { type: 'string', value: terms.nonce });
  parameters.set('keyid', { type: 'string', value: signer.keyId });
  if (terms.tag !== undefined) parameters.set('tag', { type: 'string', value: terms.tag });
  const input: InnerList = {
    kind: 'inner-list',
    items: terms.components.map((name) => ({
      kind: 'item',
      bare: { type: 'string', value: name },
      parameters: new Map(),
    })),
    parameters,
  };
  const signature = signBase(signatureBase(message, input), signer.privateKey);
  return {
    signatureInput: `${label}=${serializeInnerList(input)}`,
    signature: `${label}=:${toBase64(signature)}:`,
  };
}

/**
 * Finds the signature with `terms.tag` and checks it: known key, required components covered, in
 * time, mathematics. Whether the nonce is new and the digest fits the content is for the caller.
 *
 * @throws AppError `unauthenticated`, whatever is wrong
 * @see RFC 9421, 3.2
 */
export function verifyMessage(message: HttpMessage, terms: VerificationTerms): VerifiedSignature {
  try {
    return verifyTagged(message, terms);
  } catch (error) {
    if (isAppError(error, 'unauthenticated')) throw error;
    throw new AppError('unauthenticated', 'the message signature is malformed', { cause: error });
  }
}

function verifyTagged(message: HttpMessage, terms: VerificationTerms): VerifiedSignature {
  const inputs = parseDictionary(message.field('signature-input') ?? '');
  const signatures = parseDictionary(message.field('signature') ?? '');
  for (const [label, input] of inputs) {
    if (input.kind !== 'inner-list' || textOf(input, 'tag') !== terms.tag) continue;
    const signature = signatures.get(label);
    if (signature?.kind !== 'item' || signature.bare.type !== 'bytes') break;
    const verified = checkTerms(input, terms);
    const key = terms.keyOf(verified.keyId);
    if (key === undefined) throw refused('the key is not known');
    const alg = textOf(input, 'alg');
    if (alg !== undefined && alg !== algorithmName(key)) throw refused('the algorithm is another');
    if (!verifyBase(signatureBase(message, input), signature.bare.value, key)) {
      throw refused('the signature does not verify');
    }
    return verified;
  }
  throw refused('there is no such signature');
}

/**
 * The mathematics alone; JWS has the same form.
 * @throws AppError `algorithm-unsupported` for a key that is neither Ed25519 nor P-256
 * @see RFC 9421, 3.3.4 and 3.3.6; RFC 7518, 3.4
 */
export function signBase(base: string, privateKey: KeyObject): Uint8Array {
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const };
  return sign(hashOf(privateKey), utf8ToBytes(base), key);
}

/**
 * The mathematics alone.
 * @throws AppError `algorithm-unsupported` for a key that is neither Ed25519 nor P-256
 * @see RFC 9421, 3.3.4 and 3.3.6
 */
export function verifyBase(base: string, signature: Uint8Array, key: KeyObject): boolean {
  const form = { key, dsaEncoding: 'ieee-p1363' as const };
  return verify(hashOf(key), utf8ToBytes(base), form, signature);
}

function checkTerms(input: InnerList, terms: VerificationTerms): VerifiedSignature {
  const covered = new Set(input.items.map(componentName));
  const missing = terms.components.filter((name) => !covered.has(name));
  if (missing.length > 0) throw refused(`not covered: ${missing.join(' ')}`);
  const created = numberOf(input, 'created');
  const expires = numberOf(input, 'expires');
  const keyId = textOf(input, 'keyid');
  const nonce = textOf(input, 'nonce');
  if (created === undefined || expires === undefined || keyId === undefined) {
    throw refused('created, expires and keyid are required');
  }
  if (nonce === undefined || nonce === '') throw refused('a nonce is required');
  const now = seconds(terms.at);
  if (created > now + CLOCK_SKEW_S || expires <= now) throw refused('out of its time');
  if (expires - created > terms.maxLifetimeS) throw refused('valid for too long');
  return { keyId, nonce, expiresAt: new Date(expires * 1000) };
}

function componentName(item: Item): string {
  if (item.bare.type !== 'string') throw unsuitable('a component is not a string');
  if (item.parameters.size > 0) throw unsuitable(`${item.bare.value} has parameters`);
  return item.bare.value;
}

/** @see RFC 9421, 2.1 and 2.2 */
function componentValue(message: HttpMessage, name: string): string {
  if (!name.startsWith('@')) {
    if (name !== name.toLowerCase()) throw unsuitable(`${name} is not in lower case`);
    const value = message.field(name);
    if (value === undefined) throw unsuitable(`the message has no ${name}`);
    const line = value.trim();
    if (!/^[\t\x20-\x7e]*$/.test(line)) throw unsuitable(`${name} is not printable ASCII`);
    return line;
  }
  if (name === '@status' && message.status !== undefined) return String(message.status);
  const derive = message.status === undefined ? DERIVED.get(name) : undefined;
  if (derive === undefined) throw unsuitable(`${name} is not known here`);
  if (!URL.canParse(message.url)) throw unsuitable('the address is not absolute');
  return derive(message, new URL(message.url));
}

const DERIVED: ReadonlyMap<string, (message: HttpMessage, url: URL) => string> = new Map([
  ['@method', (message: HttpMessage) => message.method.toUpperCase()],
  // URL lower-cases the host and drops the scheme's own port, as 2.2.3 asks.
  ['@authority', (_: HttpMessage, url: URL) => url.host],
  ['@scheme', (_: HttpMessage, url: URL) => url.protocol.slice(0, -1)],
  ['@path', (_: HttpMessage, url: URL) => url.pathname],
  ['@query', (_: HttpMessage, url: URL) => (url.search === '' ? '?' : url.search)],
  ['@target-uri', (message: HttpMessage) => message.url],
]);

/** Ed25519 hashes by itself. */
function hashOf(key: KeyObject): 'sha256' | null {
  return algorithmName(key) === 'ed25519' ? null : 'sha256';
}

/**
 * @throws AppError `algorithm-unsupported`
 * @see RFC 9421, 6.2.2
 */
export function algorithmName(key: KeyObject): 'ed25519' | 'ecdsa-p256-sha256' {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  const isP256 =
    key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  if (isP256) return 'ecdsa-p256-sha256';
  throw new AppError('algorithm-unsupported', 'messages are signed with Ed25519 or P-256');
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

function textOf(input: InnerList, name: string): string | undefined {
  const item = input.parameters.get(name);
  return item?.type === 'string' ? item.value : undefined;
}

function numberOf(input: InnerList, name: string): number | undefined {
  const item = input.parameters.get(name);
  return item?.type === 'integer' ? item.value : undefined;
}

function unsuitable(what: string): AppError {
  return new AppError('input-invalid', `message signature: ${what}`);
}

function refused(why: string): AppError {
  return new AppError('unauthenticated', `message signature: ${why}`);
}
