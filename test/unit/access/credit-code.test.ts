import { describe, expect, it } from '@jest/globals';
import { isCreditCode } from '../../../src/access/index.js';

describe('credit codes', () => {
  // Published codes of two well-known companies.
  it.each(['91350100M000100Y43', '914403001922038216'])('accepts %s', (code) => {
    expect(isCreditCode(code)).toBe(true);
  });

  it('notices every single wrong character', () => {
    const code = '91350100M000100Y43';
    for (let at = 0; at < code.length; at++) {
      const other = code.charAt(at) === '1' ? '2' : '1';
      expect(isCreditCode(code.slice(0, at) + other + code.slice(at + 1))).toBe(false);
    }
  });

  it.each(['', '91350100M000100Y4', '91350100m000100y43', '91350100I000100Y43'])(
    'refuses %s by form',
    (code) => expect(isCreditCode(code)).toBe(false),
  );
});
