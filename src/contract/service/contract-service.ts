/** What people and systems do with contracts before and around signing. Signing itself is the room `signing`. */
import { scopeOf, type Principal } from '../../access/index.js';
import { AppError, type Clock } from '../../kernel/index.js';
import type { BlobStore, Collection, Page } from '../../store/index.js';
import type { WorkingDayCalendar } from '../calendar/index.js';
import type { Award } from '../awards/award.js';
import type { CheckFinding, DocumentCheckInput } from '../checks/index.js';
import type { ContractIndex, ContractRecord, ContractState, PartyRole } from '../record.js';
import type { ContractTemplate } from '../template.js';
import type { OwnTemplateService } from '../templates/own-template-service.js';
import { Agency, type AuthoriseChange } from './agency.js';
import { ContractChanges, type ContractChange } from './contract-changes.js';
import {
  DraftDocuments,
  type ContractRenderer,
  type InspectedUpload,
  type WordSetter,
} from './draft-document.js';
import { Drafting, type CreateContractInput, type UpdateChange } from './drafting.js';
import { Endings, type ReasonedChange } from './endings.js';
import type { UnitRegister } from './parties.js';
import {
  Sending,
  type AwardLookup,
  type DocumentChecks,
  type SigningMeans,
  type SubmitChange,
} from './sending.js';
import { SupplementLedger } from './supplement-ledger.js';
import { Standing, type AnnounceChange, type ArchiveChange } from './standing.js';
import { VersionComparison, type VersionDifferences } from './version-comparison.js';

export interface ContractServiceParts {
  readonly contracts: Collection<ContractRecord, ContractIndex>;
  readonly units: UnitRegister;
  readonly blobs: Pick<BlobStore, 'put' | 'read'>;
  readonly clock: Clock;
  readonly calendar: WorkingDayCalendar;
  readonly renderer: ContractRenderer;
  /** Templates by `id@version` and, for the newest version, by `id`. */
  readonly templates: ReadonlyMap<string, ContractTemplate>;
  /** Templates of units and regions; none where absent. */
  readonly ownTemplates?: Pick<OwnTemplateService, 'find' | 'byRecord'>;
  /** Checks that uploaded bytes are a PDF that can be signed and is admitted. @throws AppError `pdf-*` */
  readonly inspectPdf: (pdf: Uint8Array) => Promise<InspectedUpload>;
  readonly setWord: WordSetter;
  /** Reads the document of a contract that is checked; only its data are checked where absent. */
  readonly checkDocument?: (
    pdf: Uint8Array,
    input: Pick<DocumentCheckInput, 'data' | 'sealPlaces' | 'signatures'>,
  ) => Promise<readonly CheckFinding[]>;
  /** The award of a contract's project and package, where a trading system sent one. */
  readonly awardOf?: AwardLookup;
  /** An award as the caller may see it. @throws AppError `not-found` */
  readonly awardNamed?: (principal: Principal, id: string) => Promise<Award>;
  /** Until when a unit can sign; not checked where absent. */
  readonly meansOf?: (unitId: string) => Promise<SigningMeans>;
  /** Lines of text, page by page. @throws AppError `pdf-*` */
  readonly readPages: (pdf: Uint8Array) => Promise<readonly (readonly string[])[]>;
  /** Who signs first unless a contract says otherwise. */
  readonly firstSigner?: PartyRole;
}

export interface ListContractsInput {
  readonly state?: readonly ContractState[];
  readonly number?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export interface ContractService {
  /** With an `externalRef` that the buyer has used: the contract that is there, where it is the same. */
  create(principal: Principal, input: CreateContractInput): Promise<ContractRecord>;
  get(principal: Principal, id: string): Promise<ContractRecord>;
  list(principal: Principal, input: ListContractsInput): Promise<Page<ContractRecord>>;
  updateData(principal: Principal, change: UpdateChange): Promise<ContractRecord>;
  /** Lets a procurement agent sign for the buyer. */
  authoriseAgent(principal: Principal, change: AuthoriseChange): Promise<ContractRecord>;
  /** What changed since an earlier version; see `VersionComparison`. */
  differences(
    principal: Principal,
    id: string,
    from: number | undefined,
  ): Promise<VersionDifferences>;
  check(principal: Principal, id: string): Promise<readonly CheckFinding[]>;
  submit(principal: Principal, change: SubmitChange): Promise<ContractRecord>;
  remind(principal: Principal, change: ContractChange): Promise<ContractRecord>;
  confirm(principal: Principal, change: ContractChange): Promise<ContractRecord>;
  reject(principal: Principal, change: ReasonedChange): Promise<ContractRecord>;
  withdraw(principal: Principal, change: ReasonedChange): Promise<ContractRecord>;
  /** The contract is void once both parties have asked for it. */
  void(principal: Principal, change: ReasonedChange): Promise<ContractRecord>;
  /** A filed contract ends once both parties have asked for it. */
  terminate(principal: Principal, change: ReasonedChange): Promise<ContractRecord>;
  announce(principal: Principal, change: AnnounceChange): Promise<ContractRecord>;
  archive(principal: Principal, change: ArchiveChange): Promise<ContractRecord>;
  freeze(principal: Principal, change: ReasonedChange): Promise<ContractRecord>;
  unfreeze(principal: Principal, change: ReasonedChange): Promise<ContractRecord>;
}

export function createContractService(parts: ContractServiceParts): ContractService {
  const { contracts, units, clock } = parts;
  const changes = new ContractChanges(contracts, clock);
  const documents = new DraftDocuments(parts);
  const drafting = new Drafting({
    contracts,
    units,
    clock,
    changes,
    documents,
    awardNamed:
      parts.awardNamed ?? ((_, id) => Promise.reject(new AppError('not-found', `no award ${id}`))),
    firstSigner: parts.firstSigner ?? 'supplier',
  });
  const sending = new Sending(changes, clock, new SupplementLedger(contracts, clock), {
    calendar: parts.calendar,
    document: documentChecks(parts),
    awardOf: parts.awardOf,
    meansOf: parts.meansOf,
  });
  const endings = new Endings(changes, clock);
  const standing = new Standing(changes, clock);
  const comparison = new VersionComparison({
    changes,
    blobs: parts.blobs,
    readPages: parts.readPages,
  });
  const agency = new Agency({ changes, documents, units, clock });
  return {
    create: (principal, input) => drafting.create(principal, input),
    get: (principal, id) => changes.load(principal, id),
    list: (principal, input) =>
      contracts.find(
        {
          where: {
            ...(input.state === undefined ? {} : { state: { in: input.state } }),
            ...(input.number === undefined ? {} : { number: { eq: input.number } }),
          },
          orderBy: 'createdAt',
          direction: 'desc',
          limit: input.limit,
          ...(input.cursor === undefined ? {} : { cursor: input.cursor }),
        },
        scopeOf(principal),
      ),
    updateData: (principal, change) => drafting.updateData(principal, change),
    authoriseAgent: changes.once((principal, change) => agency.authorise(principal, change)),
    differences: (principal, id, from) => comparison.compare(principal, id, from),
    check: (principal, id) => sending.check(principal, id),
    submit: changes.once((principal, change) => sending.submit(principal, change)),
    confirm: changes.once((principal, change) => sending.confirm(principal, change)),
    remind: changes.once((principal, change) => sending.remind(principal, change)),
    reject: changes.once((principal, change) => endings.reject(principal, change)),
    withdraw: changes.once((principal, change) => endings.withdraw(principal, change)),
    void: changes.once((principal, change) => endings.void(principal, change)),
    terminate: changes.once((principal, change) => endings.terminate(principal, change)),
    announce: changes.once((principal, change) => standing.announce(principal, change)),
    archive: changes.once((principal, change) => standing.archive(principal, change)),
    freeze: changes.once((principal, change) => standing.freeze(principal, change)),
    unfreeze: changes.once((principal, change) => standing.unfreeze(principal, change)),
  };
}

function documentChecks({
  blobs,
  checkDocument,
}: ContractServiceParts): DocumentChecks | undefined {
  if (checkDocument === undefined) return undefined;
  return async ({ blobId, sealPlaces }, data, signatures) =>
    checkDocument(await blobs.read(blobId), { data, sealPlaces, signatures });
}
