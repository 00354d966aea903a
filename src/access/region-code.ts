/** Codes of administrative divisions (行政区划代码): province, city and county, two digits each. */

/** Provinces, autonomous regions, municipalities, Taiwan, Hong Kong and Macao. @see GB/T 2260-2007 */
const PROVINCES = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82'.split(
    ' ',
  ),
);
/** Never assigned: examples and training are at home here. */
const EXAMPLES = '99';

/** Why a text is no region code: its form, a county without a city, or a province that does not exist. */
export type RegionCodeFault = 'digits' | 'level' | 'province';

export function regionCodeFault(code: string): RegionCodeFault | undefined {
  if (!/^[0-9]{6}$/.test(code)) return 'digits';
  if (code.slice(2, 4) === '00' && code.slice(4) !== '00') return 'level';
  return isAssignedProvince(code.slice(0, 2)) ? undefined : 'province';
}

/** @param digits - The first two of a region code */
export function isAssignedProvince(digits: string): boolean {
  return PROVINCES.has(digits) || digits === EXAMPLES;
}
