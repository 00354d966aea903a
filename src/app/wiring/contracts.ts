/** Contracts up to their signing: awards, templates, drafting, checks, deadlines. */
import type { EventSubscriber } from '../../audit/index.js';
import type { Config } from '../../config/index.js';
import {
  SupplementLedger,
  createAwardService,
  createContractService,
  createOwnTemplateService,
  createTimekeeper,
  renderContract,
  setWord,
  type ContractRenderer,
  type Timekeeper,
} from '../../contract/index.js';
import type { HttpServices } from '../../http/index.js';
import type { Clock, Logger } from '../../kernel/index.js';
import { SCOPE_ALL, type BlobStore } from '../../store/index.js';
import { admissionPolicy } from '../bridges/admission-policy.js';
import type { IsolatedReader } from '../isolation/index.js';
import type { Resources } from '../resources.js';
import { signingMeans } from '../bridges/signing-means.js';
import type { Collections } from '../data-folder/stores.js';

export interface ContractParts {
  readonly config: Pick<Config, 'signing'>;
  readonly collections: Pick<
    Collections,
    'contracts' | 'awards' | 'ownTemplates' | 'units' | 'seals'
  >;
  readonly blobs: BlobStore;
  readonly resources: Resources;
  /** What strangers send is read in processes of their own. */
  readonly reader: Pick<IsolatedReader, 'inspect' | 'word' | 'check' | 'lines'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after a write that left events for the relay. */
  readonly onPublished: () => void;
}

export interface ContractRoom {
  readonly api: Pick<HttpServices, 'awards' | 'ownTemplates' | 'contracts' | 'templates'>;
  readonly supplements: { readonly subscriber: EventSubscriber };
  readonly timekeeper: Timekeeper;
}

/** How often contracts that wait for a party are looked at. */
const TIMER_INTERVAL_MS = 60_000;

export function wireContracts(parts: ContractParts): ContractRoom {
  const { collections, blobs, resources, reader, clock, logger, onPublished } = parts;
  const { contracts, units, seals } = collections;
  const { fonts, templates, calendar } = resources;
  const admission = admissionPolicy(parts.config.signing.allow);
  const renderer: ContractRenderer = (input) => renderContract({ ...input, fonts });
  const awards = createAwardService({ awards: collections.awards, units, clock });
  const ownTemplates = createOwnTemplateService({
    templates: collections.ownTemplates,
    units,
    packagedIds: new Set([...templates.values()].map(({ id }) => id)),
    renderer,
    clock,
  });
  const service = createContractService({
    ownTemplates,
    awardOf: async (project, awardId) => {
      const found =
        awardId === undefined
          ? await awards.awardOf(project)
          : await collections.awards.get(awardId, SCOPE_ALL);
      return found?.award;
    },
    awardNamed: async (principal, id) => (await awards.get(principal, id)).award,
    meansOf: signingMeans({ units, seals }),
    contracts,
    units,
    blobs,
    clock,
    calendar,
    renderer,
    templates,
    inspectPdf: (pdf) => reader.inspect(pdf, admission),
    setWord: async (bytes, terms) =>
      setWord({ reading: await reader.word(bytes), bytes, fonts, ...terms }),
    checkDocument: (pdf, input) => reader.check(pdf, admission, input),
    readPages: (pdf) => reader.lines(pdf),
  });
  return {
    api: {
      awards,
      ownTemplates,
      contracts: service,
      templates: [...new Set(templates.values())],
    },
    supplements: new SupplementLedger(contracts, clock),
    timekeeper: createTimekeeper({
      contracts,
      clock,
      logger,
      intervalMs: TIMER_INTERVAL_MS,
      onPublished,
    }),
  };
}
