import { describe, expect, it } from '@jest/globals';
import { hashPassword, verifyPassword } from '../../../src/access/index.js';
import { Secret } from '../../../src/kernel/index.js';

describe('passwords', () => {
  it('verify against their hash only', async () => {
    const stored = await hashPassword(Secret.fromText('正确的口令-123'));
    expect(stored).not.toContain('正确');
    expect(await verifyPassword(Secret.fromText('正确的口令-123'), stored)).toBe(true);
    expect(await verifyPassword(Secret.fromText('正确的口令-124'), stored)).toBe(false);
    expect(await verifyPassword(Secret.fromText('正确的口令-123'), undefined)).toBe(false);
  });

  it('are salted', async () => {
    const [a, b] = await Promise.all([1, 2].map(() => hashPassword(Secret.fromText('same'))));
    expect(a).not.toBe(b);
  });

  it.each([
    '',
    'plain',
    'scrypt$32768$8$3$short$short',
    `scrypt$262144$8$3$${'a'.repeat(22)}$${'a'.repeat(43)}`,
  ])('refuse a stored hash that is not ours: %j', async (stored) => {
    await expect(verifyPassword(Secret.fromText('x'), stored)).rejects.toMatchObject({
      code: 'internal',
    });
  });
});
