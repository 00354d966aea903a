/** Templates of units and regions: handed in, tried, activated, retired, found for a contract. */
import { actorOf, hasRole, idOfRequest, madeBefore, type Principal } from '../../access/index.js';
import { recordEvent } from '../../audit/index.js';
import { AppError, toRfc3339, type Clock } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection, type Page } from '../../store/index.js';
import { parseContractData } from '../contract-data-schema.js';
import type { ContractRenderer } from '../service/draft-document.js';
import type { UnitRegister } from '../service/parties.js';
import { parseTemplate, templateKey, type ContractTemplate } from '../template.js';
import {
  OWN_TEMPLATES,
  ownerKey,
  ownersAbove,
  ownersFor,
  type OwnTemplateIndex,
  type OwnTemplateRecord,
  type OwnTemplateState,
  type TemplateOwner,
} from './own-template.js';

/** A template found for a contract. */
export interface FoundTemplate {
  readonly template: ContractTemplate;
  /** Record of an own template; absent for one that came with the product. */
  readonly recordId?: string;
}

export interface OwnTemplateService {
  /**
   * Checks form, names and formats, and renders it with `sample`; nothing is kept of what fails.
   * @throws AppError `template-invalid` (params `errors`), `contract-data-invalid` for the sample,
   *   `glyph-missing`, `record-exists` where the version is there already, `forbidden`
   */
  handIn(
    principal: Principal,
    input: { readonly template: unknown; readonly sample: unknown },
  ): Promise<OwnTemplateRecord>;
  /** @throws AppError `not-found` */
  get(principal: Principal, id: string): Promise<OwnTemplateRecord>;
  /** Those that the caller's unit may use, or that its region owns. */
  list(
    principal: Principal,
    query: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<OwnTemplateRecord>>;
  /** @throws AppError `not-found`, `forbidden` for another's, `record-version-conflict` */
  setState(
    principal: Principal,
    change: {
      readonly id: string;
      readonly expectedRevision: number | undefined;
      readonly state: Exclude<OwnTemplateState, 'draft'>;
    },
  ): Promise<OwnTemplateRecord>;
  /** The active template that a buyer calls `key` (`id` for its newest version, or `id@version`). */
  find(
    buyer: { readonly unitId: string; readonly regionCode: string },
    key: string,
  ): Promise<FoundTemplate | undefined>;
  /** The exact version that a contract was made with, whatever has become of it. */
  byRecord(recordId: string): Promise<ContractTemplate | undefined>;
}

export interface OwnTemplateParts {
  readonly templates: Collection<OwnTemplateRecord, OwnTemplateIndex>;
  readonly units: UnitRegister;
  /** Ids that came with the product: nobody else's template is called so. */
  readonly packagedIds: ReadonlySet<string>;
  readonly renderer: ContractRenderer;
  readonly clock: Clock;
}

export function createOwnTemplateService(parts: OwnTemplateParts): OwnTemplateService {
  const { templates, units, packagedIds, renderer, clock } = parts;

  function withEvent(
    record: OwnTemplateRecord,
    what: string,
    principal: Principal,
  ): OwnTemplateRecord {
    const subject = { kind: 'template', id: record.id };
    const event = recordEvent(subject, OWN_TEMPLATES.scopeKeys(record), {
      what,
      actor: actorOf(principal),
      at: clock.now(),
      details: { template: templateKey(record.template), owner: ownerKey(record.owner) },
      requestId: principal.requestId,
    });
    return { ...record, pendingEvents: [...record.pendingEvents, event] };
  }

  /** Owners whose templates the caller may look at. */
  async function visibleOwners({ unitId, regionCode }: Principal): Promise<readonly string[]> {
    if (unitId === undefined) return regionCode === undefined ? [] : ownersAbove(regionCode);
    const unit = await units.get(unitId, SCOPE_ALL);
    return unit === undefined ? [] : ownersFor(unitId, unit.regionCode);
  }

  async function load(principal: Principal, id: string): Promise<OwnTemplateRecord> {
    const found = await templates.get(id, SCOPE_ALL);
    const owners = await visibleOwners(principal);
    if (found === undefined || !owners.includes(ownerKey(found.owner))) {
      throw new AppError('not-found', `no template ${id}`);
    }
    return found;
  }

  return {
    async handIn(principal, input) {
      const owner = ownerOf(principal);
      const regionCode =
        'unitId' in owner
          ? (await units.get(owner.unitId, SCOPE_ALL))?.regionCode
          : owner.regionCode;
      if (regionCode === undefined) throw new AppError('forbidden', 'no such unit');
      const template = parseTemplate(input.template);
      const errors = [
        ...(template.kind === undefined ? ['#/kind: 须写明合同类型'] : []),
        ...(packagedIds.has(template.id) ? ['#/id: 与系统自带的模板重名'] : []),
      ];
      if (errors.length > 0) {
        throw new AppError('template-invalid', 'not a template of a unit', { params: { errors } });
      }
      const before = await madeBefore(
        templates,
        'tpl',
        principal,
        (made) => templateKey(made.template) === templateKey(template),
      );
      if (before !== undefined) return before;
      const sample = parseContractData(input.sample);
      // Every duty, so that every place for a seal is tried.
      const duties = {
        buyer: ['unit-seal', 'legal-representative'],
        supplier: ['unit-seal', 'legal-representative'],
      } as const;
      await renderer({ data: sample, template, duties, at: clock.now() });
      const record: OwnTemplateRecord = {
        id: idOfRequest('tpl', principal),
        version: 1,
        revision: 1,
        owner,
        regionCode,
        template,
        sample,
        state: 'draft',
        createdAt: toRfc3339(clock.now()),
        pendingEvents: [],
      };
      const stored = withEvent(record, 'handed-in', principal);
      await templates.insert(stored);
      return stored;
    },
    get: load,
    async list(principal, { limit, cursor }) {
      const owners = await visibleOwners(principal);
      if (owners.length === 0) return { items: [], nextCursor: undefined };
      return templates.find(
        {
          where: { owner: { in: owners } },
          orderBy: 'key',
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        },
        SCOPE_ALL,
      );
    },
    async setState(principal, { id, expectedRevision, state }) {
      const found = await load(principal, id);
      if (ownerKey(ownerOf(principal)) !== ownerKey(found.owner)) {
        throw new AppError('forbidden', 'the template of another', {
          params: { action: state === 'active' ? 'activate' : 'retire' },
        });
      }
      if (expectedRevision !== undefined && expectedRevision !== found.revision) {
        throw new AppError('record-version-conflict', 'the template was changed meanwhile', {
          params: { expected: expectedRevision, actual: found.revision },
        });
      }
      if (found.state === state) return found;
      const changed = withEvent(
        { ...found, version: found.version + 1, revision: found.revision + 1, state },
        state === 'active' ? 'activated' : 'retired',
        principal,
      );
      await templates.replace(changed);
      return changed;
    },
    async find({ unitId, regionCode }, key) {
      const [id = '', version] = key.split('@');
      for (const owner of ownersFor(unitId, regionCode)) {
        const found =
          version === undefined
            ? (
                await templates.find(
                  {
                    where: { newest: { gte: `${owner}/${id}/`, lt: `${owner}/${id}0` } },
                    orderBy: 'newest',
                    direction: 'desc',
                    limit: 1,
                  },
                  SCOPE_ALL,
                )
              ).items[0]
            : await templates.getBy('key', `${owner}/${key}`, SCOPE_ALL);
        if (found?.state === 'active') return { template: found.template, recordId: found.id };
      }
      return undefined;
    },
    byRecord: async (recordId) => (await templates.get(recordId, SCOPE_ALL))?.template,
  };
}

/** Handlers hand in for their unit, administrators for their region. @throws AppError `forbidden` */
function ownerOf(principal: Principal): TemplateOwner {
  const { unitId, regionCode } = principal;
  if (hasRole(principal, 'unit-handler') && unitId !== undefined) return { unitId };
  if (hasRole(principal, 'system-administrator') && regionCode !== undefined) return { regionCode };
  throw new AppError('forbidden', 'templates are of units and regions', {
    params: { action: 'template' },
  });
}
