/** Webhooks: subscriptions, and deliveries through the guarded fetch. */
import { join } from 'node:path';
import type { Config } from '../../config/index.js';
import type { Clock, FaultHook, Logger } from '../../kernel/index.js';
import { asStandardFetch } from '../../trust/http/index.js';
import {
  createWebhookService,
  createWebhookWorker,
  type WebhookService,
  type WebhookWorker,
} from '../../webhook/index.js';
import { secretBox } from '../data-folder/keys.js';
import type { Outgoing } from '../outgoing.js';
import type { Collections } from '../data-folder/stores.js';

export interface WebhookParts {
  readonly config: Pick<Config, 'dataDirectory' | 'environment'>;
  readonly collections: Pick<Collections, 'webhooks' | 'webhookDeliveries'>;
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: FaultHook;
  /** Called after a write that left events for the relay. */
  readonly onPublished: () => void;
}

export interface WebhookRoom {
  readonly service: WebhookService;
  readonly worker: WebhookWorker;
}

/** @throws AppError `config-invalid` where the key of kept secrets cannot be read */
export function wireWebhooks(parts: WebhookParts): WebhookRoom {
  const { config, collections, clock, logger, faults, onPublished } = parts;
  const { webhooks, webhookDeliveries: deliveries } = collections;
  const secrets = secretBox(join(config.dataDirectory, 'keys', 'webhooks.key'));
  const worker = createWebhookWorker({
    webhooks,
    deliveries,
    secrets,
    fetchFn: asStandardFetch(parts.outgoing.fetch),
    clock,
    logger,
    faults,
    onPublished,
  });
  const service = createWebhookService({
    webhooks,
    deliveries,
    secrets,
    allowsHttp: config.environment === 'development',
    clock,
    onPublished: () => {
      onPublished();
      worker.kick();
    },
  });
  return { service, worker };
}
