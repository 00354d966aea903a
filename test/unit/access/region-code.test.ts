import { describe, expect, it } from '@jest/globals';
import { regionCodeFault } from '../../../src/access/index.js';

describe('region codes', () => {
  it.each(['370000', '370100', '370102', '110101', '429004', '990100'])('accepts %s', (code) => {
    expect(regionCodeFault(code)).toBeUndefined();
  });

  it.each([
    ['37010', 'digits'],
    ['3701021', 'digits'],
    ['３７0102', 'digits'],
    ['370002', 'level'],
    ['010100', 'province'],
    ['200000', 'province'],
  ])('finds the fault of %s: %s', (code, fault) => {
    expect(regionCodeFault(code)).toBe(fault);
  });
});
