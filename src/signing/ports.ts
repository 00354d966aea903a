/** What one act of signing needs of the rooms around it. */
import type { SigningDuty } from '../contract/index.js';
import type { ByteSource } from '../kernel/index.js';
import type { Picture } from '../picture/index.js';
import type { VerificationReport } from '../verification/index.js';

/** A seal that may be used now, with its picture ready to be put on a page. */
export interface UsableSeal {
  readonly sealId: string;
  readonly version: number;
  readonly code: string;
  readonly name: string;
  readonly picture: Picture;
  /** Of a drawing; absent where the picture is of pixels, which documents keep in more than one way. */
  readonly appearanceSha256?: Uint8Array;
  /** DER of its structure (GB/T 38540), which the signature then covers; absent in seals made without one. */
  readonly structureDer?: Uint8Array;
}

export interface SealSupply {
  /**
   * The seal a unit signs with: the one named, or the one of its duty bound to the certificate.
   *
   * @returns `undefined` where none was named and the unit has none. A legal representative's
   *   signature is always made with a seal: it would not be told from the unit's otherwise.
   * @throws AppError `seal-not-found`, `seal-revoked`, `seal-expired`, `seal-not-yet-valid`,
   *   `seal-not-active`, `seal-certificate-mismatch`, `seal-kind-mismatch`
   */
  forSigning(request: {
    readonly unitId: string;
    readonly duty: SigningDuty;
    readonly sealId: string | undefined;
    readonly certificateSha256: string;
    readonly at: Date;
  }): Promise<UsableSeal | undefined>;
  /** Id of the seal that would be taken where none is named, fit or not: for writing a refusal down. */
  presumed(request: {
    readonly unitId: string;
    readonly duty: SigningDuty;
    readonly certificateSha256: string | undefined;
  }): Promise<string | undefined>;
}

/** Whether a certificate may sign at this instant, by the trust profiles of the service. */
export interface CertificateValidator {
  /**
   * @returns The issuing certificates that lead to an anchor, anchor excluded.
   * @throws AppError `certificate-expired`, `certificate-not-yet-valid`,
   *   `certificate-not-for-signing`, `certificate-not-of-unit` (untrusted or revoked: params `reason`)
   */
  validate(
    certificateDer: Uint8Array,
    chainDer: readonly Uint8Array[],
    at: Date,
  ): Promise<readonly Uint8Array[]>;
}

/** Our own verification, asked before anything is kept. */
export type VerifyOwn = (file: ByteSource) => Promise<VerificationReport>;
