// `npm test`: sets up what it needs, runs every check and every test, ends with `N passed, N failed, N skipped`.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, ROOT, run, say } from './environment.mjs';
import { prepareTests, runJest } from './test-environment.mjs';

const only = process.argv.slice(2);
const ready = await prepareTests(only);
if (ready === undefined) process.exit(69);

const bin = (name, ...path) => join(ROOT, 'node_modules', name, ...path);
const checks = [
  ['types', [bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json', '--noEmit']],
  ...['src/console', 'test/e2e/console'].map((folder) => [
    `types of ${folder}`,
    [bin('typescript', 'bin', 'tsc'), '-p', `${folder}/tsconfig.json`],
  ]),
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
const status = runJest(only, { ...ready.env, JEST_SUMMARY_FILE: summary });
await ready.stop();
if (existsSync(summary)) {
  const counts = JSON.parse(readFileSync(summary, 'utf8'));
  passed += counts.passed;
  failed += counts.failed;
  skipped += counts.skipped;
} else failed++;
if (status !== 0 && failed === 0) failed = 1;
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exit(failed === 0 ? 0 : 1);
