/** Units with a seal each, in pairs that make contracts with each other; spread over a province. */
import { isCreditCode, type UnitRecord } from '../../../src/access/index.js';
import type { SealRecord } from '../../../src/seal/index.js';
import type { SampleWay } from './sample-way.js';

export interface Party {
  readonly unit: UnitRecord;
  readonly seal: SealRecord;
  /** Of its book of seal uses. */
  lineNumber: number;
  lineHash: string;
}

export interface Pair {
  readonly buyer: Party;
  readonly supplier: Party;
}

const CITIES = 16;
const COUNTIES = 10;
const PROVINCE = '99';
const CHECK_CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** A region of the sample's province that the sample itself is not in. */
function regionOf(at: number): string {
  const city = String(2 + (at % CITIES)).padStart(2, '0');
  const county = String(1 + (Math.floor(at / CITIES) % COUNTIES)).padStart(2, '0');
  return `${PROVINCE}${city}${county}`;
}

function creditCode(start: string, at: number): string {
  const body = `${start}${regionOf(at)}MC${String(at).padStart(7, '0')}`;
  for (const character of CHECK_CHARACTERS) {
    if (isCreditCode(`${body}${character}`)) return `${body}${character}`;
  }
  throw new Error('no check character fits');
}

export function pairsOf(sample: SampleWay, count: number): readonly Pair[] {
  const party = (
    at: number,
    unit: UnitRecord,
    seal: SealRecord,
    kind: 'buyer' | 'supplier',
  ): Party => {
    const name = `${String(at).padStart(12, '0')}${kind === 'buyer' ? 'b' : 's'}`.padStart(26, '0');
    const id = `unit_${name}`;
    const regionCode = regionOf(at);
    return {
      unit: {
        ...unit,
        id,
        version: 1,
        regionCode,
        name: `${unit.name}${at}`,
        creditCode: creditCode(kind === 'buyer' ? '11' : '91', at),
      },
      seal: {
        ...seal,
        id: `seal_${name}`,
        version: 1,
        unitId: id,
        regionCode,
        code: `${regionCode}${kind === 'buyer' ? '1' : '2'}${String(at).padStart(6, '0')}`,
      },
      lineNumber: 0,
      lineHash: '',
    };
  };
  return Array.from({ length: count }, (_, at) => ({
    buyer: party(at, sample.buyer, sample.buyerSeal, 'buyer'),
    supplier: party(at, sample.supplier, sample.supplierSeal, 'supplier'),
  }));
}
