/** From draft to the point where it can be signed: checked, sent, confirmed. */
import type { Principal } from '../../access/index.js';
import { AppError, toRfc3339, type Clock } from '../../kernel/index.js';
import { checkAgainstAward } from '../awards/award-data.js';
import type { Award } from '../awards/award.js';
import { warning } from '../checks/finding.js';
import { checkContract, type CheckFinding } from '../checks/index.js';
import type { WorkingDayCalendar } from '../calendar/working-days.js';
import type { ContractData } from '../contract-data.js';
import type {
  Acknowledgement,
  ContractDocument,
  ContractParty,
  ContractRecord,
} from '../record.js';
import {
  addDays,
  dateInShanghai,
  daysBetween,
  endOfDayInShanghai,
  type CalendarDate,
} from '../calendar/shanghai-date.js';
import { assertStillOpen, turnOf } from '../timers.js';
import { withReminder } from '../waiting-transitions.js';
import { factsOf, type ContractChange, type ContractChanges } from './contract-changes.js';
import type { SupplementLedger } from './supplement-ledger.js';

/** How long a contract that was sent may be signed, in days, unless its sender says otherwise. */
const OPEN_DAYS = 30;
const MOST_OPEN_DAYS = 180;
/** Between two reminders that the buyer asks for. */
const REMINDER_PAUSE_MS = 86_400_000;

export interface SubmitChange extends ContractChange {
  /** Warnings by their codes, with the reason where it is given. */
  readonly acknowledged?: readonly (string | { readonly code: string; readonly reason: string })[];
  /** Last day for confirming and signing, in Shanghai. */
  readonly signBy?: CalendarDate;
}

/** Reads a contract's document. @throws AppError `blob-*`, `pdf-*` */
export type DocumentChecks = (
  document: ContractDocument,
  data: ContractData,
  /** How many are still to come. */
  signatures: number,
) => Promise<readonly CheckFinding[]>;

/** @param awardId - The award that the contract names; the one of its project and package where absent. */
export type AwardLookup = (
  project: ContractData,
  awardId: string | undefined,
) => Promise<Award | undefined>;

/** Until when a unit can sign: its newest certificate, and its newest seal in force. */
export interface SigningMeans {
  readonly certificateUntil?: Date;
  readonly sealUntil?: Date;
}

/** What is looked up and read for the checks. */
export interface FurtherChecks {
  readonly calendar: WorkingDayCalendar;
  /** Reads the document that would be sent. */
  readonly document: DocumentChecks | undefined;
  readonly awardOf: AwardLookup | undefined;
  readonly meansOf: ((unitId: string) => Promise<SigningMeans>) | undefined;
}

export class Sending {
  readonly #changes: ContractChanges;
  readonly #clock: Clock;
  readonly #supplements: SupplementLedger;
  readonly #further: FurtherChecks;

  constructor(
    changes: ContractChanges,
    clock: Clock,
    supplements: SupplementLedger,
    further: FurtherChecks,
  ) {
    this.#changes = changes;
    this.#clock = clock;
    this.#supplements = supplements;
    this.#further = further;
  }

  /** @param signingEnd - When everybody should have signed. */
  async #findingsOf(
    contract: ContractRecord,
    at: Date,
    signingEnd: Date,
  ): Promise<readonly CheckFinding[]> {
    const { data, document, awardId, parties } = contract;
    if (data === undefined) return [];
    const award = await this.#further.awardOf?.(data, awardId);
    const signatures = parties.reduce((sum, { duties }) => sum + (duties?.length ?? 1), 0);
    const ofData = [
      ...checkContract({ data, at, calendar: this.#further.calendar }),
      ...(award === undefined ? [] : checkAgainstAward(data, award)),
      ...(await this.#checkMeans(parties, signingEnd)),
    ];
    const ofDocument =
      document === undefined
        ? []
        : [
            ...checkSetting(document),
            ...((await this.#further.document?.(document, data, signatures)) ?? []),
          ];
    // What the data say is in the document too: said once, where it can be put right.
    const said = new Set(ofData.map(({ code, text }) => `${code} ${text}`));
    return [...ofData, ...ofDocument.filter(({ code, text }) => !said.has(`${code} ${text}`))];
  }

  async check(principal: Principal, id: string): Promise<readonly CheckFinding[]> {
    const at = this.#clock.now();
    const signBy = endOfDayInShanghai(lastDay(undefined, dateInShanghai(at)));
    return this.#findingsOf(await this.#changes.load(principal, id), at, signBy);
  }

  /** Who signs on the last day signs with what is valid on that day. */
  async #checkMeans(
    parties: readonly ContractParty[],
    signingEnd: Date,
  ): Promise<readonly CheckFinding[]> {
    const { meansOf } = this.#further;
    if (meansOf === undefined) return [];
    const findings = parties.map(async ({ unitId, name }) => {
      const { certificateUntil, sealUntil } = await meansOf(unitId);
      const early = (until: Date | undefined): until is Date =>
        until !== undefined && until < signingEnd;
      return [
        ...(early(certificateUntil)
          ? [
              warning(
                'certificate-ends-early',
                `${name}的签名证书于 ${dateInShanghai(certificateUntil)} 到期，早于签署截止日`,
                'a certificate ends before the signing does',
              ),
            ]
          : []),
        ...(early(sealUntil)
          ? [
              warning(
                'seal-ends-early',
                `${name}的印章于 ${dateInShanghai(sealUntil)} 到期，早于签署截止日`,
                'a seal ends before the signing does',
              ),
            ]
          : []),
      ];
    });
    return (await Promise.all(findings)).flat();
  }

  /**
   * @throws AppError `contract-checks-failed`, params `findings`, where an error stands or a warning is
   *   not acknowledged; `input-invalid`, params `field`, where the last day is past or too far
   */
  async submit(principal: Principal, change: SubmitChange): Promise<ContractRecord> {
    const contract = await this.#changes.begin(principal, change, 'submit');
    const at = this.#clock.now();
    const signBy = lastDay(change.signBy, dateInShanghai(at));
    const findings = await this.#findingsOf(contract, at, endOfDayInShanghai(signBy));
    const acknowledged = new Map(
      (change.acknowledged ?? []).map((each) =>
        typeof each === 'string'
          ? ([each, undefined] as const)
          : ([each.code, each.reason] as const),
      ),
    );
    const open = findings.filter(
      (finding) => finding.severity === 'error' || !acknowledged.has(finding.code),
    );
    if (open.length > 0) {
      throw new AppError('contract-checks-failed', 'the checks before sending found faults', {
        params: { findings: open.map(({ code, text }) => `${code}: ${text}`) },
      });
    }
    const codes = [...new Set(findings.map((finding) => finding.code))];
    const overridden = codes.join(' ');
    const acknowledgements = codes.map((code): Acknowledgement => {
      const reason = acknowledged.get(code);
      const who = { accountId: principal.accountId, at: toRfc3339(at) };
      return { code, ...who, ...(reason === undefined ? {} : { reason }) };
    });
    const reasons = acknowledgements
      .flatMap(({ code, reason }) => (reason === undefined ? [] : [`${code}: ${reason}`]))
      .join('; ');
    await this.#supplements.reserve(contract);
    return this.#changes.commit(
      contract,
      {
        state: 'sent',
        signBy: toRfc3339(endOfDayInShanghai(signBy)),
        times: { ...contract.times, sentAt: toRfc3339(at) },
        acknowledgements,
      },
      factsOf(principal, 'sent', at, {
        signBy,
        ...(overridden === '' ? {} : { acknowledged: overridden }),
        ...(reasons === '' ? {} : { acknowledgedBecause: reasons }),
      }),
    );
  }

  /**
   * Tells the party whose turn it is; once a day.
   * @throws AppError `rate-limited`, params `retryAfterSeconds`
   */
  async remind(principal: Principal, change: ContractChange): Promise<ContractRecord> {
    const contract = await this.#changes.begin(principal, change, 'remind');
    const at = this.#clock.now();
    const turn = turnOf(contract);
    if (turn === undefined) throw new AppError('internal', 'nobody is in turn');
    const last = contract.reminders?.findLast(({ cause }) => cause === 'asked')?.at;
    const pauseMs = last === undefined ? 0 : Date.parse(last) + REMINDER_PAUSE_MS - at.getTime();
    if (pauseMs > 0) {
      throw new AppError('rate-limited', 'reminded within a day', {
        params: { retryAfterSeconds: Math.ceil(pauseMs / 1000) },
      });
    }
    const { roles } = turn;
    return this.#changes.commitNext(
      (events) => withReminder(contract, { at: toRfc3339(at), roles, cause: 'asked' }, events),
      contract,
      factsOf(principal, 'reminded', at, { roles: roles.join(' '), cause: 'asked' }),
    );
  }

  async confirm(principal: Principal, change: ContractChange): Promise<ContractRecord> {
    const contract = await this.#changes.begin(principal, change, 'confirm');
    const at = this.#clock.now();
    assertStillOpen(contract, at);
    return this.#changes.commit(
      contract,
      { state: 'confirmed', times: { ...contract.times, confirmedAt: toRfc3339(at) } },
      factsOf(principal, 'confirmed', at),
    );
  }
}

/** Who sends a text that was set anew has looked at it. */
function checkSetting({ original, findings = [] }: ContractDocument): readonly CheckFinding[] {
  if (original === undefined) return [];
  const changes = findings.map(({ text }) => text).join('；');
  return [
    warning(
      'set-from-word',
      `文本由“${original.fileName}”重新排版而成，请逐页核对生成的 PDF${changes === '' ? '' : `：${changes}`}`,
      'set anew from a Word document: read the PDF page by page',
    ),
  ];
}

function lastDay(asked: CalendarDate | undefined, today: CalendarDate): CalendarDate {
  if (asked === undefined) return addDays(today, OPEN_DAYS);
  const days = daysBetween(today, asked);
  if (days >= 0 && days <= MOST_OPEN_DAYS) return asked;
  throw new AppError('input-invalid', 'the last day for signing is past or too far', {
    params: { field: 'signBy', earliest: today, latest: addDays(today, MOST_OPEN_DAYS) },
  });
}
