// `node scripts/jest.mjs [arguments of jest]`: sets up what the selected tests need, and runs them.
import { prepareTests, runJest } from './test-environment.mjs';

const args = process.argv.slice(2);
const ready = await prepareTests(args);
if (ready === undefined) process.exit(69);
const status = runJest(args, ready.env);
await ready.stop();
process.exit(status);
