/** What a contract's way leaves in its record besides the document and its signatures. */
import type {
  ContractDocument,
  ContractState,
  ContractTimes,
  ExtendedRevision,
  PartyRole,
  SignedRevision,
} from './record.js';

/**
 * A version that was sent and then gave way to a changed one. Its signatures are void: they are over
 * other bytes than the contract that is signed in the end. Its revisions stay readable.
 */
export interface EarlierVersion {
  /** From 1; the present version is one more than the last of these. */
  readonly number: number;
  /** The data as JSON, by digest; absent where there were none. */
  readonly dataBlobId?: string;
  readonly document: ContractDocument;
  readonly signatures: readonly SignedRevision[];
  readonly extensions?: readonly ExtendedRevision[];
  readonly times: ContractTimes;
  readonly endedAt: string;
}

/** One party's agreement to end a contract: no party does so alone (政府采购法 §50). */
export interface Consent {
  readonly at: string;
  readonly unitId: string;
  readonly accountId: string;
  readonly reason: string;
}

/** The parties whose turn it was were told so. */
export interface Reminder {
  readonly at: string;
  readonly roles: readonly PartyRole[];
  /** `asked`: by the buyer; `due`: by the clock. */
  readonly cause: 'asked' | 'due';
}

/** A contract is held where it was, by an order of the supervising department (政府采购法 §57). */
export interface Freeze {
  readonly from: ContractState;
  readonly at: string;
  readonly accountId: string;
  readonly reason: string;
}

/** 公告 on the disclosure platform. @see 政府采购法实施条例 §50 */
export interface Announcement {
  readonly at: string;
  readonly url?: string;
}

/** Where the contract lies in the archive: 全宗号, 档号, 年度, 保管期限（年）, 责任人. */
export interface ArchiveEntry {
  readonly fondsNumber: string;
  readonly fileNumber: string;
  readonly year: number;
  readonly retentionYears: number;
  readonly custodian: string;
}
