// `npm test`: sets up what it needs, runs every check and every test, ends with `N passed, N failed, N skipped`.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  BUILD_PACKAGES,
  CACHE,
  ROOT,
  RUN_PACKAGES,
  TEST_PACKAGES,
  ensureBuild,
  ensureDebianPackages,
  ensureNodeModules,
  ensurePkits,
  ensurePyHanko,
  run,
  say,
} from './environment.mjs';

const inCi = process.env.CI === 'true';
const missing = ensureDebianPackages([...BUILD_PACKAGES, ...RUN_PACKAGES, ...TEST_PACKAGES]);
if (missing.length > 0 && inCi) process.exit(69);
if (!ensureNodeModules() || !ensureBuild()) process.exit(1);

const env = { ...process.env };
const python = ensurePyHanko();
if (python !== undefined) env.PYHANKO_PYTHON = python;
const pkits = python === undefined ? undefined : ensurePkits(python);
if (pkits !== undefined) env.PKITS_DIR = pkits;
else say('skipped: PKITS could not be fetched; NIST path validation tests are skipped');
if (python === undefined)
  say('skipped: pyHanko could not be installed; tests that compare with it are skipped');

let mongo;
if (env.MONGODB_URI === undefined) {
  const { startMongoTestServer } = await import('./mongo-test-server.mjs');
  mongo = await startMongoTestServer();
  if ('uri' in mongo) env.MONGODB_URI = mongo.uri;
  else say(`skipped: store contract tests against MongoDB: ${mongo.skipped}`);
}

const bin = (name, ...path) => join(ROOT, 'node_modules', name, ...path);
const checks = [
  ['types', [bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json', '--noEmit']],
  ['lint', [bin('eslint', 'bin', 'eslint.js'), '--max-warnings', '0', '.']],
  [
    'imports',
    [
      bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      'src',
    ],
  ],
  ['format', [bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.']],
];
let passed = 0;
let failed = 0;
let skipped = 0;
const only = process.argv.slice(2);
if (only.length === 0) {
  for (const [name, args] of checks) {
    const ok = run(process.execPath, args) === 0;
    say(`check ${name}: ${ok ? 'ok' : 'FAILED'}`);
    if (ok) passed++;
    else failed++;
  }
}

const summary = join(CACHE, 'jest-summary.json');
rmSync(summary, { force: true });
env.JEST_SUMMARY_FILE = summary;
const status = run(process.execPath, [join(ROOT, 'scripts', 'jest.mjs'), ...only], { env });
if (existsSync(summary)) {
  const counts = JSON.parse(readFileSync(summary, 'utf8'));
  passed += counts.passed;
  failed += counts.failed;
  skipped += counts.skipped;
} else failed++;
if (mongo !== undefined && 'stop' in mongo) await mongo.stop();
if (status !== 0 && failed === 0) failed = 1;
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exit(failed === 0 ? 0 : 1);
