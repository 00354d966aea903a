/** The parties of a contract, looked up in the register of units by what the data say. */
import type { UnitIndex, UnitRecord } from '../../access/index.js';
import { AppError } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../../store/index.js';
import type { ContractData } from '../contract-data.js';
import type { ContractParty, PartyDuties, PartyRole } from '../record.js';

export type UnitRegister = Pick<Collection<UnitRecord, UnitIndex>, 'get' | 'getBy'>;

/**
 * Supplier and buyer, in the order in which they sign.
 *
 * @param first - Who signs first; `any`: either.
 * @throws AppError `contract-data-invalid` where a unit is not registered, or under another name
 */
export async function partiesOf(
  units: UnitRegister,
  data: ContractData,
  first: PartyRole | 'any',
): Promise<readonly ContractParty[]> {
  return Promise.all(
    (['supplier', 'buyer'] as const).map(async (role) => {
      const unit = await unitOf(units, role, data[role].creditCode);
      if (unit.name !== data[role].name) {
        throw new AppError('contract-data-invalid', `the ${role}'s name is not the unit's`, {
          params: { errors: [`#/${role}/name: 与登记名称“${unit.name}”不一致`] },
        });
      }
      return {
        role,
        unitId: unit.id,
        name: unit.name,
        creditCode: unit.creditCode,
        order: first === 'any' || role === first ? 1 : 2,
      };
    }),
  );
}

export function withDuties(
  parties: readonly ContractParty[],
  duties: PartyDuties,
): readonly ContractParty[] {
  return parties.map((party) => {
    const own = duties[party.role];
    return own === undefined ? party : { ...party, duties: [...new Set(own)] };
  });
}

/** The duties that `withDuties` gave. */
export function dutiesOf(parties: readonly ContractParty[]): PartyDuties {
  return Object.fromEntries(
    parties.flatMap(({ role, duties }) => (duties === undefined ? [] : [[role, duties]])),
  );
}

/** `parties` with the duties and the agent that each had `before`, where it is the same unit. */
export function withDutiesOf(
  parties: readonly ContractParty[],
  before: readonly ContractParty[],
): readonly ContractParty[] {
  return parties.map((party) => {
    const same = before.find(({ role, unitId }) => role === party.role && unitId === party.unitId);
    return {
      ...party,
      ...(same?.duties === undefined ? {} : { duties: same.duties }),
      ...(same?.agent === undefined ? {} : { agent: same.agent }),
    };
  });
}

/** Who signs first, as the orders of `parties` say it. */
export function firstSignerOf(parties: readonly ContractParty[]): PartyRole | 'any' {
  const [first, second] = [...parties].sort((a, b) => a.order - b.order);
  if (first === undefined || first.order === second?.order) return 'any';
  return first.role;
}

async function unitOf(
  units: UnitRegister,
  role: PartyRole,
  creditCode: string,
): Promise<UnitRecord> {
  // The counterparty is in nobody's scope but its own; it is looked up by the code both parties know.
  const unit = await units.getBy('creditCode', creditCode, SCOPE_ALL);
  if (unit !== undefined) return unit;
  throw new AppError('contract-data-invalid', `the ${role} is not registered`, {
    params: { errors: [`#/${role}/creditCode: 单位尚未注册`] },
  });
}
