/** Where the parties seal, on paper and in the file: a place and an empty signature field for each seal. */
import type { SignaturePlace } from '../../typesetting/index.js';
import type { PartyRole, SigningDuty } from '../record.js';

interface FieldRow {
  readonly name: string;
  readonly description: string;
}

/** Names of the empty fields of a document that was made from a template. */
const SIGNATURE_FIELDS = {
  buyer: {
    'unit-seal': { name: 'Buyer', description: '甲方（采购人）盖章处' },
    'legal-representative': {
      name: 'BuyerRepresentative',
      description: '甲方法定代表人（负责人）签章处',
    },
  },
  supplier: {
    'unit-seal': { name: 'Supplier', description: '乙方（供应商）盖章处' },
    'legal-representative': {
      name: 'SupplierRepresentative',
      description: '乙方法定代表人（负责人）签章处',
    },
  },
} as const satisfies Record<PartyRole, Record<SigningDuty, FieldRow>>;

/** The field that a party's signature goes into, where the document has it. */
export function signatureFieldName(role: PartyRole, duty: SigningDuty): string {
  return SIGNATURE_FIELDS[role][duty].name;
}

export function signaturePlaces(
  role: PartyRole,
  duties: readonly SigningDuty[] = ['unit-seal'],
): readonly SignaturePlace[] {
  return duties.map((duty) => ({
    key: `${role}/${duty}`,
    size: duty === 'unit-seal' ? 'unit' : 'person',
    field: SIGNATURE_FIELDS[role][duty],
  }));
}
