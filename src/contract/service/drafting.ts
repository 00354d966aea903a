/** Contracts before anybody else sees them: made, and changed. */
import { hasRole, idOfRequest, madeBefore, scopeOf, type Principal } from '../../access/index.js';
import { AppError, toRfc3339, type Clock } from '../../kernel/index.js';
import type { Collection } from '../../store/index.js';
import { parseYuan } from '../amount.js';
import { withAward } from '../awards/award-data.js';
import type { Award } from '../awards/award.js';
import type { ContractData } from '../contract-data.js';
import { parseContractData } from '../contract-data-schema.js';
import { contractEvent } from '../events.js';
import type { ContractIndex, ContractRecord, PartyDuties, PartyRole } from '../record.js';
import { assertSupplements } from '../supplements.js';
import { templateKey } from '../template.js';
import { freshVersion } from '../versions.js';
import { factsOf, type ContractChange, type ContractChanges } from './contract-changes.js';
import { assertMayCreate, assertReachesRegion } from './contract-rights.js';
import type { DraftDocuments, UploadedDocument } from './draft-document.js';
import {
  dutiesOf,
  firstSignerOf,
  partiesOf,
  withDuties,
  withDutiesOf,
  type UnitRegister,
} from './parties.js';

export interface CreateContractInput {
  /** Contract data as received; checked here. */
  readonly data: unknown;
  /** `goods` or `goods@1`; for a document made from data. */
  readonly template?: string;
  /** An award whose matters fill in what the data leave out. */
  readonly awardId?: string;
  /** A finished document instead of a template. */
  readonly upload?: UploadedDocument;
  readonly externalRef?: string;
  /** `any`: both parties may sign first. */
  readonly firstSigner?: PartyRole | 'any';
  readonly duties?: PartyDuties;
  /** The contract that the new one supplements. */
  readonly supplementTo?: string;
}

export interface UpdateChange extends ContractChange {
  readonly data: unknown;
  /** The caller knows that the signatures there are become void. */
  readonly restartsSigning?: boolean;
}

export interface DraftingParts {
  readonly contracts: Collection<ContractRecord, ContractIndex>;
  readonly units: UnitRegister;
  readonly clock: Clock;
  readonly changes: ContractChanges;
  readonly documents: DraftDocuments;
  /** @throws AppError `not-found` */
  readonly awardNamed: (principal: Principal, id: string) => Promise<Award>;
  /** Who signs first unless a contract says otherwise. */
  readonly firstSigner: PartyRole;
}

export class Drafting {
  readonly #parts: DraftingParts;

  constructor(parts: DraftingParts) {
    this.#parts = parts;
  }

  /** With an `externalRef` that the buyer has used: the contract that is there, where it is the same. */
  async create(principal: Principal, input: CreateContractInput): Promise<ContractRecord> {
    const { contracts, units, clock, documents } = this.#parts;
    assertMayCreate(principal);
    const { awardId } = input;
    const data = parseContractData(
      awardId === undefined
        ? input.data
        : withAward(input.data, await this.#parts.awardNamed(principal, awardId)),
    );
    if ((input.template === undefined) === (input.upload === undefined)) {
      throw new AppError('input-invalid', 'either a template or a document is needed', {
        params: { field: 'template' },
      });
    }
    const parties = withDuties(
      await partiesOf(units, data, input.firstSigner ?? this.#parts.firstSigner),
      input.duties ?? {},
    );
    const buyerUnitId = parties.find((party) => party.role === 'buyer')?.unitId ?? '';
    if (!hasRole(principal, 'budget-system') && principal.unitId !== buyerUnitId) {
      throw new AppError('contract-party-mismatch', 'the caller is not the buyer');
    }
    assertReachesRegion(principal, data.regionCode, 'create');
    const made = async (): Promise<ContractRecord | undefined> =>
      (await this.#existing(principal, buyerUnitId, input.externalRef, data)) ??
      (await madeBefore(contracts, 'ctr', principal, ({ number }) => number === data.id));
    const before = await made();
    if (before !== undefined) return before;

    const at = clock.now();
    const found =
      input.template === undefined
        ? undefined
        : await documents.templateNamed(input.template, {
            unitId: buyerUnitId,
            regionCode: data.regionCode,
          });
    const template = found?.template;
    const document =
      template !== undefined
        ? await documents.render(data, template, dutiesOf(parties), at)
        : input.upload !== undefined
          ? await documents.take(input.upload, data, at)
          : undefined;
    const record: ContractRecord = {
      id: idOfRequest('ctr', principal),
      version: 1,
      revision: 1,
      number: data.id,
      title: data.title,
      ...(input.externalRef === undefined ? {} : { externalRef: input.externalRef }),
      regionCode: data.regionCode,
      buyerUnitId,
      state: 'draft',
      ...(template === undefined ? {} : { templateId: templateKey(template) }),
      ...(found?.recordId === undefined
        ? {}
        : { ownTemplateId: found.recordId, templateKind: found.template.kind }),
      data,
      ...(awardId === undefined ? {} : { awardId }),
      amountFen: parseYuan(data.value.amount),
      parties,
      ...(document === undefined ? {} : { document }),
      ...(input.supplementTo === undefined ? {} : { supplementTo: input.supplementTo }),
      signatures: [],
      returns: [],
      times: { createdAt: toRfc3339(at) },
      pendingEvents: [],
    };
    if (input.supplementTo !== undefined) {
      assertSupplements(await this.#parts.changes.load(principal, input.supplementTo), record);
    }
    const facts = factsOf(principal, 'created', at, {
      number: record.number,
      documentSha256: document?.blobId ?? null,
      ...(document?.original === undefined ? {} : { originalSha256: document.original.blobId }),
    });
    const stored = { ...record, pendingEvents: [contractEvent(record, facts)] };
    try {
      await contracts.insert(stored);
    } catch (error) {
      // Two requests of the same reference, or the same request twice, at once: the loser finds the winner's contract.
      const winner = await made();
      if (winner !== undefined) return winner;
      throw error;
    }
    return stored;
  }

  /**
   * Changes the data and makes the document anew. A version that was sent is kept; where it was
   * signed, its signatures are void and the parties are told.
   *
   * @throws AppError `contract-signatures-at-stake`, params `signatures`, unless the caller knows
   */
  async updateData(principal: Principal, change: UpdateChange): Promise<ContractRecord> {
    const { changes, clock, documents, units } = this.#parts;
    const { signatures } = await changes.load(principal, change.id);
    const isSigned = signatures.length > 0;
    const action = isSigned ? 'revise' : 'update';
    const contract = await changes.begin(principal, change, action);
    this.#assertBuyerUnbound(contract);
    if (isSigned && change.restartsSigning !== true) {
      throw new AppError('contract-signatures-at-stake', 'signatures would become void', {
        params: { signatures: signatures.length },
      });
    }
    const data = parseContractData(change.data);
    assertReachesRegion(principal, data.regionCode, action);
    if (contract.templateId === undefined) {
      throw new AppError('contract-data-invalid', 'an uploaded document is not made from data', {
        params: { errors: ['#: 上传的合同文本不能按数据修改，请重新上传'] },
      });
    }
    const template = await documents.templateOf(contract);
    const parties = withDutiesOf(
      await partiesOf(units, data, firstSignerOf(contract.parties)),
      contract.parties,
    );
    if (parties.find((party) => party.role === 'buyer')?.unitId !== contract.buyerUnitId) {
      throw new AppError('contract-party-mismatch', 'the buyer of a contract does not change');
    }
    const at = clock.now();
    const document = await documents.render(data, template, dutiesOf(parties), at);
    const dataBlobId =
      contract.data === undefined ? undefined : await documents.keepData(contract.data);
    return changes.commit(
      contract,
      {
        ...freshVersion(contract, dataBlobId, at),
        number: data.id,
        title: data.title,
        regionCode: data.regionCode,
        data,
        amountFen: parseYuan(data.value.amount),
        parties,
        document,
      },
      factsOf(principal, isSigned ? 'signing-restarted' : 'updated', at, {
        documentSha256: document.blobId,
        ...(isSigned ? { voidSignatures: signatures.length } : {}),
      }),
    );
  }

  /** A buyer who has signed is bound, unless the other party has returned the contract. */
  #assertBuyerUnbound({ state, parties }: ContractRecord): void {
    const buyer = parties.find((party) => party.role === 'buyer');
    if (buyer?.signedAt === undefined || state === 'rejected') return;
    throw new AppError('contract-transition-refused', 'the buyer has signed', {
      params: { from: state, to: 'draft', action: 'revise' },
    });
  }

  /** The same reference again is the same request only where it asks for the same contract. */
  async #existing(
    principal: Principal,
    buyerUnitId: string,
    externalRef: string | undefined,
    data: ContractData,
  ): Promise<ContractRecord | undefined> {
    if (externalRef === undefined) return undefined;
    const found = await this.#parts.contracts.getBy(
      'externalRef',
      `${buyerUnitId}/${externalRef}`,
      scopeOf(principal),
    );
    if (found === undefined || found.number === data.id) return found;
    throw new AppError('record-exists', 'the reference belongs to another contract', {
      params: { index: 'externalRef' },
    });
  }
}
