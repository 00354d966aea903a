/** @jest-environment ./test/contract/token/softhsm-environment.mjs */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { examineTokens } from '../../../src/cli/token-doctor.js';
import { Secret, silentLogger, systemClock, type Clock } from '../../../src/kernel/index.js';
import { openPkcs11Provider } from '../../../src/token/pkcs11/index.js';
import type { TokenProvider } from '../../../src/token/index.js';
import { hasShimTools, Shim, type Faults } from '../../support/pkcs11-shim/shim.js';
import { hasSoftHsm, PIN, provisionTestTokens, SOFTHSM_MODULE } from './softhsm.js';
import { testHost } from './ways.js';

const describeIf = hasSoftHsm() && hasShimTools() ? describe : describe.skip;
const MINE = '体检';
const DAY_MS = 86_400_000;

describeIf('the token doctor', () => {
  let shim: Shim;
  let provider: TokenProvider;

  const open = (modulePath: string): Promise<TokenProvider> =>
    openPkcs11Provider({
      modulePaths: [modulePath],
      logger: silentLogger,
      clock: systemClock,
      host: testHost(shim.environment),
    });
  const examine = async (pin?: string, clock: Clock = systemClock) =>
    examineTokens(provider, {
      clock,
      label: undefined,
      pin: pin === undefined ? undefined : Secret.fromText(pin),
    });

  beforeAll(async () => {
    await provisionTestTokens([{ label: MINE, keyType: 'ec-p256' }]);
    shim = new Shim(SOFTHSM_MODULE);
    provider = await open(shim.modulePath);
  });
  afterAll(async () => {
    await provider[Symbol.asyncDispose]();
    shim[Symbol.dispose]();
  });
  beforeEach(() => {
    shim.unlock();
    shim.play({ present: MINE });
  });

  const rows: readonly { faults: Faults; step: string; code: string; before: readonly string[] }[] =
    [
      { faults: { slots: 'none' }, step: 'slot', code: 'token-no-slot', before: ['library'] },
      { faults: {}, step: 'token', code: 'token-absent', before: ['library', 'slot'] },
      {
        faults: { present: MINE, certificates: 'encryption-only' },
        step: 'certificate',
        code: 'token-no-signing-certificate',
        before: ['library', 'slot', 'token'],
      },
      {
        faults: { present: MINE, 'token-flags': 'final-try' },
        step: 'pin',
        code: 'token-pin-final-try',
        before: ['library', 'slot', 'token', 'certificate', 'validity'],
      },
      {
        faults: { present: MINE, sign: 'flip' },
        step: 'signature',
        code: 'token-failed',
        before: ['library', 'slot', 'token', 'certificate', 'validity', 'pin'],
      },
    ];
  it.each(rows)('stops at $step: $code', async ({ faults, step, code, before }) => {
    shim.play(faults);
    const steps = await examine(PIN);
    const wrong = steps.findIndex((each) => each.verdict === 'failed');
    expect(steps[wrong]).toMatchObject({ step, code });
    expect(steps.slice(0, wrong).map((each) => each.step)).toEqual(before);
  });

  it('says that a library is missing', async () => {
    await using other = await open('/nonexistent/vendor.so');
    const steps = await examineTokens(other, {
      clock: systemClock,
      label: undefined,
      pin: undefined,
    });
    expect(steps).toMatchObject([
      { step: 'library', verdict: 'failed', code: 'token-library-missing' },
    ]);
  });

  it('finds a sound token sound, makes a test signature only with a PIN, and warns before the end', async () => {
    expect((await examine()).map(({ step }) => step)).not.toContain('signature');
    const sound = await examine(PIN);
    expect(sound.at(-1)).toMatchObject({ step: 'signature', verdict: 'ok' });
    expect(sound.every(({ verdict }) => verdict === 'ok')).toBe(true);
    const { slots } = await provider.list();
    const notAfterMs = Date.parse(slots[0]!.signingCertificate!.notAfter);
    const at = (ms: number): Clock => ({ ...systemClock, now: () => new Date(ms) });
    const soon = await examine(undefined, at(notAfterMs - 10 * DAY_MS));
    expect(soon).toContainEqual(expect.objectContaining({ step: 'validity', verdict: 'warning' }));
    const late = await examine(undefined, at(notAfterMs + DAY_MS));
    expect(late).toContainEqual(expect.objectContaining({ code: 'certificate-expired' }));
  });
});
