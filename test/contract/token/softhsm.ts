/** SoftHSM tokens for tests: where the library is, and tokens with keys of every kind. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Secret, systemClock } from '../../../src/kernel/index.js';
import { initPki } from '../../../src/sandbox/pki/index.js';
import { provisionSoftHsm, type ProvisionedSoftHsm } from '../../../src/sandbox/softhsm/index.js';

export const SOFTHSM_MODULE = '/usr/lib/softhsm/libsofthsm2.so';
export const PIN = '123456';
export const KEY_TYPES = [
  'rsa-2048',
  'rsa-3072',
  'ec-p256',
  'ec-p384',
  'ec-p521',
  'ed25519',
] as const;

/** Whether to run; without the library the reason is printed, and in CI that is a failure. */
export function hasSoftHsm(): boolean {
  if (existsSync(SOFTHSM_MODULE)) return true;
  if (process.env['CI'] === 'true') throw new Error(`${SOFTHSM_MODULE} is missing in CI`);
  console.warn(`skipped: ${SOFTHSM_MODULE} is not installed (softhsm2)`);
  return false;
}

/** Set by softhsm-environment.mjs. */
export function softHsmDirectory(): string {
  return (globalThis as unknown as { softHsmDirectory: string }).softHsmDirectory;
}

export function provisionTestTokens(
  tokens: readonly { label: string; keyType: (typeof KEY_TYPES)[number] }[],
): Promise<ProvisionedSoftHsm> {
  const directory = softHsmDirectory();
  const pkiDirectory = join(directory, 'pki');
  return initPki({
    directory: pkiDirectory,
    baseUrl: 'http://127.0.0.1:8318',
    clock: systemClock,
  }).then(() =>
    provisionSoftHsm({
      directory,
      modulePath: SOFTHSM_MODULE,
      pkiDirectory,
      clock: systemClock,
      tokens: tokens.map((token) => ({
        ...token,
        pin: Secret.fromText(PIN),
        soPin: Secret.fromText('87654321'),
        subject: `CN=示例签章人,2.5.4.97=11330100002489559L,O=示例市财政局,C=CN`,
      })),
    }),
  );
}
