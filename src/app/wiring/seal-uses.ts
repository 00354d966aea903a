/** The use of seals: rules and approvals, the book of uses, monthly statements drawn from it. */
import type { AuditLog } from '../../audit/index.js';
import { allSignatures } from '../../contract/index.js';
import type { HttpServices } from '../../http/index.js';
import type { Clock, Logger } from '../../kernel/index.js';
import {
  StatementWorker,
  createSealStatements,
  createSealUseDesk,
  createStatementDrawer,
  renderStatement,
  type SealUseDesk,
} from '../../seal/index.js';
import { SCOPE_ALL, type BlobStore } from '../../store/index.js';
import type { Resources } from '../resources.js';
import type { Collections } from '../data-folder/stores.js';

export interface SealUseParts {
  readonly collections: Pick<
    Collections,
    | 'sealUseBook'
    | 'sealUsePolicies'
    | 'sealUseRequests'
    | 'sealStatements'
    | 'sealStatementRuns'
    | 'seals'
    | 'units'
    | 'contracts'
  >;
  readonly blobs: BlobStore;
  readonly resources: Pick<Resources, 'fonts'>;
  readonly log: AuditLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after a write that left events for the relay. */
  readonly onPublished: () => void;
}

export interface SealUseRoom {
  readonly api: Pick<HttpServices, 'sealUses' | 'statements'>;
  readonly desk: SealUseDesk;
  readonly statementWorker: StatementWorker;
}

export function wireSealUses(parts: SealUseParts): SealUseRoom {
  const { collections, blobs, resources, log, clock, logger, onPublished } = parts;
  const { seals, units, contracts, sealUseBook: lines, sealStatements: statements } = collections;
  const desk = createSealUseDesk({
    lines,
    policies: collections.sealUsePolicies,
    requests: collections.sealUseRequests,
    seals,
    units,
    signedIn: async (contractId, attemptId) => {
      const contract = await contracts.get(contractId, SCOPE_ALL);
      const signatures = contract === undefined ? [] : allSignatures(contract);
      return signatures.find((each) => each.attemptId === attemptId)?.blobId;
    },
    clock,
    logger,
    onWritten: onPublished,
  });
  const { book } = desk;
  const drawer = createStatementDrawer({ book, lines, log, clock });
  return {
    api: {
      sealUses: desk,
      statements: {
        ...createSealStatements({ drawer, statements, units, blobs }),
        render: (statement) => renderStatement(statement, resources.fonts),
      },
    },
    desk,
    statementWorker: new StatementWorker({
      runs: collections.sealStatementRuns,
      statements,
      units,
      seals,
      book,
      drawer,
      blobs,
      clock,
      logger,
      onPublished,
    }),
  };
}
