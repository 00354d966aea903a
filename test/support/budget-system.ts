/**
 * The sample budget system as a process of its own, whose faults are switched from outside: one line
 * of JSON on standard input is an order, one line on standard output its answer.
 *
 * `budget-system.ts DIRECTORY PORT SERVICE_PUBLIC_KEY_PEM RECEIPT_KEY_PEM`
 */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { messageSigner } from '../../src/filing/index.js';
import {
  startSampleBudgetSystem,
  type RegisteredFiling,
  type SampleCondition,
  type SampleFault,
} from '../../src/sandbox/budget-system/index.js';

export type BudgetSystemOrder =
  | { readonly order: 'filings' }
  | { readonly order: 'faults'; readonly faults: readonly SampleFault[] }
  | { readonly order: 'condition'; readonly condition: SampleCondition }
  | { readonly order: 'lose'; readonly key: string }
  | {
      readonly order: 'alter';
      readonly key: string;
      readonly changes: Partial<RegisteredFiling>;
    };

const [directory = '', port = '0', servicePem = '', receiptPem = ''] = process.argv.slice(2);
const budget = await startSampleBudgetSystem({
  directory,
  port: Number(port),
  verificationKeys: new Map([['qianyin-quickstart', createPublicKey(readFileSync(servicePem))]]),
  receiptSigner: messageSigner({
    keyId: 'sample-budget-system',
    privateKeyPem: readFileSync(receiptPem, 'utf8'),
  }),
});

async function obey(order: BudgetSystemOrder): Promise<unknown> {
  switch (order.order) {
    case 'filings':
      return { filings: budget.filings(), deliveries: budget.deliveryCount() };
    case 'faults':
      budget.addFaults(...order.faults);
      return undefined;
    case 'condition':
      budget.setCondition(order.condition);
      return undefined;
    case 'lose':
      return budget.lose(order.key);
    case 'alter':
      return budget.alter(order.key, order.changes);
  }
}

const say = (answer: unknown): boolean =>
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);

say({ url: budget.url });
for await (const line of createInterface({ input: process.stdin })) {
  say(await obey(JSON.parse(line) as BudgetSystemOrder));
}
await budget.stop();
