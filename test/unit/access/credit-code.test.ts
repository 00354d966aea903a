import { describe, expect, it } from '@jest/globals';
import {
  checkCharacter,
  creditCodeDoubts,
  creditCodeFault,
  isCreditCode,
} from '../../../src/access/index.js';

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

  it.each([
    ['91350100M000100Y4', { kind: 'length', length: 17 }],
    ['91350100M000100Y433', { kind: 'length', length: 19 }],
    ['9135O100M000100Y43', { kind: 'character', position: 5, character: 'O' }],
    ['913501A0M000100Y43', { kind: 'character', position: 7, character: 'A' }],
    ['91350100M000１00Y43', { kind: 'character', position: 13, character: '１' }],
    ['91350100M000100Y34', { kind: 'check' }],
  ])('says what is wrong with %s', (code, fault) => {
    expect(creditCodeFault(code)).toEqual(fault);
  });

  const withCheck = (body: string) => body + checkCharacter(body);

  it.each([
    [withCheck('91350100M000100Y4'), []],
    [withCheck('12100000400000000'), ['organisation']],
    [withCheck('94350100M000100Y4'), ['department']],
    [withCheck('B1350100M000100Y4'), ['department']],
    [withCheck('91010100M000100Y4'), ['region']],
    [withCheck('91350100M000100Y5'), ['organisation']],
  ])('doubts of %s: %j', (code, doubts) => {
    expect(isCreditCode(code)).toBe(true);
    expect(creditCodeDoubts(code)).toEqual(doubts);
  });
});
