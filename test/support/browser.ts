/** Debian's Chromium, driven by playwright-core. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PROGRAM = '/usr/bin/chromium';

/** `undefined` where it is not installed, said once; in CI, which installs it, that is an error. */
export async function openBrowser(): Promise<Browser | undefined> {
  if (!existsSync(PROGRAM)) {
    if (process.env['CI'] === 'true') throw new Error(`${PROGRAM} is missing in CI`);
    console.log(`skipped: ${PROGRAM} is not installed`);
    return undefined;
  }
  return chromium.launch({
    executablePath: PROGRAM,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'],
  });
}
