// `npm run fuzz -- [--minutes N] [--seed N] [--corpus DIR] [--out DIR]`: mutates signed files and watches the verifier.
import { join } from 'node:path';
import { ROOT, run } from './environment.mjs';

const hooks = join(ROOT, 'test/support/run-typescript.mjs');
const program = join(ROOT, 'test/fuzz/main.ts');
process.exit(
  run(process.execPath, ['--no-warnings', '--import', hooks, program, ...process.argv.slice(2)]),
);
