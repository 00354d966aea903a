import { expect, it } from '@jest/globals';
import { UploadMemory } from '../../../src/http/upload-memory.js';

it('bounds what all uploads hold together, and gives back what one held', () => {
  const memory = new UploadMemory(100);
  const [first, second] = [memory.open(), memory.open()];
  first.take(60);
  second.take(40);
  expect(() => second.take(1)).toThrow(expect.objectContaining({ code: 'unavailable' }));
  first.release();
  first.release();
  expect(memory.heldBytes).toBe(40);
  second.take(60);
  second.release();
  expect(memory.heldBytes).toBe(0);
});
