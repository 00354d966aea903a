/** Contracts and what is found of them, as the API answers. A test holds these types against the service. */

export const CONTRACT_STATES = [
  'draft',
  'sent',
  'confirmed',
  'supplier-signed',
  'buyer-signed',
  'signed',
  'filing',
  'filed',
  'archived',
  'rejected',
  'withdrawn',
  'voided',
  'expired',
  'frozen',
  'changed',
  'terminated',
] as const;
export type ContractState = (typeof CONTRACT_STATES)[number];
export type PartyRole = 'buyer' | 'supplier';
export type SigningDuty = 'unit-seal' | 'legal-representative';

/** Contract data as JSON has them; what they must look like, the template's schema says. */
export type ContractData = Readonly<Record<string, unknown>>;

export interface Party {
  readonly role: PartyRole;
  readonly unitId: string;
  readonly name: string;
  readonly creditCode: string;
  readonly order: number;
  readonly duties: readonly SigningDuty[];
  readonly openDuties: readonly SigningDuty[];
  readonly agent: { readonly name: string } | null;
  readonly signedAt: string | null;
}

export interface ContractSummary {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly state: ContractState;
  readonly revision: number;
  readonly amount: string | null;
  readonly parties: readonly Party[];
  readonly times: {
    readonly createdAt: string;
    readonly sentAt: string | null;
    readonly confirmedAt: string | null;
    readonly signedAt: string | null;
    readonly announcedAt: string | null;
    readonly filedAt: string | null;
    readonly endedAt: string | null;
  };
  readonly signBy: string | null;
  readonly filingNumber: string | null;
}

/** Somebody's consent or return, with the reason. */
interface Reasoned {
  readonly at: string;
  readonly unitId: string;
  readonly reason: string;
}

export interface Contract extends ContractSummary {
  readonly templateId: string | null;
  readonly data: ContractData | null;
  readonly document: {
    readonly fileName: string;
    readonly sizeBytes: number;
    readonly pageCount: number;
    readonly source: 'template' | 'upload' | 'word';
    readonly sha256: string;
  } | null;
  readonly signatures: readonly {
    readonly role: PartyRole;
    readonly duty: SigningDuty;
    readonly signedAt: string;
  }[];
  readonly turn: { readonly roles: readonly PartyRole[]; readonly since: string } | null;
  readonly returns: readonly (Reasoned & {
    readonly kind: 'rejected' | 'withdrawn' | 'voided' | 'terminated';
  })[];
  readonly versionNumber: number;
  readonly earlierVersions: readonly { readonly number: number; readonly endedAt: string }[];
  readonly reminders: readonly {
    readonly at: string;
    readonly roles: readonly PartyRole[];
    readonly cause: 'asked' | 'due';
  }[];
  readonly voidConsents: readonly Reasoned[];
  readonly terminationConsents: readonly Reasoned[];
  readonly frozen: { readonly at: string; readonly reason: string } | null;
  readonly possibleActions: readonly string[];
}

export interface Finding {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly text: string;
  readonly textEn: string;
  /** Into the contract's data: `#/items/0/amount`. */
  readonly pointer: string | null;
  readonly page: number | null;
}

/** Of versions of the text, as `GET /contracts/{id}/differences` tells them. */
export interface VersionDifferences {
  readonly from: number;
  readonly to: number;
  readonly fields: readonly FieldDifference[];
  readonly pages: readonly {
    readonly page: number;
    readonly removed: readonly string[];
    readonly added: readonly string[];
  }[];
}

export interface FieldDifference {
  /** Into the contract's data. */
  readonly pointer: string;
  readonly before: string | number | boolean | null;
  readonly after: string | number | boolean | null;
}

/** A warning that somebody has looked at, with the reason to go on. */
export type Acknowledgement = string | { readonly code: string; readonly reason: string };

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
