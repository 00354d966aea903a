/** Whether this signer may sign this contract, with this certificate and this seal. */
import type { Principal } from '../access/index.js';
import {
  assertMaySign,
  type ContractRecord,
  type Signatory,
  type SigningDuty,
} from '../contract/index.js';
import { AppError, sha256Hex } from '../kernel/index.js';
import type { SignerCertificates } from '../pades/index.js';
import {
  cachedCertificate,
  isSigningCertificate,
  unifiedSocialCreditCode,
  type Certificate,
} from '../pki/index.js';
import { SCOPE_ALL } from '../store/index.js';
import type { UsableSeal } from './ports.js';
import type { SigningServiceOptions } from './signing-api.js';

/** What is known once the signer, its certificate and its seal have been found fit. */
export interface Admitted {
  readonly contract: ContractRecord;
  readonly signatory: Signatory;
  readonly certificate: Certificate;
  readonly certificateSha256: string;
  readonly certificates: SignerCertificates;
  readonly seal: UsableSeal | undefined;
  readonly at: Date;
}

export class SignerAdmission {
  readonly #options: Pick<SigningServiceOptions, 'units' | 'certificates' | 'seals'>;

  constructor(options: Pick<SigningServiceOptions, 'units' | 'certificates' | 'seals'>) {
    this.#options = options;
  }

  /** Everything about the signer that can be refused, in the order a person can put right. */
  async admit(
    principal: Principal,
    contract: ContractRecord,
    certificates: SignerCertificates,
    chosen: { readonly sealId?: string | undefined; readonly duty?: SigningDuty | undefined },
    at: Date,
  ): Promise<Admitted> {
    const signatory = assertMaySign(contract, unitOf(principal), at, chosen.duty);
    const certificate = cachedCertificate(certificates.certificateDer);
    const certificateSha256 = sha256Hex(certificates.certificateDer);
    if (!isSigningCertificate(certificate)) {
      throw new AppError('certificate-not-for-signing', 'key usage does not allow signing');
    }
    await this.#assertOfUnit(certificate, certificateSha256, signatory.unit);
    const chainDer = await this.#options.certificates.validate(
      certificates.certificateDer,
      certificates.chainDer,
      at,
    );
    const seal = await this.#options.seals.forSigning({
      unitId: signatory.unit.unitId,
      duty: signatory.duty,
      sealId: chosen.sealId,
      certificateSha256,
      at,
    });
    return {
      contract,
      signatory,
      certificate,
      certificateSha256,
      certificates: {
        certificateDer: certificates.certificateDer,
        chainDer,
        algorithm: certificates.algorithm,
      },
      seal,
      at,
    };
  }

  async #assertOfUnit(
    certificate: Certificate,
    sha256: string,
    signer: Signatory['unit'],
  ): Promise<void> {
    const unit = await this.#options.units.get(signer.unitId, SCOPE_ALL);
    const isEnrolled = unit?.certificates.some((each) => each.sha256 === sha256) ?? false;
    const code = unifiedSocialCreditCode(certificate);
    const isOther = code !== undefined && code !== signer.creditCode;
    if (isEnrolled && !isOther) return;
    throw new AppError('certificate-not-of-unit', 'the certificate is not enrolled for the party', {
      params: { unit: signer.name, subject: certificate.subject.text },
    });
  }

  /** Asked again before publication: a seal revoked or remade while the key was at work wins. */
  async assertSealUsable(admitted: Admitted, at: Date): Promise<void> {
    if (admitted.seal === undefined) return;
    const { sealId, version } = admitted.seal;
    const { certificateSha256, signatory } = admitted;
    const now = await this.#options.seals.forSigning({
      unitId: signatory.unit.unitId,
      duty: signatory.duty,
      sealId,
      certificateSha256,
      at,
    });
    if (now?.version !== version) {
      throw new AppError('seal-not-active', 'the seal was remade while it was used');
    }
  }
}

/** @throws AppError `contract-party-mismatch` */
export function unitOf(principal: Principal): string {
  if (principal.unitId === undefined) {
    throw new AppError('contract-party-mismatch', 'the account belongs to no unit');
  }
  return principal.unitId;
}

/** @throws AppError `algorithm-unsupported` */
export function keyOf(certificateDer: Uint8Array): SignerCertificates['algorithm'] {
  const { key, algorithm } = cachedCertificate(certificateDer).publicKey;
  if (key === undefined) {
    throw new AppError('algorithm-unsupported', 'the key is of a kind we cannot use', {
      params: { algorithm: algorithm.oid },
    });
  }
  return key;
}
