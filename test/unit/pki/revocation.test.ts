import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAppError } from '../../../src/kernel/index.js';
import {
  buildCrl,
  buildExtension,
  buildOcspErrorResponse,
  buildOcspRequest,
  buildOcspResponse,
  crlDistributionPointsExtension,
  derInteger,
  derNull,
  evaluateRevocation,
  extendedKeyUsageExtension,
  issuingDistributionPointExtension,
  OID,
  ocspNoCheckExtension,
  parseCrl,
  parseOcspRequest,
  parseOcspResponse,
  type Crl,
  type CrlInput,
  type OcspCertificateStatus,
  type OcspResponse,
  type OcspResponseInput,
  type RevocationInput,
} from '../../../src/pki/index.js';
import { DAY, NOW, testAuthority, testLeaf, type TestAuthority } from './test-pki.js';

const root = await testAuthority('CN=Root');
const stranger = await testAuthority('CN=Root');
const leaf = await testLeaf('CN=Leaf', root, {
  further: [crlDistributionPointsExtension(['http://127.0.0.1/a.crl'])],
});
const day = (days: number): Date => new Date(NOW.getTime() + days * DAY);

async function crl(change: Partial<CrlInput> = {}, by: TestAuthority = root): Promise<Crl> {
  return parseCrl(
    await buildCrl({
      issuerNameDer: by.certificate.subject.der,
      thisUpdate: day(-1),
      nextUpdate: day(1),
      number: 7,
      entries: [],
      scheme: by.key.scheme,
      sign: by.key.sign,
      ...change,
    }),
  );
}

async function ocsp(
  status: OcspCertificateStatus,
  by: TestAuthority = root,
  change: Partial<OcspResponseInput> & { nextUpdate?: Date; thisUpdate?: Date } = {},
): Promise<OcspResponse> {
  const request = parseOcspRequest(
    buildOcspRequest({ certificate: leaf.certificate, issuer: root.certificate }),
  );
  return parseOcspResponse(
    await buildOcspResponse({
      responder: by.certificate,
      producedAt: NOW,
      answers: [
        {
          certificateIdDer: request.certificateIds[0]!.der,
          status,
          thisUpdate: change.thisUpdate ?? day(-1),
          nextUpdate: change.nextUpdate ?? day(1),
        },
      ],
      scheme: by.key.scheme,
      sign: by.key.sign,
      ...change,
    }),
  );
}

const revokedEntry = {
  serialHex: leaf.certificate.serialHex,
  revokedAt: day(-2),
  reason: 'keyCompromise',
  invalidityDate: day(-3),
} as const;

function verdict(
  evidence: { crls?: Crl[]; ocsps?: OcspResponse[] },
  options: Partial<RevocationInput> = {},
): string {
  const status = evaluateRevocation(leaf.certificate, root.certificate, {
    crls: evidence.crls ?? [],
    ocsps: evidence.ocsps ?? [],
    at: NOW,
    ...options,
  });
  return status.kind === 'unknown' ? status.problem : status.kind;
}

describe('CRL', () => {
  it('round-trips entries, number and times', async () => {
    const list = await crl({ entries: [revokedEntry, { serialHex: 'ff00', revokedAt: day(-5) }] });
    expect(list).toMatchObject({ numberHex: '07', thisUpdate: day(-1), nextUpdate: day(1) });
    expect(list.find(leaf.certificate.serialHex)).toMatchObject(revokedEntry);
    expect(list.find('ff00')).toMatchObject({ reason: 'unspecified', revokedAt: day(-5) });
    expect(list.find('ff01')).toBeUndefined();
    expect(list.entries()).toHaveLength(2);
  });

  it('says good, revoked, and revoked later', async () => {
    expect(verdict({ crls: [await crl()] })).toBe('good');
    const crls = [await crl({ entries: [revokedEntry] })];
    const input = { crls, ocsps: [], at: NOW };
    expect(evaluateRevocation(leaf.certificate, root.certificate, input)).toMatchObject({
      kind: 'revoked',
      revokedAt: day(-2),
      reason: 'keyCompromise',
      wasRevokedThen: true,
    });
    const earlier = { ...input, at: day(-10), now: NOW };
    expect(evaluateRevocation(leaf.certificate, root.certificate, earlier)).toMatchObject({
      kind: 'revoked',
      wasRevokedThen: false,
    });
  });

  it('weighs time', async () => {
    const list = await crl();
    expect(verdict({ crls: [list] }, { at: day(2) })).toBe('stale');
    expect(verdict({ crls: [list] }, { at: day(2), graceMs: 2 * DAY })).toBe('good');
    expect(verdict({ crls: [list] }, { at: day(-3) })).toBe('not-yet-issued');
    expect(verdict({ crls: [list] }, { at: day(-3), now: NOW })).toBe('good');
    const late = await crl({ thisUpdate: day(400), nextUpdate: day(401) });
    expect(verdict({ crls: [late] }, { at: NOW, now: day(400) })).toBe('issued-after-expiry');
    // What has been revoked stays so.
    const old = await crl({ entries: [revokedEntry] });
    expect(verdict({ crls: [old] }, { at: day(30) })).toBe('revoked');
  });

  it('demands the issuer as signer', async () => {
    expect(verdict({ crls: [await crl({}, stranger)] })).toBe('signature-invalid');
    const other = await testAuthority('CN=Other');
    expect(verdict({ crls: [await crl({}, other)] })).toBe('no-evidence');
    const noCrlSign = await testLeaf('CN=Root', root);
    const byIt = await crl({}, noCrlSign);
    expect(verdict({ crls: [byIt] }, { signers: [noCrlSign.certificate] })).toBe(
      'signer-not-authorised',
    );
    const rekeyed = await testAuthority('CN=Root', root);
    const byRekeyed = await crl({}, rekeyed);
    expect(verdict({ crls: [byRekeyed] }, { signers: [rekeyed.certificate] })).toBe('good');
  });

  it('respects scope, deltas and unknown critical extensions', async () => {
    const scoped = async (...furtherExtensions: Uint8Array[]): Promise<string> =>
      verdict({ crls: [await crl({ furtherExtensions })] });
    const point = issuingDistributionPointExtension;
    expect(await scoped(point({ url: 'http://127.0.0.1/a.crl' }))).toBe('good');
    expect(await scoped(point({ url: 'http://127.0.0.1/b.crl' }))).toBe('out-of-scope');
    expect(await scoped(point({ only: 'user' }))).toBe('good');
    expect(await scoped(point({ only: 'ca' }))).toBe('out-of-scope');
    const delta = buildExtension(OID.deltaCrlIndicator, derInteger(5), true);
    expect(await scoped(delta)).toBe('partial-reasons');
    const revokingDelta = await crl({ furtherExtensions: [delta], entries: [revokedEntry] });
    expect(verdict({ crls: [revokingDelta] })).toBe('revoked');
    expect(await scoped(buildExtension('1.2.3', derNull(), true))).toBe(
      'unknown-critical-extension',
    );
  });

  it('lets a revocation outweigh a later clean answer', async () => {
    const clean = await ocsp({ kind: 'good' });
    expect(verdict({ crls: [await crl({ entries: [revokedEntry] })], ocsps: [clean] })).toBe(
      'revoked',
    );
  });
});

describe('OCSP', () => {
  it('repeats the nonce of a request', async () => {
    const nonce = Uint8Array.of(4, 2, 1, 2, 3, 4, 5, 6);
    const request = parseOcspRequest(
      buildOcspRequest({ certificate: leaf.certificate, issuer: root.certificate, nonce }),
    );
    expect(request.nonce).toEqual(nonce);
    const response = await ocsp({ kind: 'good' }, root, { nonce: request.nonce });
    expect(response.basic?.nonce).toEqual(nonce);
  });

  it('says good, revoked, unknown, try later', async () => {
    expect(verdict({ ocsps: [await ocsp({ kind: 'good' })] })).toBe('good');
    expect(verdict({ ocsps: [await ocsp({ kind: 'unknown' })] })).toBe('status-unknown');
    const revoked = await ocsp({ kind: 'revoked', revokedAt: day(-2), reason: 'superseded' });
    expect(
      evaluateRevocation(leaf.certificate, root.certificate, {
        crls: [],
        ocsps: [revoked],
        at: NOW,
      }),
    ).toMatchObject({ kind: 'revoked', revokedAt: day(-2), reason: 'superseded' });
    const later = parseOcspResponse(buildOcspErrorResponse('try-later'));
    expect(later.status).toBe('try-later');
    expect(verdict({ ocsps: [later] })).toBe('not-successful');
    expect(verdict({ ocsps: [await ocsp({ kind: 'good' })] }, { at: day(3) })).toBe('stale');
  });

  it('accepts a responder only with the purpose and from the same issuer', async () => {
    const purpose = extendedKeyUsageExtension([OID.ocspSigning]);
    const delegated = await testLeaf('CN=Ocsp', root, {
      further: [purpose, ocspNoCheckExtension()],
    });
    const unchecked = await testLeaf('CN=Ocsp', root, { further: [purpose] });
    const plain = await testLeaf('CN=Ocsp', root);
    const foreign = await testLeaf('CN=Ocsp', stranger, { further: [purpose] });
    const past = await testLeaf('CN=Ocsp', root, { further: [purpose], notAfter: day(-1) });
    const by = async (responder: TestAuthority): Promise<string> =>
      verdict({ ocsps: [await ocsp({ kind: 'good' }, responder)] });
    expect(await by(delegated)).toBe('good');
    expect(await by(plain)).toBe('signer-not-authorised');
    expect(await by(foreign)).toBe('signer-not-authorised');
    expect(await by(stranger)).toBe('signer-not-authorised');
    expect(await by(past)).toBe('signer-not-authorised');
    const needs = async (responder: TestAuthority): Promise<unknown> => {
      const ocsps = [await ocsp({ kind: 'good' }, responder)];
      const input = { crls: [], ocsps, at: NOW };
      const status = evaluateRevocation(leaf.certificate, root.certificate, input);
      return status.kind === 'good' && status.evidence.kind === 'ocsp'
        ? status.evidence.signerNeedsCheck
        : undefined;
    };
    expect(await needs(delegated)).toBe(false);
    expect(await needs(unchecked)).toBe(true);
  });

  it('does not take an answer about another certificate, or one that was changed', async () => {
    const other = await testLeaf('CN=Other', root);
    const response = await ocsp({ kind: 'good' });
    expect(
      evaluateRevocation(other.certificate, root.certificate, {
        crls: [],
        ocsps: [response],
        at: NOW,
      }),
    ).toMatchObject({ kind: 'unknown', problem: 'no-evidence' });
    const { tbsDer } = response.basic!;
    const bytes = response.der.slice();
    const at = tbsDer.byteOffset - response.der.byteOffset + tbsDer.length - 25;
    bytes[at]! ^= 1;
    expect(['signature-invalid', 'no-evidence', 'other-certificate', 'malformed']).toContain(
      (() => {
        try {
          return verdict({ ocsps: [parseOcspResponse(bytes)] });
        } catch {
          return 'malformed';
        }
      })(),
    );
  });
});

describe('hostile evidence', () => {
  it('ends in revocation-malformed or a verdict other than a forged good', async () => {
    const list = (await crl({ entries: [revokedEntry] })).der;
    const response = (await ocsp({ kind: 'revoked', revokedAt: day(-2), reason: 'superseded' }))
      .der;
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.nat(2000),
        fc.integer({ min: 1, max: 255 }),
        (isCrl, where, flip) => {
          const bytes = (isCrl ? list : response).slice();
          bytes[where % bytes.length]! ^= flip;
          try {
            const found = isCrl
              ? verdict({ crls: [parseCrl(bytes)] })
              : verdict({ ocsps: [parseOcspResponse(bytes)] });
            expect(found).not.toBe('good');
          } catch (error) {
            expect(isAppError(error, 'revocation-malformed')).toBe(true);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});
