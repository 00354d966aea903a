/** A template that a unit, or a region for all its units, brings along: one record for each version, which never changes. */
import { regionKeys, unitKey } from '../../access/index.js';
import { pendingSince, type AuditEvent, type EventCarrier } from '../../audit/index.js';
import type { CollectionSpec } from '../../store/index.js';
import { templateKey, type ContractTemplate } from '../template.js';

/** `draft` until somebody activates it; only an active one makes new contracts. */
export const OWN_TEMPLATE_STATES = ['draft', 'active', 'retired'] as const;
export type OwnTemplateState = (typeof OWN_TEMPLATE_STATES)[number];

/** Whose it is: of one unit, or of a region and every unit below it. */
export type TemplateOwner = { readonly unitId: string } | { readonly regionCode: string };

export interface OwnTemplateRecord extends EventCarrier {
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  readonly owner: TemplateOwner;
  /** Of the unit, or the region itself. */
  readonly regionCode: string;
  readonly template: ContractTemplate;
  /** Contract data that it was tried with when it was handed in. */
  readonly sample: Readonly<Record<string, unknown>>;
  readonly state: OwnTemplateState;
  readonly createdAt: string;
  readonly pendingEvents: readonly AuditEvent[];
}

export type OwnTemplateIndex = 'key' | 'newest' | 'owner' | 'pendingSince';

export function ownerKey(owner: TemplateOwner): string {
  return 'unitId' in owner ? unitKey(owner.unitId) : `region:${owner.regionCode}`;
}

/** Owners whose templates a unit of `regionCode` may use, the nearest first. */
export function ownersFor(unitId: string, regionCode: string): readonly string[] {
  return [unitKey(unitId), ...ownersAbove(regionCode)];
}

/** The region itself, its city and its province. */
export function ownersAbove(regionCode: string): readonly string[] {
  const above = [regionCode, `${regionCode.slice(0, 4)}00`, `${regionCode.slice(0, 2)}0000`];
  return [...new Set(above)].map((code) => `region:${code}`);
}

/** Sorts as numbers do: versions have four digits at most. */
function versionText(version: number): string {
  return String(version).padStart(4, '0');
}

export const OWN_TEMPLATES: CollectionSpec<OwnTemplateRecord, OwnTemplateIndex> = {
  name: 'own-templates',
  indexes: {
    key: {
      of: ({ owner, template }) => `${ownerKey(owner)}/${templateKey(template)}`,
      unique: true,
    },
    /** Of the active ones. */
    newest: {
      of: ({ owner, template, state }) =>
        state === 'active'
          ? `${ownerKey(owner)}/${template.id}/${versionText(template.version)}`
          : undefined,
    },
    owner: { of: ({ owner }) => ownerKey(owner) },
    pendingSince: { of: pendingSince },
  },
  scopeKeys: ({ owner, regionCode }) => [
    ...('unitId' in owner ? [unitKey(owner.unitId)] : []),
    ...regionKeys(regionCode),
  ],
};
