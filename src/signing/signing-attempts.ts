/** The intent to sign: written down before the key is used, freed after a failure, refusals written down too. */
import { actorOf, type Principal } from '../access/index.js';
import {
  contractEvent,
  currentBlobId,
  withAttempt,
  withoutAttempt,
  type ContractRecord,
  type SigningAttempt,
} from '../contract/index.js';
import { isAppError, newId, toRfc3339, wholeSecond } from '../kernel/index.js';
import { SCOPE_ALL } from '../store/index.js';
import { SealUseTrace, type KnownOfUse } from './seal-use.js';
import type { Admitted } from './signer-admission.js';
import type { SigningServiceOptions } from './signing-api.js';

type AttemptOptions = Pick<
  SigningServiceOptions,
  'contracts' | 'recordIntent' | 'seals' | 'uses' | 'clock' | 'logger' | 'faults'
>;

export class SigningAttempts {
  readonly #options: AttemptOptions;

  constructor(options: AttemptOptions) {
    this.#options = options;
  }

  begin(principal: Principal, admitted: Admitted, lifeMs: number): SigningAttempt {
    const { contract, signatory, seal } = admitted;
    const now = wholeSecond(this.#options.clock.now());
    return {
      id: newId('sgn'),
      role: signatory.party.role,
      duty: signatory.duty,
      unitId: signatory.unit.unitId,
      accountId: principal.accountId,
      certificateSha256: admitted.certificateSha256,
      ...(seal === undefined ? {} : { sealId: seal.sealId, sealVersion: seal.version }),
      baseBlobId: currentBlobId(contract) ?? '',
      startedAt: toRfc3339(now),
      until: toRfc3339(new Date(now.getTime() + lifeMs)),
    };
  }

  /** The intent is in the audit log before it is in the contract, and in both before the key is used. */
  async record(
    principal: Principal,
    admitted: Admitted,
    attempt: SigningAttempt,
    trace: SealUseTrace,
  ): Promise<ContractRecord> {
    const { contract } = admitted;
    const useEvents = await trace.begin(admitted, attempt);
    this.#options.faults('signing:use-entered');
    await this.#options.recordIntent([
      ...useEvents,
      contractEvent(contract, {
        what: 'signing-started',
        actor: actorOf(principal),
        at: wholeSecond(this.#options.clock.now()),
        details: {
          attemptId: attempt.id,
          certificateSha256: attempt.certificateSha256,
          sealId: attempt.sealId ?? null,
          baseSha256: attempt.baseBlobId,
        },
        requestId: principal.requestId,
      }),
    ]);
    const intended = withAttempt(contract, attempt);
    await this.#options.contracts.replace(intended);
    return intended;
  }

  /** Frees the contract after a failure; where that fails too, the attempt runs out by itself. */
  async giveUp(
    principal: Principal,
    contract: ContractRecord,
    attempt: SigningAttempt,
    reason: unknown,
  ): Promise<void> {
    try {
      const now = await this.#options.contracts.get(contract.id, SCOPE_ALL);
      if (now?.attempt?.id !== attempt.id) return;
      await this.#options.contracts.replace(withoutAttempt(now));
    } catch (error) {
      this.#options.logger.warn('signing.attempt-not-freed', {
        contractId: contract.id,
        attemptId: attempt.id,
        reason: isAppError(reason) ? reason.code : 'internal',
        cause: isAppError(error) ? error.code : 'internal',
        accountId: principal.accountId,
      });
    }
  }

  /** Runs `act`; a refusal is an event of the contract, and a line in the book of seal uses. */
  async logged<T>(
    principal: Principal,
    contract: ContractRecord,
    known: KnownOfUse,
    act: (trace: SealUseTrace) => Promise<T>,
  ): Promise<T> {
    const trace = new SealUseTrace(this.#options, principal, contract, known);
    try {
      return await act(trace);
    } catch (error) {
      await trace.end(error);
      const code = isAppError(error) ? error.code : 'internal';
      if (code !== 'audit-unavailable') {
        await this.#options.recordIntent([
          contractEvent(contract, {
            what: 'signing-refused',
            actor: actorOf(principal),
            at: wholeSecond(this.#options.clock.now()),
            details: { code },
            requestId: principal.requestId,
          }),
        ]);
      }
      throw error;
    }
  }
}
