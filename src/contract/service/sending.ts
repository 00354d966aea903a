/** From draft to the point where it can be signed: checked, sent, confirmed. */
import type { Principal } from '../../access/index.js';
import { AppError, toRfc3339, type Clock } from '../../kernel/index.js';
import { checkContract, type CheckFinding } from '../checks.js';
import type { ContractRecord } from '../record.js';
import { factsOf, type ContractChange, type ContractChanges } from './contract-changes.js';

export class Sending {
  readonly #changes: ContractChanges;
  readonly #clock: Clock;

  constructor(changes: ContractChanges, clock: Clock) {
    this.#changes = changes;
    this.#clock = clock;
  }

  async check(principal: Principal, id: string): Promise<readonly CheckFinding[]> {
    return findingsOf(await this.#changes.load(principal, id), this.#clock.now());
  }

  /** @throws AppError `contract-checks-failed`, params `findings`, where an error stands or a warning is not acknowledged */
  async submit(
    principal: Principal,
    change: ContractChange & { readonly acknowledged?: readonly string[] },
  ): Promise<ContractRecord> {
    const contract = await this.#changes.begin(principal, change, 'submit');
    const at = this.#clock.now();
    const findings = findingsOf(contract, at);
    const acknowledged = new Set(change.acknowledged ?? []);
    const open = findings.filter(
      (finding) => finding.severity === 'error' || !acknowledged.has(finding.code),
    );
    if (open.length > 0) {
      throw new AppError('contract-checks-failed', 'the checks before sending found faults', {
        params: { findings: open.map(({ code, text }) => `${code}: ${text}`) },
      });
    }
    const overridden = [...new Set(findings.map((finding) => finding.code))].join(' ');
    return this.#changes.commit(
      contract,
      { state: 'sent', times: { ...contract.times, sentAt: toRfc3339(at) } },
      factsOf(principal, 'sent', at, overridden === '' ? {} : { acknowledged: overridden }),
    );
  }

  async confirm(principal: Principal, change: ContractChange): Promise<ContractRecord> {
    const contract = await this.#changes.begin(principal, change, 'confirm');
    const at = this.#clock.now();
    return this.#changes.commit(
      contract,
      { state: 'confirmed', times: { ...contract.times, confirmedAt: toRfc3339(at) } },
      factsOf(principal, 'confirmed', at),
    );
  }
}

function findingsOf(contract: ContractRecord, at: Date): readonly CheckFinding[] {
  return contract.data === undefined ? [] : checkContract({ data: contract.data, at });
}
