// `npm run fuzz -- [--minutes N] [--seed N] [--corpus DIR] [--out DIR]`: mutates signed files and watches the verifier.
import { join } from 'node:path';
import {
  BUILD_PACKAGES,
  ROOT,
  RUN_PACKAGES,
  TEST_PACKAGES,
  ensureDebianPackages,
  ensureNodeModules,
  run,
} from './environment.mjs';

// Without renderers the oracle of what is shown would be blind.
const missing = ensureDebianPackages([...BUILD_PACKAGES, ...RUN_PACKAGES, ...TEST_PACKAGES]);
if (missing.length > 0 || !ensureNodeModules()) process.exit(69);
const hooks = join(ROOT, 'test/support/run-typescript.mjs');
const program = join(ROOT, 'test/fuzz/main.ts');
process.exit(
  run(process.execPath, ['--no-warnings', '--import', hooks, program, ...process.argv.slice(2)]),
);
