/** Seals, their applications, orders, rules and requests on every store: who comes second, and who takes up what is left. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UNITS } from '../../src/access/index.js';
import { noFaults } from '../../src/kernel/index.js';
import {
  REVOCATION_ORDERS,
  RevocationOrders,
  SEAL_USE_POLICIES,
  SEAL_USE_REQUESTS,
  type SealApplicationRecord,
} from '../../src/seal/index.js';
import { createSealUsePolicies } from '../../src/seal/use/use-policy.js';
import { createSealUseRequests } from '../../src/seal/use/use-request.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { LETTER, completeForm, someone } from '../support/seal-making.js';
import { ADMINISTRATOR, openRegister, type Register } from '../unit/seal/seal-fixture.js';
import { STORES, type OpenStore } from './stores.js';

const HANDLER = someone('unit-handler', { unitId: 'unit_a' });
const APPROVER = someone('unit-seal-approver', { unitId: 'unit_a' });
const SECOND_APPROVER = { ...APPROVER, accountId: 'acc_second', certificateSha256: 'f'.repeat(64) };
const MAKER = someone('seal-administrator', { regionCode: '370102' });

const codesOf = (settled: readonly PromiseSettledResult<unknown>[]): readonly unknown[] =>
  settled.flatMap((each) =>
    each.status === 'rejected' ? (each.reason as { readonly code: string }).code : [],
  );

describe.each(STORES)('seals on the %s store', (_, openStore) => {
  let opened: OpenStore;
  let register: Register;
  beforeEach(async () => {
    opened = await openStore();
    register = await openRegister(opened.store);
  });
  afterEach(() => opened.close());

  async function submitted(): Promise<SealApplicationRecord> {
    const { applicants } = register.applications;
    const unit = (await (await opened.store.open(UNITS)).get('unit_a', SCOPE_ALL))!;
    const { id } = await applicants.create(HANDLER, { form: completeForm(unit) });
    const attachment = { kind: 'authorisation-letter', fileName: 'a.pdf', bytes: LETTER } as const;
    await applicants.attach(HANDLER, { id, attachment });
    return applicants.submit(HANDLER, { id });
  }

  it('give no code twice, however many are prepared at once', async () => {
    const { review } = register.applications;
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) ids.push((await submitted()).id);
    const prepared = await Promise.all(ids.map((id) => review.prepare(MAKER, { id })));
    const codes = prepared.flatMap(({ preparation }) => preparation!.seals.map(({ code }) => code));
    expect(new Set(codes).size).toBe(5);
    const where = { state: { eq: 'prepared' } } as const;
    expect(await register.records.count({ where }, SCOPE_ALL)).toBe(5);
  });

  it('have one change under way at a time, and another once that one is withdrawn', async () => {
    const { changes, applicants } = register.applications;
    const { id } = await register.issue();
    const fields = { validUntil: '2027-12-31T16:00:00Z' };
    const renew = () => changes.request(HANDLER, id, { purpose: 'renewal', fields });
    const both = await Promise.allSettled([renew(), renew(), renew()]);
    expect(codesOf(both)).toEqual(['seal-change-under-way', 'seal-change-under-way']);
    const [won] = both.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    await applicants.withdraw(HANDLER, { id: won!.id });
    await expect(renew()).resolves.toMatchObject({ state: 'submitted' });
  });

  it('have one official seal for a unit, of two that are made at once', async () => {
    const issue = () => register.issue({ kind: 'official' });
    const both = await Promise.allSettled([issue(), issue()]);
    expect(codesOf(both)).toEqual(['conflict']);
    const where = { officialSealOf: { eq: 'unit_a' } } as const;
    expect(await register.seals.count({ where }, SCOPE_ALL)).toBe(1);
  });

  it('have their uses ended by one of two workers after the process that stopped them died', async () => {
    const { seals, ended, stoppedUses, setTime, issue } = register;
    const { id, revision } = await issue();
    const seal = (await seals.get(id, SCOPE_ALL))!;
    const grown = { version: seal.version + 1, revision: revision + 1 };
    await seals.replace({ ...seal, ...grown, ...stoppedUses.noted(seal), status: 'suspended' });
    expect(await stoppedUses.runOnce()).toBe(0);
    setTime('2026-03-01T00:01:00Z');
    const workers = [stoppedUses, register.stoppedUsesWith(noFaults)];
    const counts = await Promise.all(workers.map((worker) => worker.runOnce()));
    expect(counts.sort()).toEqual([0, 1]);
    expect(ended).toEqual([id]);
    expect((await seals.get(id, SCOPE_ALL))?.usesToEnd).toBeUndefined();
  });

  it('are revoked together to the last, whoever begins and whoever ends', async () => {
    const { seals, blobs, clock, ended, stoppedUses, stoppedUsesWith, issue } = register;
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.push((await issue()).id);
    const orders = await opened.store.open(REVOCATION_ORDERS);
    const units = await opened.store.open(UNITS);
    const parts = { orders, seals, units, blobs, clock };
    const dying = stoppedUsesWith(() => {
      throw new Error('killed');
    });
    const order = { unitId: 'unit_a', reason: 'unit-dissolved', evidence: [] } as const;
    const first = new RevocationOrders({ ...parts, stoppedUses: dying });
    await expect(first.order(ADMINISTRATOR, order)).rejects.toThrow('killed');
    const heirs = [1, 2].map(() => new RevocationOrders({ ...parts, stoppedUses }));
    await Promise.all(heirs.map((heir) => heir.runOnce()));
    expect(await heirs[0]!.runOnce()).toBe(0);
    expect(await seals.count({ where: { status: { eq: 'revoked' } } }, SCOPE_ALL)).toBe(3);
    expect(new Set(ended)).toEqual(new Set(ids));
    const { items } = await orders.find(
      { where: { unitId: { eq: 'unit_a' } }, limit: 10 },
      SCOPE_ALL,
    );
    expect(items).toMatchObject([{ state: 'done', sealIds: { length: 3 } }]);
    await expect(heirs[1]!.assertOpen('unit_a')).rejects.toMatchObject({
      code: 'seal-unit-closed',
    });
  });

  it('have rules by one of two who propose first, in force once another has agreed', async () => {
    const { seals, clock, issue } = register;
    const { id } = await issue();
    const policies = createSealUsePolicies({
      policies: await opened.store.open(SEAL_USE_POLICIES),
      seals,
      clock,
      onWritten: () => undefined,
    });
    const rules = { approval: 'each' } as const;
    const propose = () => policies.propose(HANDLER, id, { rules, expectedRevision: 0 });
    const both = await Promise.allSettled([propose(), propose()]);
    expect(codesOf(both)).toEqual(['record-version-conflict']);
    const { digest } = (await policies.get(HANDLER, id))!.proposed!;
    const decide = (isApproved: boolean) =>
      policies.decide(isApproved ? APPROVER : SECOND_APPROVER, id, { digest, isApproved });
    const decided = await Promise.allSettled([decide(true), decide(false)]);
    expect(codesOf(decided)).toHaveLength(1);
    const after = (await policies.get(HANDLER, id))!;
    expect(after.proposed).toBeUndefined();
    expect(after.inForce !== undefined).toBe(decided[0].status === 'fulfilled');
  });

  it('have requests decided once and used once, also where one is withdrawn in between', async () => {
    const { seals, clock, issue } = register;
    const { id: sealId } = await issue();
    const records = await opened.store.open(SEAL_USE_REQUESTS);
    const requests = createSealUseRequests({
      requests: records,
      seals,
      clock,
      onWritten: () => undefined,
    });
    const documentSha256 = 'd'.repeat(64);
    const subjectOf = (contractId: string) => ({
      contractId,
      contractNumber: 'HT-1',
      documentSha256,
      amountFen: undefined,
    });
    const ask = (contractId: string) =>
      requests.request(HANDLER, { sealId, subject: subjectOf(contractId), purpose: '盖合同' });

    const first = await ask('ctr_1');
    const decided = await Promise.allSettled([
      requests.approve(APPROVER, first.id, { documentSha256 }),
      requests.return(SECOND_APPROVER, first.id, { reason: '请核对金额' }),
    ]);
    expect(codesOf(decided)).toHaveLength(1);

    const second = await ask('ctr_2');
    await requests.approve(APPROVER, second.id, { documentSha256 });
    const signer = { accountId: 'acc_signer', role: 'unit-signer' } as const;
    const use = (useId: string) => requests.use(second.id, useId, signer);
    await Promise.all([use('sgn_1'), use('sgn_1')]);
    await expect(use('sgn_2')).rejects.toMatchObject({ code: 'conflict' });

    // The act had taken the approval before it was withdrawn: that it was used is the truth.
    const third = await ask('ctr_3');
    await requests.approve(APPROVER, third.id, { documentSha256 });
    await requests.withdraw(HANDLER, third.id);
    const taken = requests.approvalFor({
      sealId,
      subject: subjectOf('ctr_3'),
      accountId: 'acc_signer',
      at: clock.now(),
    });
    await expect(taken).rejects.toMatchObject({ code: 'seal-use-approval-required' });
    await requests.use(third.id, 'sgn_3', signer);
    expect(await records.get(third.id, SCOPE_ALL)).toMatchObject({
      state: 'used',
      usedBy: 'sgn_3',
    });
  });
});
