import { describe, expect, it } from '@jest/globals';
import { ERROR_TEXTS } from '../../../src/kernel/index.js';
import {
  REVOCATION_REASONS,
  REVOCATION_REASON_TEXTS,
  SEAL_ACTIONS,
  SEAL_LIFE_STATES,
  assertUsable,
  effectiveStatus,
  statusAfter,
  statusAt,
  versionAt,
  type SealAction,
  type SealLifeState,
  type SealRecord,
  type SealStatus,
} from '../../../src/seal/index.js';
import { CERTIFICATE_A, CERTIFICATE_B } from './seal-fixture.js';

const ALLOWED: Readonly<Record<SealAction, Partial<Record<SealLifeState, SealStatus>>>> = {
  renew: { active: 'active' },
  rebind: { active: 'active', suspended: 'suspended' },
  alter: { active: 'active' },
  suspend: { active: 'suspended', expired: 'suspended' },
  resume: { suspended: 'active' },
  revoke: { active: 'revoked', expired: 'revoked', suspended: 'revoked' },
};
const TARGETS = {
  renew: 'active',
  rebind: 'active',
  alter: 'active',
  suspend: 'suspended',
  resume: 'active',
  revoke: 'revoked',
} as const satisfies Record<SealAction, SealStatus>;

function seal(changes: Partial<SealRecord> = {}): SealRecord {
  const version = {
    number: 1,
    validFrom: '2026-02-01T00:00:00Z',
    validUntil: '2026-12-31T00:00:00Z',
    certificateSha256: [CERTIFICATE_A],
    pictureBlobId: '',
    widthMm: 42,
    heightMm: 42,
    madeAt: '2026-01-01T00:00:00Z',
  };
  return {
    id: 'seal_1',
    version: 1,
    revision: 1,
    code: '3701020000001',
    name: '济南大学',
    kind: 'contract',
    unitId: 'unit_a',
    regionCode: '370102',
    status: 'active',
    statusHistory: [{ at: '2026-01-01T00:00:00Z', status: 'active' }],
    versions: [
      version,
      {
        ...version,
        number: 2,
        validUntil: '2027-12-31T00:00:00Z',
        certificateSha256: [CERTIFICATE_B],
        madeAt: '2026-12-01T00:00:00Z',
      },
    ],
    createdAt: '2026-01-01T00:00:00Z',
    pendingEvents: [],
    ...changes,
  };
}

const SUSPENDED_IN_MAY: Partial<SealRecord> = {
  statusHistory: [
    { at: '2026-01-01T00:00:00Z', status: 'active' },
    { at: '2026-05-01T00:00:00Z', status: 'suspended', reason: 'UKey 挂失' },
    { at: '2026-06-01T00:00:00Z', status: 'active' },
    { at: '2026-09-01T00:00:00Z', status: 'revoked', reason: 'key-compromise' },
  ],
  status: 'revoked',
  revocation: { at: '2026-09-01T00:00:00Z', reason: 'key-compromise' },
};

describe('table of statuses', () => {
  it.each(
    SEAL_ACTIONS.flatMap((action) => SEAL_LIFE_STATES.map((from) => [action, from] as const)),
  )('%s of a seal that is %s', (action, from) => {
    const to = ALLOWED[action][from];
    if (to === undefined) {
      expect(() => statusAfter(from, action)).toThrow(
        expect.objectContaining({
          code: 'seal-transition-refused',
          params: { action, from, to: TARGETS[action] },
        }),
      );
    } else {
      expect(statusAfter(from, action)).toBe(to);
    }
  });
});

describe('effectiveStatus', () => {
  it.each([
    ['2025-12-31T23:59:59Z', 'not-yet-valid'],
    ['2026-01-15T00:00:00Z', 'not-yet-valid'],
    ['2026-02-01T00:00:00Z', 'active'],
    ['2026-04-30T23:59:59Z', 'active'],
    ['2026-05-01T00:00:00Z', 'suspended'],
    ['2026-06-01T00:00:00Z', 'active'],
    ['2026-09-01T00:00:00Z', 'revoked'],
    ['2030-01-01T00:00:00Z', 'revoked'],
  ])('at %s is %s', (at, status) => {
    expect(effectiveStatus(seal(SUSPENDED_IN_MAY), new Date(at))).toBe(status);
  });

  it('is told apart from what the history says of a seal past its end', () => {
    const at = new Date('2040-01-01T00:00:00Z');
    expect(statusAt(seal(), at)).toBe('active');
    expect(effectiveStatus(seal(), at)).toBe('expired');
    expect(statusAt(seal(), new Date('2025-12-31T23:59:59Z'))).toBeUndefined();
  });

  it('expires after the last second of the version then in force', () => {
    const renewed = seal();
    const old = seal({ versions: renewed.versions.slice(0, 1) });
    expect(effectiveStatus(old, new Date('2026-12-31T00:00:00Z'))).toBe('active');
    expect(effectiveStatus(old, new Date('2026-12-31T00:00:01Z'))).toBe('expired');
    expect(effectiveStatus(renewed, new Date('2026-12-31T00:00:01Z'))).toBe('active');
    expect(versionAt(renewed, new Date('2026-11-30T23:59:59Z'))?.number).toBe(1);
    expect(versionAt(renewed, new Date('2026-12-01T00:00:00Z'))?.number).toBe(2);
  });
});

describe('assertUsable', () => {
  const use = { certificateSha256: CERTIFICATE_A, unitId: 'unit_a' };

  it('lets the bound certificate of the owner seal while the seal is in force', () => {
    const at = new Date('2026-03-01T00:00:00Z');
    expect(() => assertUsable({ ...use, seal: seal(), at })).not.toThrow();
  });

  it.each([
    ['seal-not-found', {}, { unitId: 'unit_b' }, '2026-03-01T00:00:00Z', {}],
    [
      'seal-revoked',
      SUSPENDED_IN_MAY,
      { certificateSha256: CERTIFICATE_B },
      '2026-09-01T00:00:00Z',
      {
        code: '3701020000001',
        revokedAt: '2026-09-01T00:00:00Z',
        reason: 'key-compromise',
        reasonText: '密钥或 UKey 失控',
        reasonTextEn: 'key or token compromised',
      },
    ],
    [
      'seal-not-active',
      SUSPENDED_IN_MAY,
      {},
      '2026-05-02T00:00:00Z',
      {
        code: '3701020000001',
        status: 'suspended',
        since: '2026-05-01T00:00:00Z',
        reason: 'UKey 挂失',
      },
    ],
    [
      'seal-not-yet-valid',
      {},
      {},
      '2026-01-31T23:59:59Z',
      { code: '3701020000001', validFrom: '2026-02-01T00:00:00Z' },
    ],
    [
      'seal-expired',
      {},
      { certificateSha256: CERTIFICATE_B },
      '2028-01-01T00:00:00Z',
      { code: '3701020000001', validUntil: '2027-12-31T00:00:00Z' },
    ],
    [
      'seal-certificate-mismatch',
      {},
      {},
      '2026-12-02T00:00:00Z',
      {
        code: '3701020000001',
        certificateSha256: CERTIFICATE_A,
        boundCertificateSha256: [CERTIFICATE_B],
      },
    ],
  ] as const)('refuses with %s', (code, changes, otherUse, at, params) => {
    expect(() =>
      assertUsable({ ...use, ...otherUse, seal: seal(changes), at: new Date(at) }),
    ).toThrow(expect.objectContaining({ code, params }));
    expect(ERROR_TEXTS[code].title).not.toBe('');
  });
});

it('has a text in both languages for every reason of revocation', () => {
  expect(Object.keys(REVOCATION_REASON_TEXTS).sort()).toEqual([...REVOCATION_REASONS].sort());
});
