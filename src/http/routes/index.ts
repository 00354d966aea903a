/** Every route of the API, in the order of the documentation. */
import type { Route } from '../route.js';
import type { HttpServices } from '../services.js';
import { accessRoutes } from './access.js';
import { accountRoutes } from './accounts.js';
import { announcementRoutes } from './announcements.js';
import { auditRoutes } from './audit.js';
import { awardRoutes } from './awards.js';
import { contractFlowRoutes } from './contract-flow.js';
import { contractRoutes } from './contracts.js';
import { deadlineRoutes } from './deadlines.js';
import { exportRoutes } from './exports.js';
import { evidenceRoutes } from './evidence.js';
import { filingRoutes } from './filings.js';
import { filingWorkItemRoutes } from './filing-work-items.js';
import { ownTemplateRoutes } from './own-templates.js';
import { publicSealRoutes } from './public-seals.js';
import { reconciliationRoutes } from './reconciliations.js';
import { sealStatementRoutes } from './seal-statements.js';
import { sealUseRoutes } from './seal-uses.js';
import { sealApplicationImportRoutes } from './seal-application-imports.js';
import { sealApplicationRoutes } from './seal-applications.js';
import { sealRoutes } from './seals.js';
import { signingBatchRoutes } from './signing-batches.js';
import { signingRoutes } from './signing.js';
import { statisticsRoutes } from './statistics.js';
import { templateRoutes } from './templates.js';
import { tokenRoutes } from './tokens.js';
import { unitRoutes } from './units.js';
import { verificationRoutes } from './verifications.js';
import { webhookRoutes } from './webhooks.js';

export function declaredRoutes(services: HttpServices): readonly Route[] {
  return [
    ...accessRoutes(services),
    ...accountRoutes(services),
    ...unitRoutes(services),
    ...tokenRoutes(services),
    ...sealApplicationImportRoutes(services),
    ...sealApplicationRoutes(services),
    ...sealRoutes(services),
    ...sealUseRoutes(services),
    ...sealStatementRoutes(services),
    ...publicSealRoutes(services),
    ...templateRoutes(services),
    ...ownTemplateRoutes(services),
    ...awardRoutes(services),
    ...contractRoutes(services),
    ...contractFlowRoutes(services),
    ...signingRoutes(services),
    ...signingBatchRoutes(services),
    // Before `/filings/{id}`.
    ...filingWorkItemRoutes(services),
    ...reconciliationRoutes(services),
    ...filingRoutes(services),
    ...deadlineRoutes(services),
    ...statisticsRoutes(services),
    ...exportRoutes(services),
    ...webhookRoutes(services),
    ...evidenceRoutes(services),
    ...announcementRoutes(services),
    ...verificationRoutes(services),
    ...auditRoutes(services),
  ];
}
