/**
 * 用印内控: what stands between a seal that is fit and its use. Asked where a signer is admitted;
 * writes the unit's book: the intent before the key is used, what became of it, and every refusal.
 */
import { actorOf, type Principal } from '../../access/index.js';
import {
  SYSTEM_ACTOR,
  type AuditActor,
  type AuditEvent,
  type EventSubscriber,
} from '../../audit/index.js';
import { AppError, newId, type Clock, type Logger } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection, type Page } from '../../store/index.js';
import type { SealIndex, SealRecord } from '../record.js';
import type { BookLine, BookLineIndex, BookOutcome, UseOutcome } from './book-entry.js';
import type { SealUseBook } from './use-book.js';
import type { SealUsePolicy, SealUsePolicyIndex } from './use-policy.js';
import type { SealUseRequests } from './use-request.js';
import { assertAllowed, assertWithinQuota, needsApproval, type SealUseRules } from './use-rules.js';

/** What is to be sealed. */
export interface SealedContract {
  readonly id: string;
  readonly number: string;
  /** Template by id; `upload` where there is none. */
  readonly kind: string;
  /** Integer fen. */
  readonly amountFen: number | undefined;
  /** SHA-256 (hex) of the document before any signature. */
  readonly documentSha256: string;
  /** SHA-256 (hex) of the bytes that are signed on top of. */
  readonly baseSha256: string;
}

/** A use of a seal that is fit for it. */
export interface SealUseWanted {
  readonly principal: Principal;
  readonly sealId: string;
  readonly sealVersion: number;
  readonly certificateSha256: string;
  readonly contract: SealedContract;
  readonly at: Date;
}

/** A use that was refused, as far as it had come. */
export interface SealUseRefused {
  readonly principal: Principal;
  readonly sealId: string | undefined;
  readonly certificateSha256: string | undefined;
  readonly contract: SealedContract;
  /** Error code, and the reason within it. */
  readonly code: string;
  readonly reason: string | undefined;
  /** The attempt it was refused to, where there is one. */
  readonly attemptId: string | undefined;
}

export interface SealUseControl {
  /**
   * @param attemptId - Of a use that was begun: it is counted already.
   * @throws AppError `seal-use-refused` (params `reason`), `seal-use-approval-required` (`why`)
   */
  admit(use: SealUseWanted, attemptId?: string): Promise<void>;
  /**
   * Writes the intent into the book; counts are exact, an approval is taken once.
   * @returns The event, for the caller to append to the audit log before the key is used.
   * @throws AppError as `admit`
   */
  begin(
    use: SealUseWanted,
    attempt: { readonly id: string; readonly until: Date },
  ): Promise<AuditEvent>;
  /** After `begin`: no signature came of it. */
  failed(attemptId: string, code: string, actor: AuditActor): Promise<void>;
  refused(refusal: SealUseRefused): Promise<void>;
}

export interface SealUseControlOptions {
  readonly book: SealUseBook;
  readonly lines: Collection<BookLine, BookLineIndex>;
  readonly policies: Collection<SealUsePolicy, SealUsePolicyIndex>;
  readonly requests: Pick<SealUseRequests, 'approvalFor' | 'use'>;
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'get'>;
  /** SHA-256 (hex) of the signed file where the contract was signed in this attempt. */
  readonly signedIn: (contractId: string, attemptId: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onWritten: () => void;
}

const SWEEP_PAGE = 100;

export class SealUseController implements SealUseControl {
  readonly #options: SealUseControlOptions;

  constructor(options: SealUseControlOptions) {
    this.#options = options;
  }

  async admit(use: SealUseWanted, attemptId?: string): Promise<void> {
    const rules = await this.#rulesOf(use.sealId);
    if (rules === undefined) return;
    const { sealId, contract, principal, at } = use;
    assertAllowed(rules, ruled(use));
    if (attemptId !== undefined) return;
    assertWithinQuota(rules, await this.#options.book.counts(sealId, at));
    if (!needsApproval(rules, contract)) return;
    const subject = subjectOf(contract);
    const { accountId } = principal;
    await this.#options.requests.approvalFor({ sealId, subject, accountId, at });
  }

  async begin(
    use: SealUseWanted,
    attempt: { readonly id: string; readonly until: Date },
  ): Promise<AuditEvent> {
    const { book, requests } = this.#options;
    const { sealId, contract, principal, at } = use;
    const rules = await this.#rulesOf(sealId);
    const seal = await this.#options.seals.get(sealId, SCOPE_ALL);
    if (seal === undefined) throw new AppError('seal-not-found', 'no such seal');
    const approval =
      rules !== undefined && needsApproval(rules, contract)
        ? await requests.approvalFor({
            sealId,
            subject: subjectOf(contract),
            accountId: principal.accountId,
            at,
          })
        : undefined;
    const line = await book.append(
      {
        unitId: seal.unitId,
        kind: 'intended',
        useId: attempt.id,
        sealId,
        ...(approval === undefined ? {} : { approvalId: approval.id }),
        actor: actorOf(principal),
        details: {
          ...contractDetails(contract),
          sealCode: seal.code,
          sealVersion: use.sealVersion,
          certificateSha256: use.certificateSha256,
          useRequestId: approval?.id ?? null,
          requestedBy: approval?.requestedBy.accountId ?? null,
          approvedBy: approval?.decidedBy?.accountId ?? null,
        },
        requestId: principal.requestId,
        openUntil: attempt.until.toISOString(),
        isRelayed: false,
      },
      async () => {
        if (rules !== undefined) assertWithinQuota(rules, await book.counts(sealId, at));
      },
    );
    return line.event;
  }

  async failed(attemptId: string, code: string, actor: AuditActor): Promise<void> {
    const intent = await this.#options.book.intent(attemptId);
    if (intent?.outcome !== undefined || intent === undefined) return;
    await this.#end(intent, 'failed', { code }, actor);
  }

  async refused(refusal: SealUseRefused): Promise<void> {
    const { principal, sealId, contract, code, reason, attemptId } = refusal;
    const seal =
      sealId === undefined ? undefined : await this.#options.seals.get(sealId, SCOPE_ALL);
    // Of somebody else's seal: its owner's book is where it belongs.
    const unitId = seal?.unitId ?? principal.unitId;
    if (unitId === undefined) return;
    await this.#options.book.append({
      unitId,
      kind: 'refused',
      useId: newId('use'),
      ...(seal === undefined ? {} : { sealId: seal.id }),
      actor: actorOf(principal),
      details: {
        ...contractDetails(contract),
        sealCode: seal?.code ?? null,
        certificateSha256: refusal.certificateSha256 ?? null,
        code,
        ...(reason === undefined ? {} : { reason }),
        ...(attemptId === undefined ? {} : { attemptId }),
      },
      requestId: principal.requestId,
      isRelayed: true,
    });
    this.#options.onWritten();
  }

  /** Told of published signatures, so that a use is completed whatever becomes of the process. */
  readonly subscriber: EventSubscriber = async (event) => {
    if (event.type !== 'contract.party-signed') return;
    const { attemptId, documentSha256 } = event.details;
    if (typeof attemptId !== 'string' || typeof documentSha256 !== 'string') return;
    const intent = await this.#options.book.intent(attemptId);
    if (intent === undefined || intent.outcome?.kind === 'completed') return;
    await this.#end(intent, 'completed', { signedSha256: documentSha256 }, event.actor);
  };

  /** Intents whose time is over: what became of them is read from the contract. */
  async sweep(): Promise<void> {
    const { lines, clock, logger } = this.#options;
    const page: Page<BookLine> = await lines.find(
      {
        where: { openUntil: { lte: clock.now().toISOString() } },
        orderBy: 'openUntil',
        limit: SWEEP_PAGE,
      },
      SCOPE_ALL,
    );
    for (const intent of page.items) {
      try {
        const contractId = String(intent.event.details['contractId']);
        const signedSha256 = await this.#options.signedIn(contractId, intent.useId);
        await (signedSha256 === undefined
          ? this.#end(intent, 'interrupted', {}, SYSTEM_ACTOR)
          : this.#end(intent, 'completed', { signedSha256 }, SYSTEM_ACTOR));
      } catch (error) {
        logger.error('seal-use.not-swept', { useId: intent.useId, error });
      }
    }
  }

  /** The line, then the mark beside the intent, then the approval: each can be repeated. */
  async #end(
    intent: BookLine,
    kind: UseOutcome,
    facts: Pick<BookOutcome, 'signedSha256' | 'code'>,
    actor: AuditActor,
  ): Promise<void> {
    const { book, requests, onWritten } = this.#options;
    const { contractId, contractNumber, documentSha256, sealCode } = intent.event.details;
    const line = await book.append({
      unitId: intent.unitId,
      kind,
      useId: intent.useId,
      ...(intent.sealId === undefined ? {} : { sealId: intent.sealId }),
      actor,
      details: {
        contractId: contractId ?? null,
        contractNumber: contractNumber ?? null,
        documentSha256: documentSha256 ?? null,
        sealCode: sealCode ?? null,
        ...facts,
      },
      isRelayed: true,
      // Where the process ended between the book and the log, the log gets the intent now.
      after: kind === 'completed' ? [] : [intent.event],
    });
    if (kind === 'completed' && intent.approvalId !== undefined) {
      await requests.use(intent.approvalId, intent.useId, actor);
    }
    await book.mark(intent, { kind, at: line.event.at, ...facts });
    onWritten();
  }

  async #rulesOf(sealId: string): Promise<SealUseRules | undefined> {
    return (await this.#options.policies.get(sealId, SCOPE_ALL))?.inForce?.rules;
  }
}

function ruled({ principal, contract, at }: SealUseWanted): Parameters<typeof assertAllowed>[1] {
  const { accountId, roles } = principal;
  return { accountId, roles, contractKind: contract.kind, amountFen: contract.amountFen, at };
}

function subjectOf({ id, number, documentSha256, amountFen }: SealedContract) {
  return { contractId: id, contractNumber: number, documentSha256, amountFen };
}

function contractDetails(contract: SealedContract): AuditEvent['details'] {
  return {
    contractId: contract.id,
    contractNumber: contract.number,
    amountFen: contract.amountFen ?? null,
    documentSha256: contract.documentSha256,
    baseSha256: contract.baseSha256,
  };
}
