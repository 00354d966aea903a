/** Writes e-seals of the versions in force, as DER and by the letter: none of the oddities that reading tolerates. */
import { AppError } from '../kernel/index.js';
import {
  OID,
  derBitString,
  derBoolean,
  derContext,
  derGeneralizedTime,
  derIa5,
  derInteger,
  derOctets,
  derOid,
  derPrintable,
  derSequence,
  derSequenceOf,
  derUtf8,
  type PublicKeyAlgorithm,
} from '../pki/index.js';
import type { ExtData, SES_CertList, SES_SealInfo } from './types.js';

/** The versions that are written; version 1 is read only. */
export type WrittenSESVersion = 4 | 5;

const MOST_MM = 200;

/**
 * The part of a seal that its maker signs: DER of `SES_SealInfo`.
 *
 * @throws AppError `input-invalid`, params `field`
 * @see GB/T 38540-2020; GM/T 0031-2025
 */
export function buildSealInfo(info: SES_SealInfo, version: WrittenSESVersion): Uint8Array {
  requireWritable(info, version);
  const { property, picture } = info;
  return derSequence(
    derSequence(derIa5('ES'), derInteger(version), derIa5(info.vid)),
    derIa5(info.esID),
    derSequence(
      derInteger(property.type),
      derUtf8(property.name),
      derInteger(property.certList.certListType),
      certListDer(property.certList),
      derGeneralizedTime(property.createDate),
      derGeneralizedTime(property.validStart),
      derGeneralizedTime(property.validEnd),
    ),
    derSequence(
      derIa5(picture.type),
      derOctets(picture.data),
      derInteger(picture.width),
      derInteger(picture.height),
    ),
    info.extDatas.length === 0 ? undefined : extensionDatasDer(info.extDatas),
  );
}

export interface SealParts {
  readonly version: WrittenSESVersion;
  /** From {@link buildSealInfo} with the same version. */
  readonly infoDer: Uint8Array;
  /** The maker's certificate, DER. */
  readonly cert: Uint8Array;
  /** From {@link signAlgIDOf} the maker's key. */
  readonly signAlgID: string;
  /** Over `infoDer`; SM2 as DER SEQUENCE { r, s }. */
  readonly signedValue: Uint8Array;
  /** Version 5: an RFC 3161 token over `signedValue`. */
  readonly timeStamp?: Uint8Array;
}

/** @throws AppError `input-invalid` for a time-stamp in version 4, which has no place for it */
export function assembleSeal(parts: SealParts): Uint8Array {
  if (parts.timeStamp !== undefined && parts.version === 4) throw invalid('timeStamp');
  return derSequence(
    parts.infoDer,
    derOctets(parts.cert),
    derOid(parts.signAlgID),
    derBitString(parts.signedValue),
    parts.timeStamp === undefined ? undefined : derContext(0, derBitString(parts.timeStamp)),
  );
}

/**
 * The signature algorithm that goes with a maker's or signer's key.
 * @throws AppError `algorithm-unsupported` for a key that no e-seal is made with
 */
export function signAlgIDOf(key: PublicKeyAlgorithm): string {
  switch (key.kind) {
    case 'sm2':
      return OID.sm2WithSm3;
    case 'rsa':
      return OID.sha256WithRsa;
    case 'ec':
      if (key.curve === 'P-256') return OID.ecdsaWithSha256;
      break;
    case 'ed25519':
      break;
  }
  throw new AppError('algorithm-unsupported', 'no e-seal is signed with such a key', {
    params: { algorithm: key.kind },
  });
}

export function extensionDatasDer(extensions: readonly ExtData[]): Uint8Array {
  return derSequenceOf(
    extensions.map(({ extnID, critical, extnValue }) =>
      derSequence(derOid(extnID), critical ? derBoolean(true) : undefined, derOctets(extnValue)),
    ),
  );
}

function certListDer(list: SES_CertList): Uint8Array {
  return list.certListType === 1
    ? derSequenceOf(list.certs.map((cert) => derOctets(cert)))
    : derSequenceOf(
        list.certDigests.map(({ type, value }) =>
          derSequence(derPrintable(type), derOctets(value)),
        ),
      );
}

function requireWritable(info: SES_SealInfo, version: WrittenSESVersion): void {
  const { property, picture } = info;
  const types = version === 5 ? PICTURE_TYPES : PICTURE_TYPES.filter((type) => type !== 'SVG');
  if (!types.includes(picture.type)) throw invalid('picture.type');
  for (const side of [picture.width, picture.height]) {
    if (!Number.isInteger(side) || side < 1 || side > MOST_MM) throw invalid('picture.width');
  }
  if (property.name === '') throw invalid('name');
  const { certList } = property;
  const count = certList.certListType === 1 ? certList.certs.length : certList.certDigests.length;
  if (count === 0) throw invalid('certList');
  if (property.validStart >= property.validEnd) throw invalid('validEnd');
}

const PICTURE_TYPES: readonly string[] = ['PNG', 'JPG', 'BMP', 'GIF', 'SVG'];

function invalid(field: string): AppError {
  return new AppError('input-invalid', `a seal cannot have this ${field}`, { params: { field } });
}
