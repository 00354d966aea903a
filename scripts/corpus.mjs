// `npm run test:corpus [-- --only SOURCE]`: gathers some thousand PDFs of other products and signs each twice.
import { join } from 'node:path';
import {
  RUN_PACKAGES,
  ROOT,
  TEST_PACKAGES,
  ensureDebianPackages,
  ensureNodeModules,
  run,
} from './environment.mjs';

const missing = ensureDebianPackages([...RUN_PACKAGES, ...TEST_PACKAGES]);
if (missing.length > 0 || !ensureNodeModules()) process.exit(69);
const loader = join(ROOT, 'test', 'support', 'run-typescript.mjs');
const main = join(ROOT, 'test', 'corpus', 'main.ts');
const args = ['--no-warnings', '--import', loader, main, ...process.argv.slice(2)];
process.exit(run(process.execPath, args));
