import { describe, expect, it } from '@jest/globals';
import {
  CONTRACT_ACTIONS,
  CONTRACT_STATES,
  assertActionPossible,
  assertMaySign,
  isActionPossible,
  possibleActions,
  withAttempt,
  withFiled,
  withFiling,
  withSignature,
  withoutAttempt,
  type ContractRecord,
  type ContractState,
  type PartyRole,
} from '../../../src/contract/index.js';

const at = new Date('2026-05-12T02:00:00Z');

/** What the way of a contract allows, written down a second time. */
const POSSIBLE: Readonly<Record<ContractState, string>> = {
  draft: 'update submit withdraw',
  sent: 'confirm reject withdraw remind expire freeze',
  confirmed: 'reject withdraw remind sign expire freeze',
  'supplier-signed': 'reject remind void sign expire freeze',
  'buyer-signed': 'reject remind void sign expire freeze',
  signed: 'void file announce',
  filing: 'finish-filing announce',
  filed: 'announce archive change terminate freeze',
  archived: 'announce change terminate freeze',
  changed: 'announce archive change terminate freeze',
  frozen: 'unfreeze',
  rejected: 'update',
  withdrawn: 'update',
  voided: '',
  expired: '',
  terminated: 'archive',
};
/** What is possible besides, and what no longer, once a party has signed the version. */
const ONCE_SIGNED: Partial<Readonly<Record<ContractState, string>>> = {
  draft: 'submit withdraw',
  confirmed: 'revise reject withdraw remind sign expire freeze',
  'supplier-signed': 'revise reject remind void sign expire freeze',
  rejected: 'revise',
  withdrawn: 'revise',
};

function contract(state: ContractState, orders: Record<PartyRole, number>): ContractRecord {
  return {
    id: 'ctr_1',
    version: 4,
    revision: 3,
    number: 'N-1',
    title: '合同',
    regionCode: '370100',
    buyerUnitId: 'unt_buyer',
    state,
    parties: (['supplier', 'buyer'] as const).map((role) => ({
      role,
      unitId: `unt_${role}`,
      name: role,
      creditCode: '',
      order: orders[role],
    })),
    signatures: [],
    returns: [],
    times: { createdAt: '2026-05-10T00:00:00Z' },
    pendingEvents: [],
  };
}
const supplierFirst = { supplier: 1, buyer: 2 };

function attempt(role: PartyRole, id = 'att_1') {
  return {
    id,
    role,
    unitId: `unt_${role}`,
    accountId: 'acc_1',
    certificateSha256: '00',
    baseBlobId: '11',
    startedAt: '2026-05-12T02:00:00Z',
    until: '2026-05-12T02:05:00Z',
  };
}
function revision(role: PartyRole, attemptId = 'att_1') {
  return {
    number: 1,
    blobId: '22',
    sizeBytes: 1,
    role,
    unitId: `unt_${role}`,
    fieldName: 'f',
    certificateSha256: '00',
    signerSubject: 'CN=x',
    level: 'B-B' as const,
    signedAt: '2026-05-12T02:01:00Z',
    attemptId,
  };
}
const sign = (record: ContractRecord, role: PartyRole) =>
  withSignature(withAttempt(record, attempt(role)), revision(role), at);
const refusal = (code: string) => expect.objectContaining({ code });

describe('the table of states', () => {
  for (const state of CONTRACT_STATES) {
    for (const action of CONTRACT_ACTIONS) {
      const isPossible = POSSIBLE[state].split(' ').includes(action);
      it(`${state}: ${action} is ${isPossible ? 'possible' : 'refused'}`, () => {
        const record = contract(state, supplierFirst);
        expect(isActionPossible(record, action)).toBe(isPossible);
        if (isPossible) return;
        expect(() => assertActionPossible(record, action)).toThrow(
          expect.objectContaining({
            code: 'contract-transition-refused',
            params: expect.objectContaining({ from: state, action }),
          }),
        );
      });
    }
  }

  it.each(CONTRACT_STATES)('%s: once signed, content changes by a new version alone', (state) => {
    const record = { ...contract(state, supplierFirst), signatures: [revision('supplier')] };
    const expected = (ONCE_SIGNED[state] ?? POSSIBLE[state]).split(' ').filter(Boolean);
    expect([...possibleActions(record)].sort()).toEqual(expected.sort());
  });
});

describe('signing', () => {
  const confirmed = contract('confirmed', supplierFirst);

  it('goes supplier, buyer, concluded', () => {
    const half = sign(confirmed, 'supplier');
    expect(half).toMatchObject({ state: 'supplier-signed', version: 6, revision: 5 });
    expect(half.times.signedAt).toBeUndefined();
    expect('attempt' in half).toBe(false);
    const whole = sign(half, 'buyer');
    expect(whole).toMatchObject({ state: 'signed', times: { signedAt: '2026-05-12T02:00:00Z' } });
    expect(whole.parties.every((party) => party.signedAt === '2026-05-12T02:00:00Z')).toBe(true);
    const filed = withFiled(withFiling(whole, 'fil_1'), 'B-7', at);
    expect(filed).toMatchObject({
      state: 'filed',
      filing: { filingId: 'fil_1', filingNumber: 'B-7' },
    });
  });

  it('lets the buyer sign first where the orders are equal', () => {
    expect(sign(contract('confirmed', { supplier: 1, buyer: 1 }), 'buyer').state).toBe(
      'buyer-signed',
    );
  });

  it('refuses who is not in turn, no party, or has signed', () => {
    expect(() => assertMaySign(confirmed, 'unt_buyer', at)).toThrow(
      refusal('contract-not-your-turn'),
    );
    expect(() => assertMaySign(confirmed, 'unt_x', at)).toThrow(refusal('contract-party-mismatch'));
    const half = sign(confirmed, 'supplier');
    expect(() => assertMaySign(half, 'unt_supplier', at)).toThrow(
      refusal('contract-transition-refused'),
    );
  });

  it('holds one attempt at a time, until it has run out', () => {
    const busy = withAttempt(confirmed, attempt('supplier'));
    expect(() => withAttempt(busy, attempt('supplier', 'att_2'))).toThrow(
      refusal('contract-signing-in-progress'),
    );
    const later = { ...attempt('supplier', 'att_2'), startedAt: '2026-05-12T02:05:00Z' };
    expect(withAttempt(busy, later).attempt?.id).toBe('att_2');
    expect('attempt' in withoutAttempt(busy)).toBe(false);
  });

  it('publishes no signature of an attempt that gave way', () => {
    const busy = withAttempt(confirmed, attempt('supplier'));
    expect(() => withSignature(busy, revision('supplier', 'att_0'), at)).toThrow(
      refusal('signing-session-expired'),
    );
  });
});
