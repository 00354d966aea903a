/**
 * Makes a seal's structure: what the maker signs, with the maker's key wherever that is. The product
 * is verified before it is handed out.
 *
 * @see GB/T 38540-2020 (making of seals), GM/T 0031-2025 (time-stamp of the seal)
 */
import { AppError, digestBytes } from '../kernel/index.js';
import {
  DRAWING_DIGEST_OID,
  assembleSeal,
  buildSealInfo,
  isListedSigner,
  parseSeal,
  signAlgIDOf,
  verifySealSignature,
  type SES_CertList,
  type SES_ESPictrueInfo,
  type SESeal,
  type WrittenSESVersion,
} from '../eseal/index.js';
import { defaultScheme, isSigningCertificate, parseCertificate } from '../pki/index.js';
import type { SigningKey } from '../token/index.js';

/** Who made the software that made the seal (`Vid`). */
const VENDOR = 'QIANYIN';

export interface MakeSealRequest {
  readonly version: WrittenSESVersion;
  /** 印章编码. */
  readonly code: string;
  readonly name: string;
  /** A person's seal rather than a unit's. */
  readonly isPersonal: boolean;
  readonly picture: SES_ESPictrueInfo;
  /** SHA-256 of the vector drawing's content in PDF, for seals that are shown as vectors. */
  readonly drawingSha256?: Uint8Array;
  /** Certificates that may sign with it, DER. */
  readonly signers: readonly Uint8Array[];
  /** How the seal names them. */
  readonly listing: 'certificates' | 'digests';
  readonly createdAt: Date;
  readonly validFrom: Date;
  readonly validUntil: Date;
  readonly maker: SigningKey;
  /** For version 5: obtains an RFC 3161 token over a digest by SHA-256. */
  readonly timestamp?: (sha256: Uint8Array) => Promise<Uint8Array>;
}

/**
 * @returns DER of the seal (`.esl`)
 * @throws AppError `input-invalid` (params `field`), `certificate-malformed`,
 *   `certificate-not-for-signing`, `certificate-expired` and `certificate-not-yet-valid` (of the maker
 *   at `createdAt`), `algorithm-unsupported`, `signature-not-verified`, and what the key and the
 *   time-stamp throw
 */
export async function makeSeal(request: MakeSealRequest): Promise<Uint8Array> {
  const { version, maker } = request;
  requireMaker(maker, request.createdAt);
  for (const der of request.signers) requireSigner(der);
  const infoDer = buildSealInfo(
    {
      vid: VENDOR,
      esID: request.code,
      property: {
        type: request.isPersonal ? 2 : 1,
        name: request.name,
        certList: listOf(request),
        createDate: request.createdAt,
        validStart: request.validFrom,
        validEnd: request.validUntil,
      },
      picture: request.picture,
      extDatas:
        request.drawingSha256 === undefined
          ? []
          : [{ extnID: DRAWING_DIGEST_OID, critical: false, extnValue: request.drawingSha256 }],
    },
    version,
  );
  const signedValue = await maker.sign(infoDer, defaultScheme(maker.algorithm));
  const timeStamp =
    version === 5 && request.timestamp !== undefined
      ? await request.timestamp(digestBytes('sha256', signedValue))
      : undefined;
  const der = assembleSeal({
    version,
    infoDer,
    cert: maker.certificateDer,
    signAlgID: signAlgIDOf(maker.algorithm),
    signedValue,
    ...(timeStamp === undefined ? {} : { timeStamp }),
  });
  requireSound(parseSeal(der), request);
  return der;
}

function listOf({ signers, listing }: MakeSealRequest): SES_CertList {
  return listing === 'certificates'
    ? { certListType: 1, certs: signers }
    : {
        certListType: 2,
        certDigests: signers.map((der) => ({ type: 'SM3', value: digestBytes('sm3', der) })),
      };
}

function requireMaker(maker: SigningKey, at: Date): void {
  const certificate = parseCertificate(maker.certificateDer);
  if (!isSigningCertificate(certificate)) {
    throw new AppError(
      'certificate-not-for-signing',
      'the maker’s key usage does not allow signing',
    );
  }
  if (at > certificate.notAfter) {
    throw new AppError('certificate-expired', 'the maker’s certificate has expired');
  }
  if (at < certificate.notBefore) {
    throw new AppError('certificate-not-yet-valid', 'the maker’s certificate is not valid yet');
  }
}

/** An encryption certificate in the list would let nobody sign. */
function requireSigner(der: Uint8Array): void {
  if (isSigningCertificate(parseCertificate(der))) return;
  throw new AppError('certificate-not-for-signing', 'key usage does not allow signing');
}

function requireSound(seal: SESeal, { signers }: MakeSealRequest): void {
  const { outcome } = verifySealSignature(seal);
  const isComplete = signers.every((der) => isListedSigner(seal.info.property.certList, der));
  if (outcome === 'valid' && isComplete && seal.notes.length === 0) return;
  throw new AppError('signature-not-verified', 'the seal just made does not verify', {
    params: { reason: outcome === 'valid' ? seal.notes : [outcome] },
  });
}
