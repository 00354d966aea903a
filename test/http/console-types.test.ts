/** The contract pages take the API for what it is: these types do not compile where it answers otherwise. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { z } from 'zod';
import type { Contract, ContractSummary, Finding } from '../../src/console/api/contract.js';
import { CONTRACT_STATES as SHOWN_STATES } from '../../src/console/api/contract.js';
import type { Role } from '../../src/console/api/me.js';
import { RIGHTS } from '../../src/console/contracts/rights.js';
import { ROLES } from '../../src/access/index.js';
import { CONTRACT_RIGHTS, CONTRACT_STATES } from '../../src/contract/index.js';
import { contractDetail, contractSummary } from '../../src/http/contract-view.js';
import { finding } from '../../src/http/contract-requests.js';
import { confirmedContract } from './confirmed-contract.js';
import { ServiceFixture } from './service-fixture.js';

let fixture: ServiceFixture;
beforeAll(async () => {
  fixture = await ServiceFixture.start();
});
afterAll(() => fixture.stop());

it('contracts and findings are all that the console takes them for', async () => {
  const id = await confirmedContract(fixture);
  const as = { as: 'unit-handler' };
  const shown: Contract = contractDetail.parse(
    (await fixture.call('GET', `/contracts/${id}`, as)).body,
  );
  const list = (await fixture.call('GET', '/contracts', as)).body as unknown as {
    items: unknown[];
  };
  const first: ContractSummary = contractSummary.parse(list.items[0]);
  const checks = await fixture.call('POST', `/contracts/${id}/checks`, as);
  const findings: readonly Finding[] = checks.body.findings.map((each) => finding.parse(each));
  expect([shown.state, first.id, findings.every(({ code }) => code !== '')]).toEqual([
    'confirmed',
    id,
    true,
  ]);
});

it('states, roles and rights are the ones that the service knows', () => {
  const roles: readonly Role[] = ROLES;
  const states: readonly z.infer<typeof contractSummary>['state'][] = SHOWN_STATES;
  expect(roles.length).toBe(ROLES.length);
  expect(states).toEqual(CONTRACT_STATES);
  for (const [action, { as, roles: offered }] of Object.entries(RIGHTS)) {
    const right = CONTRACT_RIGHTS[action as keyof typeof RIGHTS];
    // Systems do not sit at a page.
    const people = right.roles.filter((role) => role !== 'budget-system');
    expect([action, as, offered]).toEqual([action, right.as, people]);
  }
});
