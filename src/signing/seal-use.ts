/** One act of signing as the unit's book of seal uses sees it: asked, begun, failed or refused. */
import { actorOf, type Principal } from '../access/index.js';
import type { AuditEvent } from '../audit/index.js';
import {
  currentBlobId,
  templateKindOf,
  type ContractRecord,
  type SigningAttempt,
} from '../contract/index.js';
import { isAppError } from '../kernel/index.js';
import type { SealUseWanted, SealedContract } from '../seal/index.js';
import type { Admitted } from './signer-admission.js';
import type { SigningServiceOptions } from './signing-api.js';

/** What the caller has named, and what becomes known on the way. */
export interface KnownOfUse {
  sealId?: string | undefined;
  certificateSha256?: string | undefined;
  /** The attempt that is to be completed. */
  readonly attemptId?: string | undefined;
  readonly duty?: SigningAttempt['duty'] | undefined;
}

export class SealUseTrace {
  readonly #options: Pick<SigningServiceOptions, 'uses' | 'seals' | 'logger'>;
  readonly #principal: Principal;
  readonly #contract: ContractRecord;
  readonly #known: KnownOfUse;
  #begunId: string | undefined;

  constructor(
    options: Pick<SigningServiceOptions, 'uses' | 'seals' | 'logger'>,
    principal: Principal,
    contract: ContractRecord,
    { sealId, certificateSha256, attemptId, duty }: KnownOfUse,
  ) {
    this.#options = options;
    this.#principal = principal;
    this.#contract = contract;
    this.#known = { sealId, certificateSha256, attemptId, duty };
  }

  knowCertificate(certificateSha256: string): void {
    this.#known.certificateSha256 = certificateSha256;
  }

  /** @throws AppError `seal-use-refused`, `seal-use-approval-required` */
  async admit(admitted: Admitted): Promise<void> {
    this.#known.certificateSha256 = admitted.certificateSha256;
    this.#known.sealId = admitted.seal?.sealId ?? this.#known.sealId;
    const use = this.#useOf(admitted);
    if (use !== undefined) await this.#options.uses.admit(use, this.#known.attemptId);
  }

  /** @returns The event of the intent, to be appended to the audit log; none where no seal is used. */
  async begin(admitted: Admitted, attempt: SigningAttempt): Promise<readonly AuditEvent[]> {
    const use = this.#useOf(admitted);
    if (use === undefined) return [];
    const { id, until } = attempt;
    const event = await this.#options.uses.begin(use, { id, until: new Date(until) });
    this.#begunId = id;
    return [event];
  }

  /** Never throws: what the caller is told is why the signature failed. */
  async end(error: unknown): Promise<void> {
    const code = isAppError(error) ? error.code : 'internal';
    const { uses, logger } = this.#options;
    try {
      if (this.#begunId !== undefined) {
        await uses.failed(this.#begunId, code, actorOf(this.#principal));
        return;
      }
      const reason = isAppError(error)
        ? (error.params['reason'] ?? error.params['why'])
        : undefined;
      await uses.refused({
        principal: this.#principal,
        sealId: this.#known.sealId ?? (await this.#presumedSeal()),
        certificateSha256: this.#known.certificateSha256,
        contract: sealedContract(this.#contract),
        code,
        reason: typeof reason === 'string' ? reason : undefined,
        attemptId: this.#known.attemptId,
      });
    } catch (failure) {
      logger.error('seal-use.not-recorded', { contractId: this.#contract.id, code, failure });
    }
  }

  /** The seal that would have been used, had it come so far. */
  async #presumedSeal(): Promise<string | undefined> {
    const { unitId } = this.#principal;
    if (unitId === undefined) return undefined;
    const { certificateSha256, duty = 'unit-seal' } = this.#known;
    return this.#options.seals.presumed({ unitId, duty, certificateSha256 });
  }

  #useOf({ seal, certificateSha256, contract, at }: Admitted): SealUseWanted | undefined {
    if (seal === undefined) return undefined;
    return {
      principal: this.#principal,
      sealId: seal.sealId,
      sealVersion: seal.version,
      certificateSha256,
      contract: sealedContract(contract),
      at,
    };
  }
}

function sealedContract(contract: ContractRecord): SealedContract {
  return {
    id: contract.id,
    number: contract.number,
    kind: templateKindOf(contract) ?? 'upload',
    amountFen: contract.amountFen,
    documentSha256: contract.document?.blobId ?? '',
    baseSha256: currentBlobId(contract) ?? '',
  };
}
