// `npm run test:corpus [-- --only SOURCE] [--name TEXT] [--lanes N] [--take N] [--resume]`: gathers some thousand PDFs
// of other products and signs each twice.
import { join } from 'node:path';
import {
  BUILD_PACKAGES,
  CORPUS_PACKAGES,
  ROOT,
  RUN_PACKAGES,
  TEST_PACKAGES,
  ensureBuild,
  ensureDebianPackages,
  ensureNodeModules,
  run,
} from './environment.mjs';

const missing = ensureDebianPackages([...BUILD_PACKAGES, ...RUN_PACKAGES, ...TEST_PACKAGES]);
if (missing.length > 0 || !ensureNodeModules() || !ensureBuild()) process.exit(69);
// Without these the corpus is smaller, and says by what.
ensureDebianPackages(CORPUS_PACKAGES);
const loader = join(ROOT, 'test', 'support', 'run-typescript.mjs');
const main = join(ROOT, 'test', 'corpus', 'main.ts');
const args = ['--no-warnings', '--import', loader, main, ...process.argv.slice(2)];
process.exit(run(process.execPath, args));
