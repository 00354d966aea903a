/** Starts and orders about `budget-system.ts`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type {
  RegisteredFiling,
  SampleCondition,
  SampleFault,
} from '../../src/sandbox/budget-system/index.js';
import type { BudgetSystemOrder } from './budget-system.js';
import { childArguments, childEnvironment } from './child-process.js';

export interface BudgetSystemProcess {
  readonly url: string;
  /** The ledger that it keeps, oldest first, and how many deliveries it met. */
  ledger(): Promise<{ filings: readonly RegisteredFiling[]; deliveries: number }>;
  addFaults(...faults: readonly SampleFault[]): Promise<void>;
  setCondition(condition: SampleCondition): Promise<void>;
  lose(key: string): Promise<void>;
  alter(key: string, changes: Partial<RegisteredFiling>): Promise<void>;
  isRunning(): boolean;
  /** Also where it has ended by itself. */
  stop(): Promise<void>;
}

export async function startBudgetSystem(options: {
  readonly directory: string;
  readonly port: number;
  /** PEM files: the key that signs our requests, and the one that signs receipts. */
  readonly requestKeyFile: string;
  readonly receiptKeyFile: string;
}): Promise<BudgetSystemProcess> {
  const { directory, port, requestKeyFile, receiptKeyFile } = options;
  const args = [directory, String(port), requestKeyFile, receiptKeyFile];
  const child = spawn(process.execPath, childArguments('test/support/budget-system.ts', args), {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: childEnvironment(),
  });
  const ended = once(child, 'exit');
  // An order to somebody who has ended is told by the missing answer.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('the budget system has ended');
    return JSON.parse(line.value) as T;
  };
  let last: Promise<unknown> = Promise.resolve();
  const order = <T>(what: BudgetSystemOrder): Promise<T> => {
    const turn = last.then(() => {
      child.stdin.write(`${JSON.stringify(what)}\n`);
      return answer<T>();
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  const { url } = await answer<{ url: string }>();
  return {
    url,
    ledger: () => order({ order: 'filings' }),
    addFaults: (...faults) => order({ order: 'faults', faults }),
    setCondition: (condition) => order({ order: 'condition', condition }),
    lose: (key) => order({ order: 'lose', key }),
    alter: (key, changes) => order({ order: 'alter', key, changes }),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
