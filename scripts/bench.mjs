// `npm run bench [-- parts] [--json] [--rounds N]`: compiles src and bench beside each other and measures.
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  BUILD_PACKAGES,
  ROOT,
  RUN_PACKAGES,
  ensureDebianPackages,
  ensureNodeModules,
  run,
  say,
} from './environment.mjs';

const missing = ensureDebianPackages([...BUILD_PACKAGES, ...RUN_PACKAGES]);
if (missing.some((name) => name !== 'poppler-utils')) process.exit(69);
if (!ensureNodeModules()) process.exit(1);

const out = join(ROOT, 'dist-bench');
mkdirSync(out, { recursive: true });
// Compiled code looks for these above itself, as in the package.
for (const name of ['CHANGELOG.md', 'calendars', 'certs', 'package.json', 'templates']) {
  const link = join(out, name);
  if (!existsSync(link)) symlinkSync(join(ROOT, name), link);
}
say('编译 (build) …');
const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
// What tsc says goes to stderr: stdout is the result, which --json makes machine-readable.
if (run(process.execPath, [tsc, '-p', 'tsconfig.bench.json'], { stdio: ['ignore', 2, 2] }) !== 0) {
  process.exit(1);
}
const main = join(out, 'bench', 'main.js');
process.exit(run(process.execPath, ['--enable-source-maps', main, ...process.argv.slice(2)]));
