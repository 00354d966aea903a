/** Audit events of accounts and units. */
import type { AuditActor, AuditEvent } from '../audit/index.js';
import { newId, toRfc3339 } from '../kernel/index.js';
import { ACCOUNTS, type AccountRecord } from './account-record.js';
import { UNITS, type UnitRecord } from './unit-record.js';

export interface AccessEventFacts {
  readonly what: string;
  readonly actor: AuditActor;
  readonly at: Date;
  readonly details?: AuditEvent['details'];
  readonly requestId?: string | undefined;
}

export function accountEvent(account: AccountRecord, facts: AccessEventFacts): AuditEvent {
  return eventOf('account', account.id, ACCOUNTS.scopeKeys(account), facts);
}

export function unitEvent(unit: UnitRecord, facts: AccessEventFacts): AuditEvent {
  return eventOf('unit', unit.id, UNITS.scopeKeys(unit), facts);
}

function eventOf(
  kind: string,
  id: string,
  scopeKeys: readonly string[],
  facts: AccessEventFacts,
): AuditEvent {
  return {
    id: newId('evt'),
    at: toRfc3339(facts.at),
    type: `${kind}.${facts.what}`,
    actor: facts.actor,
    subject: { kind, id },
    scopeKeys,
    details: facts.details ?? {},
    ...(facts.requestId === undefined ? {} : { requestId: facts.requestId }),
  };
}
