/** Which receipts count, and on whose word. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { proveReceipt, signReceipt, type Receipt } from '../../../src/filing/index.js';
import { isAppError } from '../../../src/kernel/index.js';

const ED25519 = generateKeyPairSync('ed25519');
const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEYS: ReadonlyMap<string, KeyObject> = new Map([
  ['ed', ED25519.publicKey],
  ['ec', P256.publicKey],
]);
const RECEIPT: Receipt = {
  filingNumber: '2026-370102-000001',
  documentSha256: 'ab'.repeat(32),
  packageSha256: 'cd'.repeat(32),
  receivedAt: '2026-11-23T08:00:00Z',
};
const STRICT = { keys: KEYS, acceptsUnsigned: false };
const LAX = { keys: KEYS, acceptsUnsigned: true };
const sign = (keyId: 'ed' | 'ec' = 'ed', receipt = RECEIPT, filingId = 'fil_1'): string =>
  signReceipt(filingId, receipt, {
    keyId,
    privateKey: keyId === 'ed' ? ED25519.privateKey : P256.privateKey,
  });
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function reasonOf(receipt: Receipt, terms = STRICT): unknown {
  try {
    proveReceipt('fil_1', receipt, terms);
  } catch (error) {
    if (isAppError(error, 'filing-receipt-invalid')) return error.params['reason'];
    throw error;
  }
  return undefined;
}

describe('a receipt', () => {
  it.each(['ed', 'ec'] as const)('counts when it is signed by %s, and keeps the bytes', (keyId) => {
    const jws = sign(keyId);
    expect(proveReceipt('fil_1', { ...RECEIPT, jws }, STRICT)).toEqual({
      ...RECEIPT,
      signature: { keyId, jws },
    });
  });

  it('says what is signed of the package also where the answer leaves it out', () => {
    const { packageSha256, ...plain } = RECEIPT;
    expect(proveReceipt('fil_1', { ...plain, jws: sign() }, STRICT)).toMatchObject({
      packageSha256,
    });
  });

  it('counts unsigned only where the terms say so', () => {
    expect(reasonOf(RECEIPT)).toBe('unsigned');
    expect(proveReceipt('fil_1', RECEIPT, LAX)).toEqual(RECEIPT);
  });

  it.each<[string, Partial<Receipt>]>([
    ['another number', { filingNumber: 'x' }],
    ['another document', { documentSha256: '00'.repeat(32) }],
    ['another package', { packageSha256: '00'.repeat(32) }],
    ['another time', { receivedAt: '2026-11-23T08:00:01Z' }],
  ])('does not count when the signature is over %s', (_, change) => {
    expect(reasonOf({ ...RECEIPT, ...change, jws: sign() }, LAX)).toBe('signed-otherwise');
  });

  it('does not count for another filing', () => {
    const jws = sign('ed', RECEIPT, 'fil_2');
    expect(reasonOf({ ...RECEIPT, jws }, LAX)).toBe('signed-otherwise');
  });

  it('is refused with a false signature even where unsigned ones count', () => {
    const [header = '', payload = '', signature = ''] = sign().split('.');
    const stranger = signReceipt('fil_1', RECEIPT, {
      keyId: 'ed',
      privateKey: generateKeyPairSync('ed25519').privateKey,
    });
    for (const jws of [
      stranger,
      '',
      'x',
      '..',
      `${header}.${payload}.`,
      `${header}.${payload}.${signature}.`,
      `${header}.${payload}.${signature}=`,
      // A key's own algorithm is the only one: no `none`, no confusion of kinds.
      `${part({ alg: 'none', kid: 'ed', typ: 'filing-receipt+jws' })}.${payload}.`,
      `${part({ alg: 'ES256', kid: 'ed', typ: 'filing-receipt+jws' })}.${payload}.${signature}`,
      `${part({ alg: 'EdDSA', kid: 'nobody', typ: 'filing-receipt+jws' })}.${payload}.${signature}`,
      // What the service signs elsewhere, and what demands an extension.
      `${part({ alg: 'EdDSA', kid: 'ed', typ: 'seal-status+jwt' })}.${payload}.${signature}`,
      `${part({ alg: 'EdDSA', kid: 'ed', typ: 'filing-receipt+jws', crit: ['b64'] })}.${payload}.${signature}`,
    ]) {
      expect([jws, reasonOf({ ...RECEIPT, jws }, LAX)]).toEqual([jws, 'signature']);
    }
  });

  it('survives no change of any byte of the signature', () => {
    const jws = sign();
    fc.assert(
      fc.property(
        fc.nat(jws.length - 1),
        fc.constantFrom('A', 'b', '9', '-', '.'),
        (at, letter) => {
          const changed = jws.slice(0, at) + letter + jws.slice(at + 1);
          fc.pre(changed !== jws);
          expect(['signature', 'signed-otherwise']).toContain(
            reasonOf({ ...RECEIPT, jws: changed }, LAX),
          );
        },
      ),
    );
  });
});
