/** @jest-environment ./test/contract/token/softhsm-environment.mjs */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { startChild } from '../../support/child-process.js';
import { hasShimTools, Shim } from '../../support/pkcs11-shim/shim.js';
import {
  hasSoftHsm,
  PIN,
  provisionTestTokens,
  SOFTHSM_MODULE,
  softHsmDirectory,
} from './softhsm.js';

const describeIf = hasSoftHsm() && hasShimTools() ? describe : describe.skip;

interface ProcessEntry {
  readonly pid: number;
  readonly commandLine: string;
  readonly environment: string;
}

/** Processes that host this test's module, by its control file in their environment. */
function hosts(control: string): readonly ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8');
        const isHost = commandLine.includes('host-main') && environment.includes(control);
        return isHost ? [{ pid: Number(name), commandLine, environment }] : [];
      } catch {
        // Ended, or somebody else's.
        return [];
      }
    });
}

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50));
}

describeIf("the life of a module's process", () => {
  let shim: Shim;
  const control = (): string => shim.environment['SHIM_CONTROL'] ?? '';
  const startSigner = () =>
    startChild('test/contract/token/signer.ts', [
      softHsmDirectory(),
      shim.modulePath,
      JSON.stringify(shim.environment),
    ]);

  beforeAll(async () => {
    await provisionTestTokens([{ label: '采购人', keyType: 'ec-p256' }]);
    shim = new Shim(SOFTHSM_MODULE);
  });
  afterAll(() => shim[Symbol.dispose]());

  it('shows no PIN in its arguments or environment, and ends with its service', async () => {
    shim.play({ present: '采购人' });
    const signer = startSigner();
    await signer.printed(1);
    const [host, ...others] = hosts(control());
    expect(others).toEqual([]);
    expect(host!.commandLine).not.toContain(PIN);
    expect(host!.environment).not.toContain(PIN);
    signer.process.kill('SIGTERM');
    expect(await signer.exit).toBe(0);
    expect(hosts(control())).toEqual([]);
  });

  it.each([
    ['while it is idle', { present: '采购人' }],
    ['while it is stuck in a call on its main thread', { present: '采购人', 'sign-init': 'hang' }],
  ] as const)('leaves no orphan when the service is killed %s', async (_when, faults) => {
    shim.play({ present: '采购人' });
    const signer = startSigner();
    await signer.printed(1);
    shim.play(faults);
    signer.process.kill('SIGUSR2');
    await signer.printed(2);
    expect(hosts(control())).toHaveLength(1);
    signer.process.kill('SIGKILL');
    await signer.exit;
    await eventually(() => hosts(control()).length === 0);
  });
});
