/** A procurement agent that is to sign for the buyer: named in the draft, with the buyer's authorisation. */
import type { Principal } from '../../access/index.js';
import { AppError, toRfc3339, type Clock } from '../../kernel/index.js';
import { SCOPE_ALL } from '../../store/index.js';
import type { ContractRecord } from '../record.js';
import { freshVersion } from '../versions.js';
import { factsOf, type ContractChange, type ContractChanges } from './contract-changes.js';
import type { DraftDocuments, UploadedDocument } from './draft-document.js';
import type { UnitRegister } from './parties.js';

export interface AuthoriseChange extends ContractChange {
  readonly agentCreditCode: string;
  /** 授权委托书 (政府采购法 §43). */
  readonly authorisation: Omit<UploadedDocument, 'sealPlaces'>;
}

export interface AgencyParts {
  readonly changes: ContractChanges;
  readonly documents: DraftDocuments;
  readonly units: UnitRegister;
  readonly clock: Clock;
}

export class Agency {
  readonly #parts: AgencyParts;

  constructor(parts: AgencyParts) {
    this.#parts = parts;
  }

  /**
   * Without the annex there is no agent: both come in one write.
   * @throws AppError `contract-data-invalid` where the unit is no registered agency; and as uploads
   */
  async authorise(principal: Principal, change: AuthoriseChange): Promise<ContractRecord> {
    const { changes, documents, units, clock } = this.#parts;
    const contract = await changes.begin(principal, change, 'update');
    const agent = await units.getBy('creditCode', change.agentCreditCode, SCOPE_ALL);
    if (agent?.kind !== 'agency') {
      throw new AppError('contract-data-invalid', 'no such agency', {
        params: { errors: ['#/agentCreditCode: 不是已注册的采购代理机构'] },
      });
    }
    const annex = await documents.keep(change.authorisation);
    const at = clock.now();
    const authorised = {
      unitId: agent.id,
      name: agent.name,
      creditCode: agent.creditCode,
      authorisation: {
        blobId: annex.blobId,
        fileName: annex.fileName,
        sizeBytes: annex.sizeBytes,
        addedAt: toRfc3339(at),
      },
    };
    const dataBlobId =
      contract.data === undefined ? undefined : await documents.keepData(contract.data);
    return changes.commit(
      contract,
      {
        // Returned or withdrawn, it was agreed on without the agent.
        ...freshVersion(contract, dataBlobId, at),
        parties: contract.parties.map((party) =>
          party.role === 'buyer' ? { ...party, agent: authorised } : party,
        ),
      },
      factsOf(principal, 'agent-authorised', at, {
        agent: agent.name,
        authorisationSha256: annex.blobId,
      }),
    );
  }
}
