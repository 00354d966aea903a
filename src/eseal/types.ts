/**
 * The structures of an electronic seal, by the names the standards give them.
 *
 * @see GB/T 38540-2020 (version 4), GM/T 0031-2014 (version 1), GM/T 0031-2025 (version 5)
 */

/** `version` of the structure: 1 (GM/T 0031-2014), 4 (GB/T 38540-2020), 5 (GM/T 0031-2025). */
export type SESVersion = 1 | 4 | 5;

/** Something a reader tolerates and a writer must not do; kebab-case, stable. */
export type SealNote =
  | 'algorithm-identifier-in-place-of-oid'
  | 'boolean-default-encoded'
  | 'certificate-list-kind-mismatch'
  | 'header-id-unusual'
  | 'key-algorithm-sm2-curve'
  | 'name-not-utf8-string'
  | 'not-der'
  | 'octet-string-in-place-of-bit-string'
  | 'person-seal-typed-as-unit'
  | 'picture-size-in-pixels'
  | 'time-as-text'
  | 'time-of-other-type'
  | 'timestamp-tagging'
  | 'version-unusual';

export interface ExtData {
  readonly extnID: string;
  readonly critical: boolean;
  /** Content of the OCTET STRING. */
  readonly extnValue: Uint8Array;
}

/** `type` names how `value` was made, in words no standard fixes; the value's length tells the digest. */
export interface CertDigestObj {
  readonly type: string;
  readonly value: Uint8Array;
}

/** Who may sign with the seal: certificates whole (`certListType` 1), or digests of them (2). */
export type SES_CertList =
  | { readonly certListType: 1; readonly certs: readonly Uint8Array[] }
  | { readonly certListType: 2; readonly certDigests: readonly CertDigestObj[] };

export interface SES_ESPropertyInfo {
  /** 1: a unit's seal, 2: a person's. */
  readonly type: number;
  readonly name: string;
  readonly certList: SES_CertList;
  readonly createDate: Date;
  readonly validStart: Date;
  readonly validEnd: Date;
}

/** The standard spells it so. */
export interface SES_ESPictrueInfo {
  /** `PNG`, `JPG`, `BMP`, `GIF`; `SVG` since 2025. Upper case. */
  readonly type: string;
  readonly data: Uint8Array;
  /** Millimetres. */
  readonly width: number;
  readonly height: number;
}

export interface SES_SealInfo {
  /** Of the header: who made the seal's software. */
  readonly vid: string;
  /** 印章标识: the seal's code. */
  readonly esID: string;
  readonly property: SES_ESPropertyInfo;
  readonly picture: SES_ESPictrueInfo;
  readonly extDatas: readonly ExtData[];
}

export interface SESeal {
  readonly version: SESVersion;
  readonly info: SES_SealInfo;
  /** The seal maker's certificate, DER. */
  readonly cert: Uint8Array;
  /** Object identifier of the maker's signature algorithm. */
  readonly signAlgID: string;
  readonly signedValue: Uint8Array;
  /** Version 5: an RFC 3161 token over the maker's signature value. */
  readonly timeStamp: Uint8Array | undefined;
  /** The octets that the maker signed, as received. */
  readonly signedOctets: Uint8Array;
  /** The whole structure as received. */
  readonly der: Uint8Array;
  readonly notes: readonly SealNote[];
}

export interface TBS_Sign {
  readonly version: number;
  readonly eseal: SESeal;
  readonly timeInfo: Date;
  /** Digest of the protected document. */
  readonly dataHash: Uint8Array;
  /** What the digest was taken over, in words of the document format. */
  readonly propertyInfo: string;
  readonly extDatas: readonly ExtData[];
}

export interface SES_Signature {
  readonly version: SESVersion;
  readonly toSign: TBS_Sign;
  /** The signer's certificate, DER. */
  readonly cert: Uint8Array;
  readonly signatureAlgID: string;
  readonly signature: Uint8Array;
  readonly timeStamp: Uint8Array | undefined;
  /** The octets that the signer signed, as received. */
  readonly signedOctets: Uint8Array;
  readonly notes: readonly SealNote[];
}
