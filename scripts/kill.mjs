// `npm run test:kill`: fifty contracts in flight on two servers that die at every arrow of the flow, again and again.
import { prepareTests, runJest } from './test-environment.mjs';

process.env.KILL_CONTRACTS ??= '50';
process.env.KILL_ROUNDS ??= '3';
const args = ['test/e2e/kill.test.ts', ...process.argv.slice(2)];
const ready = await prepareTests(args);
if (ready === undefined) process.exit(69);
const status = runJest(args, ready.env);
await ready.stop();
process.exit(status);
