import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import {
  APPLICATION_ACTIONS,
  APPLICATION_RIGHTS,
  APPLICATION_STATES,
  APPLICATION_TRANSITIONS,
  SEAL_ACTIONS,
  SEAL_LIFE_STATES,
  SEAL_RIGHTS,
  SEAL_TRANSITIONS,
} from '../../../src/seal/index.js';

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Rows are states, columns are actions, cells the state after. */
function table(states: readonly string[], actions: readonly string[], transitions: Table): string {
  return [
    `| from | ${actions.join(' | ')} |`,
    `| --- |${actions.map(() => ' --- |').join('')}`,
    ...states.map((state) => {
      const cells = actions.map((action) => transitions[state]?.[action] ?? '');
      return `| **${state}** | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

function rights(of: Readonly<Record<string, readonly string[]>>): string {
  return [
    '| action | roles |',
    '| --- | --- |',
    ...Object.entries(of).map(([action, roles]) => `| ${action} | ${roles.join(', ')} |`),
  ].join('\n');
}

function lifeMarkdown(): string {
  return `# The life of a seal (印章的一生)

Made from the tables in \`src/seal/status.ts\` and \`src/seal/application/states.ts\`; a test compares it (\`UPDATE_DOCS=1\` rewrites it). An empty cell is refused: \`seal-transition-refused\`, \`seal-application-transition-refused\`. Every role acts within its own unit, or its own region and below; beyond that a record is not found.

## A seal

${table(SEAL_LIFE_STATES, SEAL_ACTIONS, SEAL_TRANSITIONS)}

\`renew\`, \`rebind\` and \`alter\` begin an application; the seal changes when that is made. A unit suspends its own seal when it reports a loss.

${rights(SEAL_RIGHTS)}

## An application

${table(APPLICATION_STATES, APPLICATION_ACTIONS, APPLICATION_TRANSITIONS)}

Nobody who has applied prepares or approves, and the one who prepares does not approve; all of them log in with UKeys of their own (\`seal-dual-control\`).

${rights(APPLICATION_RIGHTS)}
`;
}

it('stands in docs/seal-life.md as the code has it (UPDATE_DOCS=1 rewrites it)', () => {
  const path = join(process.cwd(), 'docs', 'seal-life.md');
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, lifeMarkdown());
  expect(readFileSync(path, 'utf8')).toBe(lifeMarkdown());
});
