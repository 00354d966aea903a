/** An application for seals, or for a change of one: what is asked for, who has done what with it. */
import { regionKeys, unitKey, type RequestsDone } from '../../access/index.js';
import { pendingSince, type AuditEvent, type EventCarrier } from '../../audit/index.js';
import type { CollectionSpec } from '../../store/index.js';
import type { SealInformationForm } from '../information-form/index.js';
import { isClosed, type ApplicationState } from './states.js';

/** New seals; 延期; 换绑 UKey; change of the name or the picture. */
export const APPLICATION_PURPOSES = ['issue', 'renewal', 'rebinding', 'alteration'] as const;
export type ApplicationPurpose = (typeof APPLICATION_PURPOSES)[number];

export const ATTACHMENT_KINDS = [
  'authorisation-letter',
  'specimen',
  'physical-registration',
  'evidence',
  'other',
] as const;
export type AttachmentKind = (typeof ATTACHMENT_KINDS)[number];

export interface Attachment {
  readonly id: string;
  readonly kind: AttachmentKind;
  readonly fileName: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** SHA-256 (hex), and so the blob. */
  readonly sha256: string;
  readonly addedAt: string;
}

/** Somebody's step: who, with which certificate, when. */
export interface Step {
  readonly accountId: string;
  readonly certificateSha256?: string;
  readonly at: string;
}

/** One seal as it will be made. */
export interface PreparedSeal {
  readonly sealId: string;
  readonly code: string;
  readonly name: string;
  /**
   * SHA-256 (hex) of the picture's file: of a drawing, which is drawn anew, unmarked, when the seal is made; of a
   * scan that was cleaned, or of the picture that a renewal keeps, and so the blob.
   */
  readonly pictureSha256: string;
  readonly widthMm: number;
  readonly heightMm: number;
}

export interface Preparation extends Step {
  readonly seals: readonly PreparedSeal[];
  /** SHA-256 (hex) of all that an approval is given for. */
  readonly contentSha256: string;
}

export interface Approval extends Step {
  readonly contentSha256: string;
  readonly note?: string;
}

/** Returned or rejected, with why. */
export interface Refusal extends Step {
  readonly kind: 'returned' | 'rejected';
  readonly reason: string;
  readonly faults: readonly { readonly pointer: string; readonly detail: string }[];
}

export interface SealApplicationRecord extends EventCarrier, RequestsDone {
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  readonly purpose: ApplicationPurpose;
  /** The seal that is to change; absent where new ones are asked for. */
  readonly sealId?: string;
  readonly unitId: string;
  readonly regionCode: string;
  readonly state: ApplicationState;
  readonly form: SealInformationForm;
  readonly attachments: readonly Attachment[];
  /** Everybody who wrote, submitted or confirmed it: none of them prepares or approves. */
  readonly applicants: readonly Step[];
  readonly preparation?: Preparation;
  readonly approval?: Approval;
  readonly making?: Step;
  readonly refusals: readonly Refusal[];
  readonly createdAt: string;
  readonly pendingEvents: readonly AuditEvent[];
}

export type SealApplicationIndex =
  | 'state'
  | 'unitId'
  | 'sealId'
  | 'code'
  | 'lastCode'
  | 'openChangeOf'
  | 'createdAt'
  | 'pendingSince';

export const SEAL_APPLICATIONS: CollectionSpec<SealApplicationRecord, SealApplicationIndex> = {
  name: 'sealApplications',
  indexes: {
    state: { of: (application) => application.state },
    unitId: { of: (application) => application.unitId },
    sealId: { of: (application) => application.sealId },
    code: { of: codesOf, many: true, unique: true },
    lastCode: { of: (application) => codesOf(application)?.at(-1) },
    /** A seal has one change under way at a time. */
    openChangeOf: {
      of: (application) => (isClosed(application.state) ? undefined : application.sealId),
      unique: true,
    },
    createdAt: { of: (application) => application.createdAt },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: (application) => [unitKey(application.unitId), ...regionKeys(application.regionCode)],
};

/** Codes of seals that are new, taken before they are made; in order. */
function codesOf(application: SealApplicationRecord): readonly string[] | undefined {
  if (application.purpose !== 'issue') return undefined;
  return application.preparation?.seals.map(({ code }) => code);
}
