import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digestBytes, isAppError } from '../../../src/kernel/index.js';
import {
  buildTimestampRefusal,
  buildTimestampRequest,
  buildTimestampResponse,
  buildTimestampToken,
  checkTimestamp,
  extendedKeyUsageExtension,
  OID,
  parseTimestampRequest,
  parseTimestampResponse,
  parseTimestampToken,
  type TimestampExpectation,
  type TimestampTokenInput,
} from '../../../src/pki/index.js';
import { DAY, NOW, testAuthority, testLeaf, type TestAuthority } from './test-pki.js';

const root = await testAuthority('CN=Root');
const purpose = extendedKeyUsageExtension([OID.timeStamping], true);
const tsa = await testLeaf('CN=TSA', root, { further: [purpose] });
const imprint = digestBytes('sha256', Uint8Array.of(1));
const nonce = Uint8Array.of(0, 0x80, 1, 2, 3, 4, 5, 6);

function token(
  by: TestAuthority = tsa,
  change: Partial<TimestampTokenInput> = {},
): Promise<Uint8Array> {
  return buildTimestampToken({
    digest: imprint,
    digestAlgorithm: 'sha256',
    policyOid: '1.2.3.4',
    serialHex: '0102',
    generatedAt: new Date(NOW.getTime() + 250),
    accuracyMillis: 1500,
    nonceHex: parseTimestampRequest(
      buildTimestampRequest({ digest: imprint, digestAlgorithm: 'sha256', nonce }),
    ).nonceHex,
    certificateDer: by.certificate.der,
    scheme: by.key.scheme,
    sign: by.key.sign,
    ...change,
  });
}

const expectation: TimestampExpectation = { imprint, nonce, policyOid: '1.2.3.4' };

async function findings(
  made: Promise<Uint8Array>,
  change: Partial<TimestampExpectation> = {},
): Promise<readonly string[]> {
  const check = checkTimestamp(parseTimestampToken(await made), { ...expectation, ...change });
  expect(check.isSound).toBe(check.findings.length === 0);
  return check.findings;
}

describe('time-stamps', () => {
  it('round-trip request, token and response', async () => {
    const request = parseTimestampRequest(
      buildTimestampRequest({
        digest: imprint,
        digestAlgorithm: 'sha256',
        nonce,
        policyOid: '1.2.3.4',
      }),
    );
    expect(request).toEqual({
      imprint: { digestAlgorithm: 'sha256', digest: imprint },
      policyOid: '1.2.3.4',
      nonceHex: '80010203040506',
      wantsCertificate: true,
      unknownCritical: [],
    });
    const made = await token();
    const response = parseTimestampResponse(buildTimestampResponse(made));
    expect(response).toEqual({ status: 'granted', statusText: '', failures: [], tokenDer: made });
    expect(parseTimestampToken(made).tstInfo).toMatchObject({
      policyOid: '1.2.3.4',
      serialHex: '0102',
      generatedAt: new Date(NOW.getTime() + 250),
      accuracyMicros: 1_500_000,
    });
    expect(await findings(Promise.resolve(made))).toEqual([]);
  });

  it('reads a refusal', () => {
    const response = parseTimestampResponse(
      buildTimestampRefusal('rejection', 'bad-alg', '不支持'),
    );
    expect(response).toEqual({
      status: 'rejection',
      statusText: '不支持',
      failures: ['bad-alg'],
      tokenDer: undefined,
    });
  });

  it('finds what is not as asked for', async () => {
    expect(await findings(token(), { imprint: new Uint8Array(32) })).toEqual(['imprint-mismatch']);
    expect(await findings(token(), { nonce: Uint8Array.of(1) })).toEqual(['nonce-mismatch']);
    expect(await findings(token(tsa, { nonceHex: undefined }))).toEqual(['nonce-mismatch']);
    expect(await findings(token(), { policyOid: '1.2.3.5' })).toEqual(['policy-mismatch']);
  });

  it('finds a signer that may not stamp', async () => {
    const notCritical = await testLeaf('CN=TSA', root, {
      further: [extendedKeyUsageExtension([OID.timeStamping])],
    });
    const twoPurposes = await testLeaf('CN=TSA', root, {
      further: [extendedKeyUsageExtension([OID.timeStamping, OID.clientAuth], true)],
    });
    const plain = await testLeaf('CN=TSA', root);
    for (const by of [notCritical, twoPurposes, plain]) {
      expect(await findings(token(by))).toEqual(['extended-key-usage']);
    }
    const late = token(tsa, { generatedAt: new Date(NOW.getTime() + 400 * DAY) });
    expect(await findings(late)).toEqual(['certificate-not-valid-then']);
  });

  it('needs the certificate from somewhere', async () => {
    const bare = token(tsa, { sendsCertificates: false });
    expect(await findings(bare)).toEqual(['certificate-missing']);
    expect(await findings(bare, { certificates: [tsa.certificate] })).toEqual([]);
  });

  it('ends in timestamp-malformed or a finding for every mutation of the content', async () => {
    const made = await token();
    const { tstInfoDer } = parseTimestampToken(made);
    const start = tstInfoDer.byteOffset - made.byteOffset;
    fc.assert(
      fc.property(fc.nat(tstInfoDer.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = made.slice();
        bytes[start + at]! ^= flip;
        try {
          expect(checkTimestamp(parseTimestampToken(bytes), expectation).isSound).toBe(false);
        } catch (error) {
          expect(isAppError(error, 'timestamp-malformed')).toBe(true);
        }
      }),
      { numRuns: 800 },
    );
  });
});
