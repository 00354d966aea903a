/** What supervisors and the public see, made from the audit log's events. */
import type { Config } from '../../config/index.js';
import type { Clock, Logger } from '../../kernel/index.js';
import {
  SupervisionProjector,
  createSupervision,
  type Supervision,
} from '../../supervision/index.js';
import type { Resources } from '../resources.js';
import type { Collections } from '../data-folder/stores.js';

export interface SupervisionParts {
  readonly config: Pick<Config, 'publication' | 'publicUrl'>;
  readonly collections: Pick<
    Collections,
    'overviews' | 'dues' | 'totals' | 'projections' | 'auditEntries' | 'contracts'
  >;
  readonly resources: Pick<Resources, 'calendar'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SupervisionRoom {
  readonly api: Supervision;
  readonly projector: SupervisionProjector;
}

/** How often what supervisors see follows the audit log. */
const PROJECTION_INTERVAL_MS = 2000;

export function wireSupervision(parts: SupervisionParts): SupervisionRoom {
  const { config, collections, resources, clock, logger } = parts;
  return {
    api: createSupervision({
      ...collections,
      clock,
      ...config.publication,
      publicUrl: config.publicUrl,
    }),
    projector: new SupervisionProjector({
      ...collections,
      calendar: resources.calendar,
      clock,
      logger,
      intervalMs: PROJECTION_INTERVAL_MS,
    }),
  };
}
