/**
 * Every action in every state through the API, allowed and not, and every role where it is allowed:
 * the answers must be those of the one table.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES, type Role } from '../../src/access/index.js';
import {
  CONTRACT_RIGHTS,
  CONTRACT_STATES,
  CONTRACT_TRANSITIONS,
  type ContractRecord,
  type ContractState,
  type PartyRole,
  type SignedRevision,
  type Transition,
} from '../../src/contract/index.js';
import { newId } from '../../src/kernel/index.js';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { PIN, ServiceFixture, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
let draft: ContractRecord;

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  const data = sampleContractData({ today: new Date(), number: 'HT-STATES' });
  const made = await fixture.call('POST', '/contracts', {
    as: 'unit-handler',
    json: { template: 'goods', data },
  });
  draft = (await fixture.service.collections.contracts.get(made.body.id, SCOPE_ALL))!;
});
afterAll(() => fixture.stop());

type Action = keyof typeof CONTRACT_RIGHTS | 'sign';

/** How each action is asked for. */
const REQUESTS: Readonly<
  Record<Action, { readonly method?: string; readonly path: string; readonly json?: object }>
> = {
  update: { method: 'PATCH', path: '', json: {} },
  revise: { method: 'PATCH', path: '', json: { restartsSigning: true } },
  submit: { path: '/submit', json: { acknowledged: ['signed-late'] } },
  confirm: { path: '/confirm' },
  reject: { path: '/reject', json: { reason: '数量有误' } },
  withdraw: { path: '/withdraw', json: { reason: '暂不采购' } },
  remind: { path: '/reminders' },
  sign: { path: '/signatures', json: { token: { label: 'supplier' }, pin: PIN } },
  void: { path: '/void', json: { reason: '双方协商' } },
  announce: { path: '/announcement', json: {} },
  archive: {
    path: '/archive',
    json: {
      fondsNumber: 'J001',
      fileNumber: 'J001-2026-0001',
      year: 2026,
      retentionYears: 30,
      custodian: '张三',
    },
  },
  terminate: { path: '/terminate', json: { reason: '继续履行将损害公共利益' } },
  freeze: { path: '/freeze', json: { reason: '鲁财采通〔2026〕1号' } },
  unfreeze: { path: '/unfreeze', json: { reason: '投诉处理完毕' } },
};
const ACTIONS = Object.keys(REQUESTS) as Action[];

const past = (minutes: number): string =>
  `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19)}Z`;

const SIGNED_BY: Partial<Readonly<Record<ContractState, readonly PartyRole[]>>> = {
  'supplier-signed': ['supplier'],
  'buyer-signed': ['buyer'],
  signed: ['supplier', 'buyer'],
  filing: ['supplier', 'buyer'],
  filed: ['supplier', 'buyer'],
  archived: ['supplier', 'buyer'],
  changed: ['supplier', 'buyer'],
};

/** A contract in `state` as the flow would have left it; `isSigned`: a returned version that one had signed. */
async function contractIn(state: ContractState, isSigned = false): Promise<string> {
  const id = newId('ctr');
  const signers = SIGNED_BY[state] ?? (isSigned ? (['supplier'] as const) : []);
  const signatures = signers.map((role, index): SignedRevision => {
    const unitId = draft.parties.find((party) => party.role === role)!.unitId;
    return {
      number: index + 1,
      blobId: draft.document!.blobId,
      sizeBytes: draft.document!.sizeBytes,
      role,
      unitId,
      fieldName: role,
      certificateSha256: '00',
      signerSubject: 'CN=x',
      level: 'B-B',
      signedAt: past(10 - index),
      attemptId: newId('sgn'),
    };
  });
  // Either may sign first, so that the supplier, whose token signs here, is in turn where one is.
  const parties = draft.parties.map((party) => ({
    ...party,
    order: 1,
    ...(signers.includes(party.role) ? { signedAt: past(9) } : {}),
  }));
  await fixture.service.collections.contracts.insert({
    ...draft,
    id,
    number: id,
    // The data stay those that the document was made of.
    state,
    version: 1,
    revision: 1,
    parties,
    signatures,
    times: { createdAt: past(30), sentAt: past(20), confirmedAt: past(15) },
    ...(state === 'frozen'
      ? { frozen: { from: 'sent', at: past(1), accountId: 'a', reason: 'x' } }
      : {}),
    pendingEvents: [],
  });
  return id;
}

function ask(action: Action, id: string, role: Role): Promise<Reply> {
  const { method = 'POST', path, json } = REQUESTS[action];
  const data = { ...draft.data, id };
  return fixture.call(method, `/contracts/${id}${path}`, {
    as: role,
    ...(json === undefined ? {} : { json: path === '' ? { ...json, data } : json }),
    headers: { 'if-match': '"r1"' },
  });
}

/** The role that takes the action for a party that has not signed yet. */
function actorFor(action: Action, state: ContractState): Role {
  const isFreeSupplier = !(SIGNED_BY[state] ?? []).includes('supplier');
  if (action === 'sign') return 'supplier-signer';
  if (action === 'reject') return isFreeSupplier ? 'supplier-signer' : 'unit-signer';
  return CONTRACT_RIGHTS[action].roles[0];
}

describe.each(CONTRACT_STATES)('in state %s', (state) => {
  // `update` and `revise` are one call: in a draft, that nobody has signed, it updates.
  const actions = ACTIONS.filter((action) => state !== 'draft' || action !== 'revise');
  it.each(actions)('%s answers as the table says', async (action) => {
    const { from, to, needs }: Transition = CONTRACT_TRANSITIONS[action];
    const id = await contractIn(state, needs === 'signatures');
    // The buyer's token would be needed for a contract that waits for the buyer alone.
    if (action === 'sign' && state === 'supplier-signed') {
      expect((await ask(action, id, 'supplier-signer')).body.code).toBe(
        'contract-transition-refused',
      );
      return;
    }
    const reply = await ask(action, id, actorFor(action, state));
    const isUnbound = !(action === 'reject' && SIGNED_BY[state]?.length === 2);
    if (from.includes(state) && isUnbound) {
      expect([reply.status, reply.body.code]).toEqual([action === 'sign' ? 201 : 200, undefined]);
      const allowed = to.flatMap((each) => (each === 'stay' ? [state] : [each]));
      expect(allowed).toContain(reply.body.state);
      return;
    }
    const isRevisable = action === 'update' && state === 'supplier-signed';
    const code = isRevisable ? 'contract-signatures-at-stake' : 'contract-transition-refused';
    expect([reply.status, reply.body.code]).toEqual([409, code]);
    const kept = await fixture.service.collections.contracts.get(id, SCOPE_ALL);
    expect([kept?.state, kept?.revision]).toEqual([state, 1]);
  });
});

describe.each(ACTIONS)('%s, where it is possible', (action) => {
  const { from, needs }: Transition = CONTRACT_TRANSITIONS[action];
  const roles: readonly Role[] =
    action === 'sign' ? ['unit-signer', 'supplier-signer'] : CONTRACT_RIGHTS[action].roles;
  const state = from.find((each) => (SIGNED_BY[each] ?? []).length !== 1) ?? from[0]!;

  it.each(ROLES.filter((role) => !roles.includes(role)))('is refused to %s', async (role) => {
    const id = await contractIn(state, needs === 'signatures');
    expect((await ask(action, id, role)).status).toBe(403);
    const kept = await fixture.service.collections.contracts.get(id, SCOPE_ALL);
    expect([kept?.state, kept?.revision]).toEqual([state, 1]);
  });
});
