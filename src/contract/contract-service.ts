/** What people and systems do with contracts before and around signing. Signing itself is the room `signing`. */
import {
  actorOf,
  hasRole,
  regionKeys,
  scopeOf,
  type Principal,
  type Role,
} from '../access/index.js';
import type { UnitIndex, UnitRecord } from '../access/index.js';
import { AppError, newId, toRfc3339, type Clock } from '../kernel/index.js';
import type { BlobStore, Collection, Condition, Page } from '../store/index.js';
import { parseYuan } from './amount.js';
import { checkContract, type CheckFinding } from './checks.js';
import type { ContractData } from './contract-data.js';
import { parseContractData } from './contract-data-schema.js';
import { contractEvent, type ContractEventFacts } from './events.js';
import { CONTRACT_TRANSITIONS, assertActionPossible, type ContractAction } from './flow.js';
import type {
  ContractDocument,
  DocumentFinding,
  ContractIndex,
  ContractParty,
  ContractRecord,
  ContractState,
  PartyRole,
  SealPlace,
} from './record.js';
import type { RenderedContract } from './rendering/render-contract.js';
import { assertNotBeingSigned, nextContract } from './signing-transitions.js';
import { templateKey, type ContractTemplate } from './template.js';

export type ContractRenderer = (input: {
  readonly data: ContractData;
  readonly template: ContractTemplate;
  readonly at: Date;
}) => Promise<RenderedContract>;

/** What a look at an uploaded document says. */
export interface InspectedUpload {
  readonly pageCount: number;
  /** What it holds besides its pages, in the words a person reads. */
  readonly findings: readonly (Omit<DocumentFinding, 'page'> & {
    readonly page: number | undefined;
  })[];
}

export interface ContractServiceParts {
  readonly contracts: Collection<ContractRecord, ContractIndex>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get' | 'getBy'>;
  readonly blobs: Pick<BlobStore, 'put' | 'read'>;
  readonly clock: Clock;
  readonly renderer: ContractRenderer;
  /** Templates by `id@version` and, for the newest version, by `id`. */
  readonly templates: ReadonlyMap<string, ContractTemplate>;
  /** Checks that uploaded bytes are a PDF that can be signed and is admitted. @throws AppError `pdf-*` */
  readonly inspectPdf: (pdf: Uint8Array) => Promise<InspectedUpload>;
  /** Who signs first unless a contract says otherwise. */
  readonly firstSigner?: PartyRole;
}

function toDocumentFinding({
  kind,
  page,
  text,
  textEn,
}: InspectedUpload['findings'][number]): DocumentFinding {
  return { kind, ...(page === undefined ? {} : { page }), text, textEn };
}

export interface CreateContractInput {
  /** Contract data as received; checked here. */
  readonly data: unknown;
  /** `goods` or `goods@1`; for a document made from data. */
  readonly template?: string;
  /** A finished document instead of a template. */
  readonly upload?: {
    readonly pdf: Uint8Array;
    readonly fileName: string;
    readonly sealPlaces?: readonly SealPlace[];
  };
  readonly externalRef?: string;
  /** `any`: both parties may sign first. */
  readonly firstSigner?: PartyRole | 'any';
}

export interface ListContractsInput {
  readonly state?: readonly ContractState[];
  readonly number?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** A change names the `revision` it was made from (If-Match). */
export interface ContractChange {
  readonly id: string;
  readonly expectedRevision: number;
}

export interface ContractService {
  /** With an `externalRef` that the buyer has used: the contract that is there, where it is the same. */
  create(principal: Principal, input: CreateContractInput): Promise<ContractRecord>;
  get(principal: Principal, id: string): Promise<ContractRecord>;
  list(principal: Principal, input: ListContractsInput): Promise<Page<ContractRecord>>;
  updateData(
    principal: Principal,
    change: ContractChange & { readonly data: unknown },
  ): Promise<ContractRecord>;
  check(principal: Principal, id: string): Promise<readonly CheckFinding[]>;
  submit(
    principal: Principal,
    change: ContractChange & { readonly acknowledged?: readonly string[] },
  ): Promise<ContractRecord>;
  confirm(principal: Principal, change: ContractChange): Promise<ContractRecord>;
  reject(
    principal: Principal,
    change: ContractChange & { readonly reason: string },
  ): Promise<ContractRecord>;
  withdraw(
    principal: Principal,
    change: ContractChange & { readonly reason: string },
  ): Promise<ContractRecord>;
  /** The contract is void once both parties have asked for it. */
  void(
    principal: Principal,
    change: ContractChange & { readonly reason: string },
  ): Promise<ContractRecord>;
}

type PersonAction = Extract<
  ContractAction,
  'update' | 'submit' | 'confirm' | 'reject' | 'withdraw' | 'void'
>;

/**
 * Who may do what: as whose party, in which roles. Machines act for the buyers of their region.
 * `archive`, `expire`, `sign` and the filing steps are not asked for here.
 */
export const CONTRACT_RIGHTS = {
  update: { as: ['buyer'], roles: ['unit-handler', 'budget-system'] },
  submit: { as: ['buyer'], roles: ['unit-handler', 'budget-system'] },
  confirm: { as: ['supplier'], roles: ['supplier-signer'] },
  reject: { as: ['buyer', 'supplier'], roles: ['supplier-signer', 'unit-signer'] },
  withdraw: { as: ['buyer'], roles: ['unit-handler', 'budget-system'] },
  void: { as: ['buyer', 'supplier'], roles: ['unit-signer', 'supplier-signer'] },
} as const satisfies Record<
  PersonAction,
  { readonly as: readonly PartyRole[]; readonly roles: readonly Role[] }
>;

const CREATORS: readonly Role[] = ['unit-handler', 'budget-system'];
const MAX_REASON_LENGTH = 1000;

export function createContractService(parts: ContractServiceParts): ContractService {
  const { contracts, units, blobs, clock } = parts;

  const load = async (principal: Principal, id: string): Promise<ContractRecord> => {
    const contract = await contracts.get(id, scopeOf(principal));
    if (contract === undefined) throw new AppError('contract-not-found', `no contract ${id}`);
    return contract;
  };

  /** Reads, checks right, revision and state: everything that can refuse before something is made. */
  const begin = async (
    principal: Principal,
    change: ContractChange,
    action: PersonAction,
  ): Promise<ContractRecord> => {
    const contract = await load(principal, change.id);
    assertRight(principal, contract, action);
    if (contract.revision !== change.expectedRevision) {
      throw new AppError('record-version-conflict', 'the contract was changed meanwhile', {
        params: { expected: change.expectedRevision, actual: contract.revision },
      });
    }
    assertActionPossible(contract, action);
    assertNotBeingSigned(contract, clock.now());
    return contract;
  };

  const commit = async (
    contract: ContractRecord,
    changes: Parameters<typeof nextContract>[1],
    facts: ContractEventFacts,
  ): Promise<ContractRecord> => {
    const next = nextContract(contract, { ...changes, attempt: undefined }, [
      contractEvent(contract, facts),
    ]);
    await contracts.replace(next);
    return next;
  };

  const factsOf = (
    principal: Principal,
    what: string,
    at: Date,
    details: ContractEventFacts['details'] = {},
  ): ContractEventFacts => ({
    what,
    actor: actorOf(principal),
    at,
    details,
    requestId: principal.requestId,
  });

  const templateNamed = (key: string): ContractTemplate => {
    const template = parts.templates.get(key);
    if (template === undefined) {
      throw new AppError('template-not-found', `no template ${key}`, { params: { template: key } });
    }
    return template;
  };

  const renderDocument = async (
    contract: ContractData,
    template: ContractTemplate,
    at: Date,
  ): Promise<ContractDocument> => {
    const rendered = await parts.renderer({ data: contract, template, at });
    return {
      blobId: await blobs.put([rendered.pdf]),
      fileName: `${contract.id.replace(/[^\p{L}\p{N}._-]/gu, '_')}.pdf`,
      sizeBytes: rendered.pdf.length,
      pageCount: rendered.pageCount,
      source: 'template',
      sealPlaces: rendered.sealPlaces,
    };
  };

  const keepUpload = async (
    upload: NonNullable<CreateContractInput['upload']>,
  ): Promise<ContractDocument> => {
    const { pageCount, findings } = await parts.inspectPdf(upload.pdf);
    const sealPlaces = upload.sealPlaces ?? [];
    if (sealPlaces.some((place) => place.pageIndex < 0 || place.pageIndex >= pageCount)) {
      throw new AppError('pdf-page-out-of-range', 'a place for a seal is on no page', {
        params: { pages: pageCount },
      });
    }
    return {
      blobId: await blobs.put([upload.pdf]),
      fileName: upload.fileName,
      sizeBytes: upload.pdf.length,
      pageCount,
      source: 'upload',
      ...(findings.length === 0 ? {} : { findings: findings.map(toDocumentFinding) }),
      sealPlaces,
    };
  };

  const unitOf = async (role: PartyRole, creditCode: string): Promise<UnitRecord> => {
    // The counterparty is in nobody's scope but its own; it is looked up by the code both parties know.
    const unit = await units.getBy('creditCode', creditCode, { kind: 'all' });
    if (unit !== undefined) return unit;
    throw new AppError('contract-data-invalid', `the ${role} is not registered`, {
      params: { errors: [`#/${role}/creditCode: 单位尚未注册`] },
    });
  };

  const partiesOf = async (
    contract: ContractData,
    first: PartyRole | 'any',
  ): Promise<readonly ContractParty[]> =>
    Promise.all(
      (['supplier', 'buyer'] as const).map(async (role) => {
        const unit = await unitOf(role, contract[role].creditCode);
        if (unit.name !== contract[role].name) {
          throw new AppError('contract-data-invalid', `the ${role}'s name is not the unit's`, {
            params: { errors: [`#/${role}/name: 与登记名称“${unit.name}”不一致`] },
          });
        }
        return {
          role,
          unitId: unit.id,
          name: unit.name,
          creditCode: unit.creditCode,
          order: first === 'any' || role === first ? 1 : 2,
        };
      }),
    );

  /** The same reference again is the same request only where it asks for the same contract. */
  const existing = async (
    principal: Principal,
    buyerUnitId: string,
    externalRef: string | undefined,
    contract: ContractData,
  ): Promise<ContractRecord | undefined> => {
    if (externalRef === undefined) return undefined;
    const found = await contracts.getBy(
      'externalRef',
      `${buyerUnitId}/${externalRef}`,
      scopeOf(principal),
    );
    if (found === undefined || found.number === contract.id) return found;
    throw new AppError('record-exists', 'the reference belongs to another contract', {
      params: { index: 'externalRef' },
    });
  };

  const close = async (
    principal: Principal,
    change: ContractChange & { readonly reason: string },
    kind: 'rejected' | 'withdrawn',
    action: 'reject' | 'withdraw',
  ): Promise<ContractRecord> => {
    const reason = checkedReason(change.reason);
    const contract = await begin(principal, change, action);
    const at = clock.now();
    const { unitId, signedAt } = partyOf(principal, contract, action);
    if (signedAt !== undefined) {
      // Who has signed is bound; what is left is to void, with the other party's consent.
      throw new AppError('contract-transition-refused', 'the party has signed', {
        params: { from: contract.state, to: kind, action },
      });
    }
    const entry = { at: toRfc3339(at), unitId, accountId: principal.accountId, kind, reason };
    return commit(
      contract,
      { state: kind, returns: [...contract.returns, entry] },
      factsOf(principal, kind, at, { reason }),
    );
  };

  return {
    async create(principal, input) {
      if (!hasRole(principal, ...CREATORS)) throw forbidden('create');
      const contract = parseContractData(input.data);
      if ((input.template === undefined) === (input.upload === undefined)) {
        throw new AppError('input-invalid', 'either a template or a document is needed', {
          params: { field: 'template' },
        });
      }
      const parties = await partiesOf(
        contract,
        input.firstSigner ?? parts.firstSigner ?? 'supplier',
      );
      const buyer = parties.find((party) => party.role === 'buyer');
      const buyerUnitId = buyer?.unitId ?? '';
      if (!hasRole(principal, 'budget-system') && principal.unitId !== buyerUnitId) {
        throw new AppError('contract-party-mismatch', 'the caller is not the buyer');
      }
      if (hasRole(principal, 'budget-system') && !reachesRegion(principal, contract.regionCode)) {
        throw forbidden('create');
      }
      const before = await existing(principal, buyerUnitId, input.externalRef, contract);
      if (before !== undefined) return before;

      const at = clock.now();
      const template = input.template === undefined ? undefined : templateNamed(input.template);
      const document =
        template !== undefined
          ? await renderDocument(contract, template, at)
          : input.upload !== undefined
            ? await keepUpload(input.upload)
            : undefined;
      const record: ContractRecord = {
        id: newId('ctr'),
        version: 1,
        revision: 1,
        number: contract.id,
        title: contract.title,
        ...(input.externalRef === undefined ? {} : { externalRef: input.externalRef }),
        regionCode: contract.regionCode,
        buyerUnitId,
        state: 'draft',
        ...(template === undefined ? {} : { templateId: templateKey(template) }),
        data: contract,
        amountFen: parseYuan(contract.value.amount),
        parties,
        ...(document === undefined ? {} : { document }),
        signatures: [],
        returns: [],
        times: { createdAt: toRfc3339(at) },
        pendingEvents: [],
      };
      const facts = factsOf(principal, 'created', at, {
        number: record.number,
        documentSha256: document?.blobId ?? null,
      });
      const stored = { ...record, pendingEvents: [contractEvent(record, facts)] };
      try {
        await contracts.insert(stored);
      } catch (error) {
        // Two requests of the same reference at once: the loser finds the winner's contract.
        const winner = await existing(principal, buyerUnitId, input.externalRef, contract);
        if (winner !== undefined) return winner;
        throw error;
      }
      return stored;
    },

    get: load,

    async list(principal, input) {
      const state: Condition | undefined =
        input.state === undefined ? undefined : { in: input.state };
      const number: Condition | undefined =
        input.number === undefined ? undefined : { eq: input.number };
      return contracts.find(
        {
          where: { ...(state === undefined ? {} : { state }), ...(number && { number }) },
          orderBy: 'createdAt',
          direction: 'desc',
          limit: input.limit,
          ...(input.cursor === undefined ? {} : { cursor: input.cursor }),
        },
        scopeOf(principal),
      );
    },

    async updateData(principal, change) {
      const contract = await begin(principal, change, 'update');
      const altered = parseContractData(change.data);
      if (hasRole(principal, 'budget-system') && !reachesRegion(principal, altered.regionCode)) {
        throw forbidden('update');
      }
      const template =
        contract.templateId === undefined ? undefined : templateNamed(contract.templateId);
      if (template === undefined) {
        throw new AppError('contract-data-invalid', 'an uploaded document is not made from data', {
          params: { errors: ['#: 上传的合同文本不能按数据修改，请重新上传'] },
        });
      }
      const [first] = [...contract.parties].sort((a, b) => a.order - b.order);
      const isAny = new Set(contract.parties.map((party) => party.order)).size === 1;
      const parties = await partiesOf(altered, isAny ? 'any' : (first?.role ?? 'supplier'));
      if (parties.find((party) => party.role === 'buyer')?.unitId !== contract.buyerUnitId) {
        throw new AppError('contract-party-mismatch', 'the buyer of a contract does not change');
      }
      const at = clock.now();
      const document = await renderDocument(altered, template, at);
      return commit(
        contract,
        {
          state: 'draft',
          number: altered.id,
          title: altered.title,
          regionCode: altered.regionCode,
          data: altered,
          amountFen: parseYuan(altered.value.amount),
          parties,
          document,
          times: { createdAt: contract.times.createdAt },
        },
        factsOf(principal, 'updated', at, { documentSha256: document.blobId }),
      );
    },

    async check(principal, id) {
      return findingsOf(await load(principal, id), clock.now());
    },

    async submit(principal, change) {
      const contract = await begin(principal, change, 'submit');
      const at = clock.now();
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
      return commit(
        contract,
        { state: 'sent', times: { ...contract.times, sentAt: toRfc3339(at) } },
        factsOf(principal, 'sent', at, overridden === '' ? {} : { acknowledged: overridden }),
      );
    },

    async confirm(principal, change) {
      const contract = await begin(principal, change, 'confirm');
      const at = clock.now();
      return commit(
        contract,
        { state: 'confirmed', times: { ...contract.times, confirmedAt: toRfc3339(at) } },
        factsOf(principal, 'confirmed', at),
      );
    },

    reject: (principal, change) => close(principal, change, 'rejected', 'reject'),
    withdraw: (principal, change) => close(principal, change, 'withdrawn', 'withdraw'),

    async void(principal, change) {
      const reason = checkedReason(change.reason);
      const contract = await begin(principal, change, 'void');
      const at = clock.now();
      const { unitId } = partyOf(principal, contract, 'void');
      const consents = contract.voidConsents ?? [];
      if (consents.some((consent) => consent.unitId === unitId)) {
        throw new AppError('contract-transition-refused', 'the party has agreed already', {
          params: { from: contract.state, to: 'voided', action: 'void' },
        });
      }
      const consent = { at: toRfc3339(at), unitId, accountId: principal.accountId, reason };
      const voidConsents = [...consents, consent];
      const isAgreed = contract.parties.every((party) =>
        voidConsents.some((each) => each.unitId === party.unitId),
      );
      if (!isAgreed) {
        return commit(
          contract,
          { voidConsents },
          factsOf(principal, 'void-requested', at, { reason }),
        );
      }
      return commit(
        contract,
        {
          state: CONTRACT_TRANSITIONS.void.to[0],
          voidConsents,
          returns: [...contract.returns, { ...consent, kind: 'voided' }],
        },
        factsOf(principal, 'voided', at, { reason }),
      );
    },
  };
}

function findingsOf(contract: ContractRecord, at: Date): readonly CheckFinding[] {
  return contract.data === undefined ? [] : checkContract({ data: contract.data, at });
}

function forbidden(action: string): AppError {
  return new AppError('forbidden', `not allowed to ${action} contracts`, { params: { action } });
}

function reachesRegion(principal: Principal, regionCode: string): boolean {
  const scope = scopeOf(principal);
  return scope.kind === 'keys' && regionKeys(regionCode).some((key) => scope.keys.includes(key));
}

/** @throws AppError `forbidden` by role, `contract-party-mismatch` by unit */
function assertRight(principal: Principal, contract: ContractRecord, action: PersonAction): void {
  if (!hasRole(principal, ...CONTRACT_RIGHTS[action].roles)) throw forbidden(action);
  partyOf(principal, contract, action);
}

/** The party the principal acts as; the budget system acts for the buyer. */
function partyOf(
  principal: Principal,
  contract: ContractRecord,
  action: PersonAction,
): ContractParty {
  const { as, roles }: { readonly as: readonly PartyRole[]; readonly roles: readonly Role[] } =
    CONTRACT_RIGHTS[action];
  const actsForBuyer = hasRole(principal, 'budget-system') && roles.includes('budget-system');
  const party = contract.parties.find(
    (candidate) =>
      as.includes(candidate.role) &&
      (candidate.unitId === principal.unitId || (actsForBuyer && candidate.role === 'buyer')),
  );
  if (party === undefined) {
    throw new AppError('contract-party-mismatch', `no party of the contract that may ${action}`);
  }
  return party;
}

function checkedReason(reason: string): string {
  const text = reason.trim();
  if (text !== '' && text.length <= MAX_REASON_LENGTH) return text;
  throw new AppError('input-invalid', 'a reason is needed', {
    params: { field: 'reason', maxLength: MAX_REASON_LENGTH },
  });
}
