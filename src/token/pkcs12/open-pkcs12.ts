/** A signing key in a PKCS#12 file. node-forge opens the container, node:crypto signs. */
import {
  constants,
  createPrivateKey,
  createPublicKey,
  sign as signCallback,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { AppError, equalBytes, isAppError, type Secret } from '../../kernel/index.js';
import {
  chooseSigningCertificate,
  derBitString,
  derSequence,
  parseCertificate,
  signSm2WithKey,
  type Certificate,
} from '../../pki/index.js';
import type { KeyAlgorithm, SignatureScheme, SigningKey } from '../index.js';
import { verifyPkcs12Mac } from './pkcs12-mac.js';

const signOnPool = promisify(signCallback);

export interface Pkcs12Input {
  readonly der: Uint8Array;
  /** Used before this returns and not kept; the caller disposes of it. */
  readonly password: Secret;
}

/**
 * Opens the signing key of a PKCS#12 file, of either generation: 3DES and RC2, or PBES2 with AES.
 *
 * @throws AppError `p12-password-incorrect`; `p12-malformed`; `token-no-signing-certificate` where
 *   no certificate for signing has its private key in the file
 */
export function openPkcs12Key(input: Pkcs12Input): Promise<SigningKey> {
  return Promise.resolve().then(() => {
    const { certificates, keys } = openContainer(input);
    const paired = certificates.filter((certificate) => keyOf(certificate, keys) !== undefined);
    const certificate = chooseSigningCertificate(paired) ?? onlySelfSigned(paired);
    const key = certificate === undefined ? undefined : keyOf(certificate, keys);
    const algorithm = certificate?.publicKey.key;
    if (certificate === undefined || key === undefined || algorithm === undefined) {
      throw new AppError('token-no-signing-certificate', 'no signing certificate with its key');
    }
    const chainDer = certificates.filter((one) => one !== certificate).map(({ der }) => der);
    return new Pkcs12Key(certificate, chainDer, algorithm, key);
  });
}

/** Whoever names a file with one self-signed certificate means that one, CA or not; a verifier decides on trust. */
function onlySelfSigned(paired: readonly Certificate[]): Certificate | undefined {
  const [only, ...others] = paired;
  if (only === undefined || others.length > 0 || !only.isSelfIssued) return undefined;
  const { keyUsage } = only.extensions;
  return keyUsage === undefined || keyUsage.has('digitalSignature') ? only : undefined;
}

class Pkcs12Key implements SigningKey {
  readonly certificateDer: Uint8Array;
  readonly chainDer: readonly Uint8Array[];
  readonly algorithm: KeyAlgorithm;
  readonly authentication = 'once';
  readonly #certificate: Certificate;
  #key: KeyObject | undefined;

  constructor(
    certificate: Certificate,
    chainDer: readonly Uint8Array[],
    algorithm: KeyAlgorithm,
    key: KeyObject,
  ) {
    this.#certificate = certificate;
    this.certificateDer = certificate.der;
    this.chainDer = chainDer;
    this.algorithm = algorithm;
    this.#key = key;
  }

  async sign(message: Uint8Array, scheme: SignatureScheme): Promise<Uint8Array> {
    const key = this.#key;
    if (key === undefined) throw new AppError('token-absent', 'the key was closed');
    requireFit(this.algorithm, scheme);
    try {
      if (scheme.padding === 'sm2') {
        return signSm2WithKey(key, this.#certificate.publicKey.keyOctets, message);
      }
      const algorithm = scheme.padding === 'eddsa' ? null : scheme.digest;
      const octets = await signOnPool(algorithm, message, signInput(key, scheme));
      return new Uint8Array(octets);
    } catch (error) {
      if (isAppError(error)) throw error;
      throw new AppError('token-failed', 'signing with the PKCS#12 key failed', { cause: error });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#key = undefined;
    return Promise.resolve();
  }
}

function signInput(key: KeyObject, scheme: SignatureScheme): Parameters<typeof signOnPool>[2] {
  if (scheme.padding !== 'pss') return { key };
  return {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
}

const PADDINGS: Readonly<Record<KeyAlgorithm['kind'], readonly SignatureScheme['padding'][]>> = {
  rsa: ['pkcs1-v1_5', 'pss'],
  ec: ['ecdsa'],
  ed25519: ['eddsa'],
  sm2: ['sm2'],
};

function requireFit(key: KeyAlgorithm, { padding, digest }: SignatureScheme): void {
  const isFit = PADDINGS[key.kind].includes(padding) && (digest === 'sm3') === (padding === 'sm2');
  if (isFit) return;
  throw new AppError('algorithm-unsupported', `a ${key.kind} key does not sign by ${padding}`, {
    params: { padding, digest },
  });
}

interface Container {
  readonly certificates: readonly Certificate[];
  readonly keys: readonly KeyObject[];
}

function openContainer({ der, password }: Pkcs12Input): Container {
  const text = password.revealText();
  const isProved = verifyPkcs12Mac(der, text);
  try {
    const bags = safeBags(der, text);
    return {
      certificates: bags.flatMap((bag) => certificateIn(bag)),
      keys: bags.flatMap((bag) => keyIn(bag)),
    };
  } catch (error) {
    if (isAppError(error)) throw error;
    // Without a MAC a wrong password shows as content that does not decrypt.
    const isPassword = !isProved && /password|decrypt/i.test(String(error));
    throw new AppError(
      isPassword ? 'p12-password-incorrect' : 'p12-malformed',
      isPassword ? 'the password does not open the file' : 'not a PKCS#12 file we can read',
      { cause: error },
    );
  }
}

function safeBags(der: Uint8Array, password: string): forge.pkcs12.Bag[] {
  const open = (octets: string): forge.pkcs12.Bag[] => {
    const pfx = forge.asn1.fromDer(Buffer.from(der).toString('latin1'));
    // The MAC was checked already; forge would do it again, slowly.
    if (Array.isArray(pfx.value)) pfx.value.splice(2);
    return forge.pkcs12
      .pkcs12FromAsn1(pfx, true, octets)
      .safeContents.flatMap(({ safeBags: bags }) => bags);
  };
  const utf8 = forge.util.encodeUtf8(password);
  if (utf8 === password) return open(password);
  try {
    // PBES2 takes the password as UTF-8, the older schemes as UTF-16, which forge makes itself.
    return open(utf8);
  } catch {
    return open(password);
  }
}

function memberOf(
  element: forge.asn1.Asn1 | undefined,
  index: number,
): forge.asn1.Asn1 | undefined {
  return element !== undefined && Array.isArray(element.value) ? element.value[index] : undefined;
}

function certificateIn(bag: forge.pkcs12.Bag): Certificate[] {
  if (bag.type !== forge.pki.oids['certBag']) return [];
  // What forge could not decode (keys other than RSA) it hands over as it was.
  return [parseCertificate(bag.cert ? encodingOf(bag.cert) : bytesOf(bag.asn1))];
}

/**
 * The encoding of a certificate that forge decoded, as it was in the file. Its own encoder writes
 * the outer AlgorithmIdentifier anew, which changes the bytes of an ECDSA-signed certificate.
 */
function encodingOf(decoded: forge.pki.Certificate): Uint8Array {
  const tbs = decoded.tbsCertificate;
  const hasVersion = memberOf(tbs, 0)?.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC;
  const algorithm = memberOf(tbs, hasVersion ? 2 : 1);
  if (algorithm === undefined) throw new AppError('p12-malformed', 'certificate has no algorithm');
  const signature = new Uint8Array(Buffer.from(decoded.signature as string, 'latin1'));
  return derSequence(bytesOf(tbs), bytesOf(algorithm), derBitString(signature));
}

function keyIn(bag: forge.pkcs12.Bag): KeyObject[] {
  const { oids } = forge.pki;
  if (bag.type !== oids['keyBag'] && bag.type !== oids['pkcs8ShroudedKeyBag']) return [];
  // RSA keys come decoded, others as PrivateKeyInfo.
  const asn1 = bag.key
    ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key))
    : bag.asn1;
  const der = Buffer.from(bytesOf(asn1));
  try {
    return [createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })];
  } finally {
    der.fill(0);
  }
}

function bytesOf(asn1: forge.asn1.Asn1): Uint8Array {
  return new Uint8Array(Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1'));
}

function keyOf(certificate: Certificate, keys: readonly KeyObject[]): KeyObject | undefined {
  return keys.find((key) => {
    const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
    return equalBytes(new Uint8Array(spki), certificate.publicKey.der);
  });
}
