/** Audit events of accounts and units. */
import { recordEvent, type AuditEvent, type EventFacts } from '../audit/index.js';
import { ACCOUNTS, type AccountRecord } from './account-record.js';
import { UNITS, type UnitRecord } from './unit-record.js';

export function accountEvent(account: AccountRecord, facts: EventFacts): AuditEvent {
  return recordEvent({ kind: 'account', id: account.id }, ACCOUNTS.scopeKeys(account), facts);
}

export function unitEvent(unit: UnitRecord, facts: EventFacts): AuditEvent {
  return recordEvent({ kind: 'unit', id: unit.id }, UNITS.scopeKeys(unit), facts);
}
