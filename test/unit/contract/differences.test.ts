import { describe, expect, it } from '@jest/globals';
import { fieldDifferences, pageDifferences } from '../../../src/contract/differences.js';
import { sampleContract } from './sample.js';

describe('differences', () => {
  it('name each field by its pointer, new and gone ones too', () => {
    const before = sampleContract(2);
    const [first] = before.items;
    const plain = { ...first! };
    Reflect.deleteProperty(plain, 'brand');
    const after = { ...before, title: '新名称', items: [{ ...plain, quantity: 11 }] };
    const found = fieldDifferences(before, after);
    expect(found.slice(0, 1)).toEqual([
      { pointer: '#/title', before: before.title, after: '新名称' },
    ]);
    expect(found).toContainEqual({ pointer: '#/items/0/quantity', before: 10, after: 11 });
    expect(found).toContainEqual({ pointer: '#/items/0/brand', before: '示例' });
    expect(found.some(({ pointer }) => pointer.startsWith('#/items/1/'))).toBe(true);
    expect(fieldDifferences(before, before)).toEqual([]);
  });

  it('name the lines a page has lost and gained, and nothing that only moved', () => {
    expect(
      pageDifferences([['a', 'b', 'b'], ['same'], ['last']], [['b', 'a', 'c'], ['same']]),
    ).toEqual([
      { page: 1, removed: ['b'], added: ['c'] },
      { page: 3, removed: ['last'], added: [] },
    ]);
  });
});
