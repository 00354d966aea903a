/** 电子印章信息表: what a unit says of the seals it wants. A draft may leave anything out. */
import type { EnrolledCertificate } from '../../access/index.js';
import type { SealKind } from '../record.js';

/** One seal that is wanted. */
export interface WantedSeal {
  readonly kind: SealKind;
  /** The line below the star of a seal of kind `other`. */
  readonly kindText?: string;
  /** The usual size of the kind where absent. */
  readonly sizeMm?: number;
  /** 实物印章备案号: the registration of the physical seal with public security. */
  readonly physicalRegistration?: string;
  /** Attachment with a scan of the physical seal; drawn from the name where absent. */
  readonly specimenId?: string;
}

export interface SealInformationForm {
  /** 单位法定名称. */
  readonly unitName?: string;
  /** 统一社会信用代码, GB 32100. */
  readonly creditCode?: string;
  /** 预算单位编码. */
  readonly budgetCode?: string;
  /** 行政区划, GB/T 2260. */
  readonly regionCode?: string;
  /** 主管部门. */
  readonly supervisingDepartment?: string;
  readonly address?: string;
  readonly seals?: readonly WantedSeal[];
  /** Which UKey: of the budget system or of a trading centre. */
  readonly tokenKind?: EnrolledCertificate['tokenKind'];
  /** A hint for people; a seal is bound to certificates. */
  readonly tokenSerial?: string;
  /** SHA-256 (hex) of the certificates that are to sign with the seals; enrolled at the unit. */
  readonly certificateSha256?: readonly string[];
  /** 经办人. */
  readonly handler?: {
    readonly name?: string;
    readonly idNumber?: string;
    readonly mobile?: string;
    readonly landline?: string;
  };
  /** 法定代表人. */
  readonly legalRepresentative?: { readonly name?: string };
  readonly purpose?: string;
  /** RFC 3339. */
  readonly validFrom?: string;
  readonly validUntil?: string;
  /** 4: GB/T 38540-2020, where absent; 5: GM/T 0031-2025, with time-stamp. */
  readonly structureVersion?: 4 | 5;
  /** How the structure names the certificates; whole where absent. */
  readonly signerListing?: 'certificates' | 'digests';
}
