import { describe, expect, it } from '@jest/globals';
import {
  OID,
  derNull,
  derOid,
  derSequence,
  readAlgorithmIdentifier,
  readElement,
  signatureMethod,
} from '../../../src/pki/index.js';

const CURVE = '1.3.36.3.3.2.8.1.1.7';

describe('algorithm identifiers', () => {
  it('of plain ECDSA may name the curve', () => {
    const element = readElement(derSequence(derOid(OID.plainEcdsaWithSha256), derOid(CURVE)));
    expect(signatureMethod(readAlgorithmIdentifier(element))).toEqual({
      padding: 'plain-ecdsa',
      digest: 'sha256',
    });
  });

  it('of ECDSA with its digest take NULL at most', () => {
    const named = (parameters: Uint8Array) =>
      readElement(derSequence(derOid(OID.ecdsaWithSha256), parameters));
    expect(() => readAlgorithmIdentifier(named(derOid(CURVE)))).toThrow(
      expect.objectContaining({ code: 'asn1-malformed' }),
    );
    expect(readAlgorithmIdentifier(named(derNull())).oid).toBe(OID.ecdsaWithSha256);
  });
});
