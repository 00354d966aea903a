/** A sample contract that both sides have agreed on and nobody has signed. */
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import type { Reply, ServiceFixture } from './service-fixture.js';

let count = 0;

/** @returns the contract's id */
export async function confirmedContract(fixture: ServiceFixture): Promise<string> {
  const handler = { as: 'unit-handler' };
  const number = `HT-USE-${Date.now()}-${String(++count)}`;
  const data = sampleContractData({ today: new Date(), number });
  const made = await fixture.call('POST', '/contracts', {
    ...handler,
    json: { template: 'goods', data },
  });
  const { id } = made.body;
  const checks = await fixture.call('POST', `/contracts/${id}/checks`, handler);
  const acknowledged = checks.body.findings.map((each) => each.code);
  await fixture.call('POST', `/contracts/${id}/submit`, { ...handler, json: { acknowledged } });
  const agreed = await fixture.call('POST', `/contracts/${id}/confirm`, { as: 'supplier-signer' });
  if (agreed.body.state !== 'confirmed') throw new Error(`not confirmed: ${agreed.body.detail}`);
  return id;
}

/** Signs at the server, with the account and the token of one side. */
export function signAt(
  fixture: ServiceFixture,
  contractId: string,
  side: 'buyer' | 'supplier',
  more: object = {},
): Promise<Reply> {
  return fixture.call('POST', `/contracts/${contractId}/signatures`, {
    as: side === 'buyer' ? 'unit-signer' : 'supplier-signer',
    json: { token: { label: side }, pin: '13572468', ...more },
  });
}
