#!/usr/bin/env node
/** Entry point of the command line. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCliRuntime, packageVersion, runCli } from '../app/index.js';

const root = join(fileURLToPath(import.meta.url), '..', '..', '..');

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

const runtime = createCliRuntime({
  env: process.env,
  version: packageVersion(join(root, 'package.json')),
  isInteractive: process.stdin.isTTY,
  untilStopped,
});

process.exitCode = await runCli(process.argv.slice(2), runtime, {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
});
