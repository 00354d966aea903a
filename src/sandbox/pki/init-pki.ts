/** Sets up a development PKI, or what is missing of one. */
import { toRfc3339, type Clock } from '../../kernel/index.js';
import { buildNameFromText } from '../../pki/index.js';
import { buildProfileCertificate, type CertificateProfile } from './build-holder-certificate.js';
import { publishCrls } from './crls.js';
import { pkiDeclaration, sealTrust, type AuthorityDeclaration } from './declaration.js';
import { generateKey, signerOf, signerWith, type KeyType } from './holder-keys.js';
import { certificatePem, PkiDirectory, type KeyHolder, type PkiRegister } from './pki-directory.js';
import { inTurn } from './turns.js';

export interface InitPkiInput {
  /** Outside the repository: private keys are written into it, mode 0600. */
  readonly directory: string;
  /** Where `servePki` will answer, without a slash at the end; goes into the certificates. */
  readonly baseUrl: string;
  readonly clock: Clock;
}

export interface InitialisedPki {
  readonly directory: string;
  /** Anchors, intermediates and fresh CRLs, as `openTrustFolder` reads them. */
  readonly trustDirectory: string;
  readonly baseUrl: string;
  /** Certificates by role, PEM files. */
  readonly certificates: Readonly<Record<string, string>>;
}

const YEAR_MS = 365.25 * 24 * 3_600_000;
/** Clocks differ a little; a certificate just issued is valid everywhere. */
export const BACKDATE_MS = 5 * 60_000;

/**
 * Makes root, issuing CAs, their OCSP responders, TSA and seal maker, and renews the CRLs. Run
 * again it keeps what is there, the base address included.
 */
export function initPki(input: InitPkiInput): Promise<InitialisedPki> {
  return inTurn(input.directory, async () => {
    const pki = new PkiDirectory(input.directory);
    const register: PkiRegister = (await pki.readRegisterIfAny()) ?? {
      baseUrl: input.baseUrl.replace(/\/+$/, ''),
      crlNumber: 0,
      issued: [],
    };
    await pki.writeRegister(register);
    const declared = pkiDeclaration();
    const { root, sealRoot, issuing, tsa, sealMaker, validityYears } = declared;
    const maker = new HolderMaker(pki, register.baseUrl, input.clock);

    const rootCa = await maker.ensure(root, 'root', 'ec-p384', validityYears.root, undefined);
    await pki.writeTrust('anchors/root.pem', certificatePem(rootCa.certificate.der));
    await maker.ensure(tsa, 'tsa', 'rsa-2048', validityYears.service, rootCa);
    for (const authority of issuing) {
      const { issuing: years } = validityYears;
      const ca = await maker.ensure(authority, 'issuing', 'rsa-3072', years, rootCa);
      await pki.writeTrust(`intermediates/${ca.id}.pem`, certificatePem(ca.certificate.der));
      const responder = {
        id: responderId(ca.id),
        subject: authority.subject.replace(/^CN=([^,]+)/, `CN=$1${declared.ocspSubjectSuffix}`),
      };
      await maker.ensure(responder, 'ocsp', 'ec-p256', validityYears.service, ca);
    }
    // Seals are made by SM2 alone (GB/T 38540), under a root of their own.
    const sealCa = await maker.ensure(sealRoot, 'root', 'sm2', validityYears.root, undefined);
    await pki.writeTrust(
      sealTrust('anchors/seal-root.pem'),
      certificatePem(sealCa.certificate.der),
    );
    await pki.writeTrust(sealTrust('profile.json'), SEAL_PROFILE);
    await maker.ensure(sealMaker, 'seal-maker', 'sm2', validityYears.service, sealCa);
    await pki.writeRegister(withHolders(register, maker.made));
    await publishCrls(pki, input.clock);

    return {
      directory: input.directory,
      trustDirectory: `${input.directory}/trust`,
      baseUrl: register.baseUrl,
      certificates: Object.fromEntries(
        maker.made.map(({ holder: { id } }) => [id, `${input.directory}/certificates/${id}.pem`]),
      ),
    };
  });
}

/** What the seal root is trusted for: it must not pass for an authority of signing certificates. */
const SEAL_PROFILE = `${JSON.stringify({ name: '示例印章备案中心', usages: ['seal-making'] }, null, 2)}\n`;

/** The role of the OCSP responder that answers for an issuing CA. */
export function responderId(caId: string): string {
  return `${caId}-ocsp`;
}

/** The register with an entry for every role, also for one whose entry an interrupted run left out. */
function withHolders(register: PkiRegister, made: HolderMaker['made']): PkiRegister {
  const known = new Set(register.issued.map(({ serialHex }) => serialHex));
  const missing = made
    .filter(({ holder }) => !known.has(holder.certificate.serialHex))
    .map(({ holder: { certificate }, issuerId }) => ({
      serialHex: certificate.serialHex,
      issuerId,
      subject: certificate.subject.text,
      notAfter: toRfc3339(certificate.notAfter),
    }));
  return { ...register, issued: [...register.issued, ...missing] };
}

class HolderMaker {
  readonly made: { readonly holder: KeyHolder; readonly issuerId: string }[] = [];
  readonly #pki: PkiDirectory;
  readonly #baseUrl: string;
  readonly #clock: Clock;

  constructor(pki: PkiDirectory, baseUrl: string, clock: Clock) {
    this.#pki = pki;
    this.#baseUrl = baseUrl;
    this.#clock = clock;
  }

  async ensure(
    declared: AuthorityDeclaration,
    profile: CertificateProfile,
    keyType: KeyType,
    years: number,
    issuer: KeyHolder | undefined,
  ): Promise<KeyHolder> {
    const holder =
      (await this.#pki.readHolderIfAny(declared.id)) ??
      (await this.#make(declared, profile, keyType, years, issuer));
    this.made.push({ holder, issuerId: issuer?.id ?? declared.id });
    return holder;
  }

  async #make(
    declared: AuthorityDeclaration,
    profile: CertificateProfile,
    keyType: KeyType,
    years: number,
    issuer: KeyHolder | undefined,
  ): Promise<KeyHolder> {
    const key = await generateKey(keyType);
    const now = this.#clock.now().getTime();
    const { der } = await buildProfileCertificate({
      profile,
      subject: declared.subject,
      publicKeyDer: key.publicKeyDer,
      notBefore: new Date(now - BACKDATE_MS),
      notAfter: new Date(now + years * YEAR_MS),
      issuer:
        issuer === undefined
          ? {
              id: declared.id,
              nameDer: buildNameFromText(declared.subject),
              publicKeyDer: key.publicKeyDer,
              ...signerWith(key.privateKey, key.publicKeyDer),
            }
          : {
              id: issuer.id,
              nameDer: issuer.certificate.subject.der,
              publicKeyDer: issuer.certificate.publicKey.der,
              ...signerOf(issuer),
            },
      baseUrl: this.#baseUrl,
    });
    await this.#pki.writeHolder(declared.id, key.privateKey, der);
    return this.#pki.readHolder(declared.id);
  }
}
