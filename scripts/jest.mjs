// Runs jest with the flag that ESM test files need, and passes every argument on.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './environment.mjs';

const jestBin = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const nodeOptions =
  `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --no-warnings`.trim();
const result = spawnSync(process.execPath, [jestBin, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, NODE_OPTIONS: nodeOptions },
});
process.exit(result.status ?? 1);
