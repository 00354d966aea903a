import { describe, expect, it } from '@jest/globals';
import {
  regionKeys,
  scopeOf,
  scopeWithin,
  unitKey,
  type Principal,
  type Role,
} from '../../../src/access/index.js';
import { SCOPE_ALL, type Scope } from '../../../src/store/index.js';

function principal(roles: readonly Role[], more: Partial<Principal> = {}): Principal {
  return {
    accountId: 'acc_1',
    roles,
    unitId: undefined,
    regionCode: undefined,
    certificateSha256: undefined,
    requestId: undefined,
    ...more,
  };
}

/** Whether a reader's scope meets a record's keys, as every store adapter asks. */
function reaches(reader: Principal, keys: readonly string[]): boolean {
  const scope = scopeOf(reader);
  return scope.kind === 'all' || scope.keys.some((key) => keys.includes(key));
}

describe('scopeOf', () => {
  const record = [unitKey('unit_1'), ...regionKeys('370102')];

  it.each<[string, Principal, boolean]>([
    ['the unit itself', principal(['unit-handler'], { unitId: 'unit_1' }), true],
    ['another unit', principal(['unit-handler'], { unitId: 'unit_2' }), false],
    ['a unit of the region', principal(['unit-handler'], { regionCode: '370102' }), false],
    ['nobody in particular', principal([]), false],
    ['the county', principal(['supervisor'], { regionCode: '370102' }), true],
    ['the city', principal(['supervisor'], { regionCode: '370100' }), true],
    ['the province', principal(['supervisor'], { regionCode: '370000' }), true],
    ['another county', principal(['supervisor'], { regionCode: '370103' }), false],
    ['another city', principal(['supervisor'], { regionCode: '370200' }), false],
    ['another province', principal(['supervisor'], { regionCode: '330000' }), false],
    ['the auditor of the installation', principal(['auditor']), true],
    ['an auditor of the city', principal(['auditor'], { regionCode: '370100' }), true],
    ['an auditor of another city', principal(['auditor'], { regionCode: '370200' }), false],
  ])('reaches a record of 370102: %s → %#', (_name, reader, expected) => {
    expect(reaches(reader, record)).toBe(expected);
  });

  it('does not take a county of the city number for the city', () => {
    expect(reaches(principal(['supervisor'], { regionCode: '370102' }), regionKeys('370100'))).toBe(
      false,
    );
  });
});

describe('scopeWithin', () => {
  const keys = (...of: readonly string[]) => ({ kind: 'keys', keys: of }) as const;

  it.each<[string, Scope, string, Scope]>([
    ['everything', SCOPE_ALL, '370102', keys('region:370102')],
    ['the province', keys('region:37'), '370100', keys('region:3701')],
    ['the region itself', keys('region:3701'), '370100', keys('region:3701')],
    ['a county of it', keys('region:370102'), '370100', keys('region:370102')],
    ['another city', keys('region:3702'), '370100', keys()],
    ['a unit', keys('unit:u'), '370100', { ...keys('unit:u'), within: 'region:3701' }],
    [
      'a unit and a province',
      keys('unit:u', 'region:37'),
      '370100',
      { ...keys('unit:u', 'region:3701'), within: 'region:3701' },
    ],
  ])('who reads %s', (_name, scope, regionCode, expected) => {
    expect(scopeWithin(scope, regionCode)).toEqual(expected);
  });
});
