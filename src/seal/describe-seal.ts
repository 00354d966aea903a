/** What a seal file says of itself, in plain values; nothing of it is verified here. */
import { parseSeal } from '../eseal/index.js';
import { toHex, isAppError, sha256Hex, toRfc3339 } from '../kernel/index.js';
import { parseCertificate } from '../pki/index.js';

export interface SealDescription {
  /** 1: GM/T 0031-2014, 4: GB/T 38540-2020, 5: GM/T 0031-2025. */
  readonly version: 1 | 4 | 5;
  readonly code: string;
  readonly name: string;
  readonly type: 'unit' | 'person' | 'other';
  readonly vendor: string;
  readonly createdAt: string;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly picture: {
    readonly type: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly width: number;
    readonly height: number;
  };
  readonly maker: { readonly subject: string; readonly serial: string } | null;
  readonly signatureAlgorithm: string;
  readonly isTimestamped: boolean;
  /** Who may sign: certificates described, or digests of certificates. */
  readonly signers: readonly (
    | { readonly subject: string; readonly serial: string; readonly sha256: string }
    | { readonly digestType: string; readonly digest: string }
    | { readonly unreadableSha256: string }
  )[];
  readonly extensions: readonly { readonly oid: string; readonly isCritical: boolean }[];
  /** Departures from the standard that were tolerated. */
  readonly notes: readonly string[];
}

/** @throws AppError `eseal-malformed`, params `offset` */
export function describeSeal(der: Uint8Array): SealDescription {
  const seal = parseSeal(der);
  const { property, picture, extDatas, esID, vid } = seal.info;
  const { certList } = property;
  return {
    version: seal.version,
    code: esID,
    name: property.name,
    type: property.type === 1 ? 'unit' : property.type === 2 ? 'person' : 'other',
    vendor: vid,
    createdAt: toRfc3339(property.createDate),
    validFrom: toRfc3339(property.validStart),
    validUntil: toRfc3339(property.validEnd),
    picture: {
      type: picture.type,
      bytes: picture.data.length,
      sha256: sha256Hex(picture.data),
      width: picture.width,
      height: picture.height,
    },
    maker: describeCertificate(seal.cert) ?? null,
    signatureAlgorithm: seal.signAlgID,
    isTimestamped: seal.timeStamp !== undefined,
    signers:
      certList.certListType === 1
        ? certList.certs.map((cert) => {
            const sha256 = sha256Hex(cert);
            const described = describeCertificate(cert);
            return described === undefined
              ? { unreadableSha256: sha256 }
              : { ...described, sha256 };
          })
        : certList.certDigests.map(({ type, value }) => ({
            digestType: type,
            digest: toHex(value),
          })),
    extensions: extDatas.map(({ extnID, critical }) => ({ oid: extnID, isCritical: critical })),
    notes: seal.notes,
  };
}

/** The picture as it lies in the seal. @throws AppError `eseal-malformed` */
export function pictureOfSeal(der: Uint8Array): Uint8Array {
  return parseSeal(der).info.picture.data;
}

function describeCertificate(
  der: Uint8Array,
): { readonly subject: string; readonly serial: string } | undefined {
  try {
    const { subject, serialHex } = parseCertificate(der);
    return { subject: subject.text, serial: serialHex };
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}
