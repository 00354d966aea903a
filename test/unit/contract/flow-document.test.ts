/** docs/contract-states.md is written from the code: `UPDATE_DOCS=1` rewrites it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import {
  CONTRACT_ACTIONS,
  CONTRACT_RIGHTS,
  CONTRACT_STATES,
  CONTRACT_TRANSITIONS,
  type ContractAction,
  type ContractState,
  type Transition,
} from '../../../src/contract/index.js';

const DOCUMENT = join(import.meta.dirname, '../../../docs/contract-states.md');

/** What the states are called on the page; in the document beside their names. */
const STATE_NAMES: Readonly<Record<ContractState, string>> = {
  draft: '草稿',
  sent: '待供应商确认',
  confirmed: '已确认，待签署',
  'supplier-signed': '供应商已签署',
  'buyer-signed': '采购人已签署',
  signed: '已签订',
  filing: '备案中',
  filed: '已备案',
  archived: '已归档',
  rejected: '已退回',
  withdrawn: '已撤回',
  voided: '已作废',
  expired: '逾期未签',
  frozen: '暂停',
  changed: '已补充变更',
  terminated: '已终止',
};

/** Actions that nobody asks for by name. */
const BY_ITSELF: Partial<Readonly<Record<ContractAction, string>>> = {
  sign: "`unit-signer`, `supplier-signer` of the party in turn, or of the buyer's agent",
  expire: 'the clock, past the last day for signing',
  file: 'the filing worker',
  'finish-filing': 'the receipt of the budget system',
  change: 'a supplementary agreement that is signed',
};

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

function whoMay(action: ContractAction): string {
  if (!(action in CONTRACT_RIGHTS)) return BY_ITSELF[action] ?? '';
  const { as, roles } = CONTRACT_RIGHTS[action as keyof typeof CONTRACT_RIGHTS];
  return `${code(roles)} for the ${as.join(' or the ')}`;
}

function document(): string {
  const actions = CONTRACT_ACTIONS.map((action) => {
    const { from, to, needs }: Transition = CONTRACT_TRANSITIONS[action];
    const needed = needs === undefined ? '' : needs === 'signatures' ? 'signed' : 'not signed';
    return `| \`${action}\` | ${code(from)} | ${code(to)} | ${needed} | ${whoMay(action)} |`;
  });
  const states = CONTRACT_STATES.map((state) => {
    const from = CONTRACT_ACTIONS.filter((action) => {
      const transition: Transition = CONTRACT_TRANSITIONS[action];
      return transition.from.includes(state);
    });
    return `| \`${state}\` | ${STATE_NAMES[state]} | ${from.length === 0 ? '—' : code(from)} |`;
  });
  return `# States of a contract

Written from \`CONTRACT_TRANSITIONS\` and \`CONTRACT_RIGHTS\`; do not edit. An action that the table does not allow is refused with \`contract-transition-refused\`, one of another role with \`forbidden\`, one of another unit with \`contract-party-mismatch\`.

## Actions

\`stay\`: the state does not change. With several states, the record decides: who has signed or agreed, or where a contract was before it was held.

| action | from | to | version | who |
| --- | --- | --- | --- | --- |
${actions.join('\n')}

- \`sign\` leads on when the last of a party's seals is there; a party that owes two (\`duties\`) stays where it was after the first. After the last party's last seal the contract is concluded (民法典 §490).
- \`void\` and \`terminate\` need the consent of a signer of each party; the first one is recorded and waits for the other (政府采购法 §50).
- \`reject\` and \`withdraw\` are for a party that has not signed; who has signed is bound.
- \`revise\` starts signing again: the signatures are void, the version is kept, the parties are told.
- \`unfreeze\` moves the last day for signing on by as long as the contract was held.

## States

| state | 中文 | actions |
| --- | --- | --- |
${states.join('\n')}
`;
}

it('is what the code allows', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(DOCUMENT, document());
  expect(readFileSync(DOCUMENT, 'utf8')).toBe(document());
});
