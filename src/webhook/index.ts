export { createWebhookWorker } from './delivery-worker.js';
export type { WebhookWorker, WebhookWorkerOptions } from './delivery-worker.js';
export { EVENT_KINDS, WEBHOOKS, WEBHOOK_DELIVERIES } from './record.js';
export type {
  DeliveryAttempt,
  WebhookDelivery,
  WebhookDeliveryIndex,
  WebhookIndex,
  WebhookRecord,
} from './record.js';
export type { SecretBox } from './secret-box.js';
export { createWebhookService } from './webhook-service.js';
export type {
  NewWebhook,
  WebhookChange,
  WebhookService,
  WebhookServiceOptions,
  WebhookWithSecret,
} from './webhook-service.js';
