/** Issues and revokes end-entity certificates of the development PKI. */
import { AppError, type Secret, toRfc3339, type Clock } from '../../kernel/index.js';
import { parseCertificate, type RevocationReason } from '../../pki/index.js';
import { buildProfileCertificate } from './build-holder-certificate.js';
import { publishCrls } from './crls.js';
import { readSigningRequest } from './csr.js';
import { isRoot, pkiDeclaration } from './declaration.js';
import { generateKey, signerOf, type KeyType } from './holder-keys.js';
import { BACKDATE_MS } from './init-pki.js';
import { writePkcs12 } from './pkcs12-writer.js';
import { PkiDirectory } from './pki-directory.js';
import { inTurn } from './turns.js';

export const ISSUED_PROFILES = ['signing', 'encryption', 'seal-maker'] as const;
export type IssuedProfile = (typeof ISSUED_PROFILES)[number];

export interface IssueInput {
  readonly directory: string;
  readonly clock: Clock;
  /** RFC 4514, as `CN=张三,O=示例单位,C=CN`. May be left out with a CSR, which names its subject. */
  readonly subject?: string;
  /** DER SubjectPublicKeyInfo, or a PKCS#10 request. */
  readonly key: { readonly publicKeyDer: Uint8Array } | { readonly csrDer: Uint8Array };
  /** `signing` unless given. */
  readonly profile?: IssuedProfile;
  /** An authority's id; the seal root for a seal maker, else the first issuing CA declared. */
  readonly issuerId?: string;
  readonly days?: number;
}

export interface Issued {
  readonly certificateDer: Uint8Array;
  /** Issuing CA, then root. */
  readonly chainDer: readonly Uint8Array[];
  readonly serialHex: string;
}

const DAY_MS = 24 * 3_600_000;

/** @throws AppError `file-not-found` without a PKI or of an unknown issuer, `input-invalid` */
export function issue(input: IssueInput): Promise<Issued> {
  return inTurn(input.directory, async () => {
    const { issuing, root, sealRoot, validityYears } = pkiDeclaration();
    const pki = new PkiDirectory(input.directory);
    const register = await pki.readRegister();
    const usual = input.profile === 'seal-maker' ? sealRoot.id : issuing[0]?.id;
    const issuerId = input.issuerId ?? usual ?? root.id;
    const issuer = await pki.readHolder(issuerId);
    const request: { readonly publicKeyDer: Uint8Array; readonly subject?: string } =
      'csrDer' in input.key ? readSigningRequest(input.key.csrDer) : input.key;
    const subject = input.subject ?? request.subject;
    if (subject === undefined) throw new AppError('input-invalid', 'a subject is needed');
    const now = input.clock.now().getTime();
    const notAfter = new Date(now + (input.days ?? validityYears.endEntityDays) * DAY_MS);
    const { der, serialHex } = await buildProfileCertificate({
      profile: input.profile ?? 'signing',
      subject,
      publicKeyDer: request.publicKeyDer,
      notBefore: new Date(now - BACKDATE_MS),
      notAfter,
      issuer: {
        id: issuer.id,
        nameDer: issuer.certificate.subject.der,
        publicKeyDer: issuer.certificate.publicKey.der,
        ...signerOf(issuer),
      },
      baseUrl: register.baseUrl,
    });
    const entry = { serialHex, issuerId, subject, notAfter: toRfc3339(notAfter) };
    await pki.writeRegister({ ...register, issued: [...register.issued, entry] });
    const issuerDer = issuer.certificate.der;
    const above = isRoot(issuerId) ? [] : [(await pki.readHolder(root.id)).certificate.der];
    return { certificateDer: der, chainDer: [issuerDer, ...above], serialHex };
  });
}

export interface IssuePkcs12Input extends Omit<IssueInput, 'key' | 'subject'> {
  readonly subject: string;
  readonly keyType?: KeyType;
  readonly password: Secret;
}

/** Makes a key, issues a signing certificate for it and puts both into a PKCS#12 file. */
export async function issuePkcs12(
  input: IssuePkcs12Input,
): Promise<Issued & { readonly p12Der: Uint8Array }> {
  const key = await generateKey(input.keyType ?? 'rsa-2048');
  const issued = await issue({ ...input, key: { publicKeyDer: key.publicKeyDer } });
  const p12Der = writePkcs12({
    privateKey: key.privateKey,
    certificateDer: issued.certificateDer,
    chainDer: issued.chainDer,
    friendlyName: parseCertificate(issued.certificateDer).subject.get('2.5.4.3') ?? input.subject,
    password: input.password,
  });
  return { ...issued, p12Der };
}

export interface RevokeInput {
  readonly directory: string;
  readonly clock: Clock;
  readonly serialHex: string;
  /** `unspecified` unless given. */
  readonly reason?: RevocationReason;
}

/**
 * Revokes a certificate and renews the CRLs; a second time keeps the first time and reason.
 * @throws AppError `not-found` for a serial that was not issued here
 */
export function revoke(input: RevokeInput): Promise<{ readonly revokedAt: Date }> {
  return inTurn(input.directory, async () => {
    const pki = new PkiDirectory(input.directory);
    const register = await pki.readRegister();
    const serialHex = input.serialHex
      .toLowerCase()
      .replace(/^(0x)?0*/, '')
      .replace(/:/g, '');
    const known = register.issued.find((one) => one.serialHex.replace(/^0+/, '') === serialHex);
    if (known === undefined) {
      throw new AppError('not-found', 'no certificate of this serial was issued', {
        params: { serial: input.serialHex },
      });
    }
    if (known.revokedAt !== undefined) return { revokedAt: new Date(known.revokedAt) };
    const revokedAt = toRfc3339(input.clock.now());
    const reason = input.reason ?? 'unspecified';
    await pki.writeRegister({
      ...register,
      issued: register.issued.map((one) => (one === known ? { ...one, revokedAt, reason } : one)),
    });
    await publishCrls(pki, input.clock);
    return { revokedAt: new Date(revokedAt) };
  });
}
