/** Every step of a seal and of an application, from every state, by every role, in sight and out of sight. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES, type Role } from '../../src/access/index.js';
import { newId } from '../../src/kernel/index.js';
import {
  APPLICATION_ACTIONS,
  APPLICATION_STATES,
  SEAL_ACTIONS,
  SEAL_LIFE_STATES,
  type ApplicationAction,
  type ApplicationState,
  type SealAction,
  type SealApplicationRecord,
  type SealLifeState,
  type SealRecord,
} from '../../src/seal/index.js';
import { LETTER, completeForm, someone } from '../support/seal-making.js';
import { ServiceFixture, principal, type Reply } from './service-fixture.js';

/** Written down a second time: a right or a transition that changes must change here too. */
const MAY: Readonly<Record<ApplicationAction, string>> = {
  edit: 'unit-handler supplier-signer budget-system',
  submit: 'unit-handler supplier-signer budget-system',
  confirm: 'unit-handler unit-seal-approver supplier-signer',
  prepare: 'seal-administrator',
  approve: 'seal-reviewer supervisor',
  make: 'seal-administrator',
  return: 'seal-administrator seal-reviewer supervisor',
  reject: 'seal-administrator seal-reviewer supervisor',
  withdraw: 'unit-handler supplier-signer budget-system',
};
const NEXT: Readonly<Record<ApplicationState, string>> = {
  proposed: 'confirm:submitted reject:rejected withdraw:withdrawn',
  draft: 'edit:draft submit:submitted withdraw:withdrawn',
  submitted: 'edit:draft prepare:prepared return:returned reject:rejected withdraw:withdrawn',
  prepared: 'edit:draft approve:approved return:returned reject:rejected withdraw:withdrawn',
  approved: 'edit:draft make:made return:returned withdraw:withdrawn',
  returned: 'edit:draft withdraw:withdrawn',
  made: '',
  rejected: '',
  withdrawn: '',
};
const SEAL_MAY: Readonly<Record<SealAction, string>> = {
  renew: 'seal-administrator unit-handler supplier-signer budget-system',
  rebind: 'seal-administrator unit-handler supplier-signer budget-system',
  alter: 'unit-handler supplier-signer budget-system',
  suspend: 'seal-administrator unit-handler unit-seal-approver supplier-signer',
  resume: 'seal-administrator',
  revoke: 'seal-administrator',
};
const SEAL_NEXT: Readonly<Record<SealLifeState, string>> = {
  active: 'renew:active rebind:active alter:active suspend:suspended revoke:revoked',
  expired: 'suspend:suspended revoke:revoked',
  suspended: 'rebind:suspended resume:active revoke:revoked',
  revoked: '',
};

const nextOf = (row: string, action: string): string | undefined =>
  row
    .split(' ')
    .find((each) => each.startsWith(`${action}:`))
    ?.split(':')[1];
const isAmong = (roles: string, role: Role): boolean => roles.split(' ').includes(role);

interface Caller {
  readonly role: Role;
  readonly isNear: boolean;
  readonly token: string;
}

let fixture: ServiceFixture;
const callers: Caller[] = [];
let seal: SealRecord;

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  seal = await fixture.issueSeal('buyer');
  for (const role of ROLES) for (const isNear of [true, false]) await addCaller(role, isNear);
}, 120_000);
afterAll(() => fixture.stop());

/** An account that is logged in with a certificate of its own. */
async function addCaller(role: Role, isNear: boolean): Promise<void> {
  const ofUnit = role.startsWith('unit-') || role === 'supplier-signer';
  const regionCode = isNear ? fixture.units.get('buyer')!.regionCode : '990200';
  const administrator = ofUnit
    ? principal(['system-administrator'])
    : principal(['system-administrator'], { regionCode });
  const name = `${isNear ? 'near' : 'far'}-${role}`;
  const certificateSha256 = createHash('sha256').update(name).digest('hex');
  const { account } = await fixture.service.services.accounts.create(administrator, {
    name,
    kind: role === 'budget-system' || role === 'trading-system' ? 'machine' : 'person',
    roles: [role],
    certificateSha256: ofUnit ? [] : [certificateSha256],
    ...(ofUnit ? { unitId: fixture.unitId(isNear ? 'buyer' : 'stranger') } : { regionCode }),
  });
  const { accessToken } = fixture.tokens.issue({
    accountId: account.id,
    sessionEpoch: 1,
    certificateSha256: ofUnit ? undefined : certificateSha256,
  });
  callers.push({ role, isNear, token: accessToken });
}

/** What an answer comes to: the state after, or the code of the refusal. */
const outcome = (reply: Reply): string =>
  reply.status < 300 ? 'done' : reply.status === 403 ? 'forbidden' : reply.body.code;

describe('an application', () => {
  const unit = () => fixture.units.get('buyer')!;

  /** A new application in the state, by the steps that lead there. */
  async function applicationIn(state: ApplicationState): Promise<SealApplicationRecord> {
    const { applicants, changes, review, making } = fixture.service.services.sealApplications;
    const applicant = someone('unit-handler', { unitId: unit().id });
    const maker = someone('seal-administrator', unit());
    if (state === 'proposed') {
      const copy = await cloneSeal('active');
      const fields = { validUntil: '2029-01-01T00:00:00Z' };
      return changes.request(maker, copy.id, { purpose: 'renewal', fields });
    }
    const { id } = await applicants.create(applicant, { form: completeForm(unit()) });
    const attachment = { kind: 'authorisation-letter', fileName: 'a.pdf', bytes: LETTER } as const;
    const draft = await applicants.attach(applicant, { id, attachment });
    if (state === 'draft') return draft;
    if (state === 'withdrawn') return applicants.withdraw(applicant, { id });
    const submitted = await applicants.submit(applicant, { id });
    if (state === 'submitted') return submitted;
    if (state === 'returned') return review.return(maker, { id, reason: '请补充' });
    if (state === 'rejected') return review.reject(maker, { id, reason: '不符合' });
    const prepared = await review.prepare(maker, { id });
    if (state === 'prepared') return prepared;
    const contentSha256 = prepared.preparation!.contentSha256;
    const approved = await review.approve(someone('seal-reviewer', unit()), { id, contentSha256 });
    return state === 'approved' ? approved : making.make(maker, { id });
  }

  function step(
    { id, revision, preparation }: SealApplicationRecord,
    action: ApplicationAction,
    { token }: Caller,
  ): Promise<Reply> {
    const headers = { 'if-match': `"r${String(revision)}"` };
    if (action === 'edit') {
      const json = { form: completeForm(unit()) };
      return fixture.call('PATCH', `/seal-applications/${id}`, { as: token, headers, json });
    }
    const json =
      action === 'approve'
        ? { contentSha256: preparation?.contentSha256 ?? 'a'.repeat(64) }
        : action === 'return' || action === 'reject'
          ? { reason: '请核对' }
          : {};
    return fixture.call('POST', `/seal-applications/${id}/${action}`, { as: token, headers, json });
  }

  it.each(APPLICATION_STATES)(
    'that is %s',
    async (state) => {
      const shared = await applicationIn(state);
      const got: Record<string, string> = {};
      const expected: Record<string, string> = {};
      for (const action of APPLICATION_ACTIONS) {
        const next = nextOf(NEXT[state], action);
        for (const caller of callers) {
          const key = `${action} by ${caller.isNear ? 'near' : 'far'} ${caller.role}`;
          const isAllowed = isAmong(MAY[action], caller.role);
          const succeeds = isAllowed && caller.isNear && next !== undefined;
          const target = succeeds ? await applicationIn(state) : shared;
          const reply = await step(target, action, caller);
          got[key] = reply.status < 300 ? reply.body.state : outcome(reply);
          expected[key] = !isAllowed
            ? 'forbidden'
            : !caller.isNear
              ? 'seal-application-not-found'
              : (next ?? 'seal-application-transition-refused');
        }
      }
      expect(got).toEqual(expected);
      const { sealApplications } = fixture.service.collections;
      const after = await sealApplications.get(shared.id, { kind: 'all' });
      expect(after?.revision).toBe(shared.revision);
    },
    120_000,
  );
});

let codes = 5_000_000;

async function cloneSeal(state: SealLifeState): Promise<SealRecord> {
  const { seals } = fixture.service.collections;
  const [version] = seal.versions;
  const past = { ...version!, validUntil: '2026-02-01T00:00:00Z' };
  const record: SealRecord = {
    ...seal,
    id: newId('seal'),
    version: 1,
    revision: 1,
    code: `990199${String(++codes)}`,
    pendingEvents: [],
    ...(state === 'expired' ? { versions: [past] } : {}),
    ...(state === 'suspended' || state === 'revoked'
      ? {
          status: state,
          statusHistory: [...seal.statusHistory, { at: new Date().toISOString(), status: state }],
        }
      : {}),
  };
  await seals.insert(record);
  return record;
}

describe('a seal', () => {
  const bodies: Readonly<Record<SealAction, () => object | undefined>> = {
    renew: () => ({ validUntil: '2029-01-01T00:00:00Z' }),
    rebind: () => ({ certificateSha256: [fixture.certificateSha256('buyer')] }),
    alter: () => undefined,
    suspend: () => ({ cause: 'reported-lost' }),
    resume: () => ({}),
    revoke: () => ({ reason: 'other' }),
  };

  it.each(SEAL_LIFE_STATES)(
    'that is %s',
    async (state) => {
      const shared = await cloneSeal(state);
      const got: Record<string, string> = {};
      const expected: Record<string, string> = {};
      for (const action of SEAL_ACTIONS) {
        const next = nextOf(SEAL_NEXT[state], action);
        for (const caller of callers) {
          const key = `${action} by ${caller.isNear ? 'near' : 'far'} ${caller.role}`;
          const isAllowed = isAmong(SEAL_MAY[action], caller.role);
          const succeeds = isAllowed && caller.isNear && next !== undefined;
          const target = succeeds ? await cloneSeal(state) : shared;
          const path = `/seals/${target.id}/${action === 'alter' ? 'alterations' : action}`;
          const json = bodies[action]();
          const options = json === undefined ? {} : { json };
          const reply = await fixture.call('POST', path, { as: caller.token, ...options });
          got[key] = outcome(reply);
          expected[key] = !isAllowed
            ? 'forbidden'
            : !caller.isNear
              ? 'seal-not-found'
              : next === undefined
                ? 'seal-transition-refused'
                : 'done';
          if (!succeeds) continue;
          const after = await fixture.service.collections.seals.get(target.id, { kind: 'all' });
          expect([key, after?.status]).toEqual([key, next]);
        }
      }
      expect(got).toEqual(expected);
      const { seals } = fixture.service.collections;
      expect(await seals.get(shared.id, { kind: 'all' })).toEqual(shared);
    },
    120_000,
  );
});
