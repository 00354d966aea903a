/** What happened to a contract, oldest first, from what its record keeps. */
import type { Contract, PartyRole } from '../api/contract.js';
import type { ContractTexts } from '../text/contracts/zh.js';

export interface ContractEvent {
  readonly at: string;
  readonly text: string;
}

export function eventsOf(contract: Contract, texts: ContractTexts): readonly ContractEvent[] {
  const { times, event } = { times: contract.times, event: texts.event };
  const unit = (unitId: string): string =>
    contract.parties.find((party) => party.unitId === unitId)?.name ?? texts.roles.buyer;
  const roles = (all: readonly PartyRole[]): string =>
    all.map((role) => texts.roles[role]).join(texts.listJoin);
  const once = (at: string | null, text: string): readonly ContractEvent[] =>
    at === null ? [] : [{ at, text }];
  const all = [
    ...once(times.createdAt, event.created),
    ...once(times.sentAt, event.sent),
    ...once(times.confirmedAt, event.confirmed),
    ...contract.signatures.map(({ signedAt: at, role, duty }) => ({
      at,
      text: event.signed(texts.roles[role], texts.duties[duty]),
    })),
    ...once(times.signedAt, event.concluded),
    ...once(times.announcedAt, event.announced),
    ...once(times.filedAt, event.filed),
    ...contract.earlierVersions.map(({ number, endedAt: at }) => ({
      at,
      text: event.changed(number),
    })),
    ...contract.returns.map(({ at, unitId, kind, reason }) => ({
      at,
      text: event[kind](unit(unitId), reason),
    })),
    ...contract.voidConsents.map(({ at, unitId, reason }) => ({
      at,
      text: event.voidAgreed(unit(unitId), reason),
    })),
    ...contract.terminationConsents.map(({ at, unitId, reason }) => ({
      at,
      text: event.terminationAgreed(unit(unitId), reason),
    })),
    ...contract.reminders.map(({ at, roles: reminded }) => ({
      at,
      text: event.reminded(roles(reminded)),
    })),
    ...(contract.frozen === null
      ? []
      : once(contract.frozen.at, event.frozen(contract.frozen.reason))),
    ...once(times.endedAt, event.ended),
  ];
  // Instants of one format sort as text; equal ones stay in the order of the way.
  return all.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
