/** @jest-environment ./test/contract/token/softhsm-environment.mjs */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret, silentLogger, systemClock, type Clock } from '../../../src/kernel/index.js';
import { openPkcs11Provider } from '../../../src/token/pkcs11/index.js';
import type {
  OpenTokenOptions,
  SignatureScheme,
  SigningKey,
  TokenProvider,
  TokenSelector,
} from '../../../src/token/index.js';
import { hasShimTools, Shim, type Faults } from '../../support/pkcs11-shim/shim.js';
import { hasSoftHsm, PIN, provisionTestTokens, SOFTHSM_MODULE } from './softhsm.js';
import { testHost } from './ways.js';

const describeIf = hasSoftHsm() && hasShimTools() ? describe : describe.skip;
const SCHEME: SignatureScheme = { padding: 'ecdsa', digest: 'sha256' };
const MESSAGE = new TextEncoder().encode('合同');
const MINE = '采购人';
const OTHER = '供应商';
const CALL_TIMEOUT_MS = 1500;

describeIf('a token and its driver, failing', () => {
  let shim: Shim;
  let provider: TokenProvider;
  let offsetMs = 0;
  const clock: Clock = {
    now: () => systemClock.now(),
    monotonicMs: () => systemClock.monotonicMs() + offsetMs,
  };

  const open = (
    text = PIN,
    more: Partial<OpenTokenOptions> = {},
    selector: TokenSelector = {},
  ): Promise<SigningKey> => provider.open(selector, { pin: Secret.fromText(text), ...more });

  const works = async (): Promise<void> => {
    await using key = await open();
    expect((await key.sign(MESSAGE, SCHEME)).length).toBeGreaterThan(60);
  };

  const start = async (modulePaths = [shim.modulePath]): Promise<void> => {
    provider = await openPkcs11Provider({
      modulePaths,
      logger: silentLogger,
      clock,
      callTimeoutMs: CALL_TIMEOUT_MS,
      host: testHost(shim.environment),
    });
  };

  beforeAll(async () => {
    await provisionTestTokens([
      { label: MINE, keyType: 'ec-p256' },
      { label: OTHER, keyType: 'ec-p256' },
    ]);
    shim = new Shim(SOFTHSM_MODULE);
    await start();
  });
  afterAll(async () => {
    await provider[Symbol.asyncDispose]();
    shim[Symbol.dispose]();
  });
  /** One module's process serves many tests; each begins with a token just plugged in, and a clean record. */
  beforeEach(async () => {
    offsetMs += 20 * 60_000;
    shim.unlock();
    shim.play({});
    await provider.list();
    shim.play({ present: MINE });
  });

  const restart = async (modulePaths?: string[]): Promise<void> => {
    await provider[Symbol.asyncDispose]();
    await start(modulePaths);
  };

  interface Row {
    readonly fault: string;
    readonly faults: Faults;
    readonly code: string;
    readonly params?: Readonly<Record<string, unknown>>;
  }

  describe('before and at the login', () => {
    const rows: readonly Row[] = [
      { fault: 'no slot', faults: { slots: 'none' }, code: 'token-no-slot' },
      { fault: 'a slot without token', faults: {}, code: 'token-absent' },
      {
        fault: 'an error of the slot list',
        faults: { present: MINE, slots: 'general-error' },
        code: 'token-failed',
        params: { reason: 'CKR_GENERAL_ERROR' },
      },
      {
        fault: 'only the encryption certificate',
        faults: { present: MINE, certificates: 'encryption-only' },
        code: 'token-no-signing-certificate',
      },
      {
        fault: 'an expired PIN',
        faults: { present: MINE, login: 'pin-expired' },
        code: 'token-pin-expired',
      },
      {
        fault: 'a device error',
        faults: { present: MINE, login: 'device-error' },
        code: 'token-failed',
        params: { reason: 'CKR_DEVICE_ERROR' },
      },
      {
        fault: 'the token pulled out during the login',
        faults: { present: MINE, login: 'device-removed' },
        code: 'token-absent',
      },
      {
        fault: 'a crash in C_Login',
        faults: { present: MINE, login: 'abort' },
        code: 'token-failed',
        params: { reason: 'module-crashed' },
      },
      {
        fault: 'a C_Login that never returns',
        faults: { present: MINE, login: 'hang' },
        code: 'token-failed',
        params: { reason: 'module-hung' },
      },
    ];

    it.each(rows)('$fault is $code, and works again afterwards', async (row) => {
      shim.play(row.faults);
      await expect(open()).rejects.toMatchObject({
        code: row.code,
        ...(row.params === undefined ? {} : { params: row.params }),
      });
      shim.play({ present: MINE });
      await works();
    });
  });

  describe('while signing', () => {
    const rows: readonly (Row & { readonly keepsLogin: boolean })[] = [
      ...(['device-error', 'general-error', 'host-memory', 'function-canceled'] as const).map(
        (sign) => ({
          fault: sign,
          faults: { present: MINE, sign },
          code: 'token-failed',
          params: { reason: `CKR_${sign.toUpperCase().replaceAll('-', '_')}` },
          keepsLogin: true,
        }),
      ),
      {
        fault: 'a wrong signature',
        faults: { present: MINE, sign: 'flip' },
        code: 'token-failed',
        params: { reason: 'signature-not-verified' },
        keepsLogin: true,
      },
      {
        fault: 'the token pulled out',
        faults: {},
        code: 'token-absent',
        keepsLogin: false,
      },
      {
        fault: 'the token pulled out between C_SignInit and C_Sign',
        faults: { present: MINE, sign: 'device-removed' },
        code: 'token-absent',
        keepsLogin: true,
      },
      {
        fault: 'another token put in its place',
        faults: { present: OTHER },
        code: 'token-exchanged',
        keepsLogin: false,
      },
      {
        fault: 'a crash in C_Sign',
        faults: { present: MINE, sign: 'abort' },
        code: 'token-failed',
        params: { reason: 'module-crashed' },
        keepsLogin: false,
      },
      {
        fault: 'a crash in C_SignInit',
        faults: { present: MINE, 'sign-init': 'abort' },
        code: 'token-failed',
        params: { reason: 'module-crashed' },
        keepsLogin: false,
      },
      {
        fault: 'a C_Sign that never returns',
        faults: { present: MINE, sign: 'hang' },
        code: 'token-failed',
        params: { reason: 'module-hung' },
        keepsLogin: false,
      },
      {
        fault: 'a C_SignInit that never returns',
        faults: { present: MINE, 'sign-init': 'hang' },
        code: 'token-failed',
        params: { reason: 'module-hung' },
        keepsLogin: false,
      },
    ];

    it.each(rows)('$fault is $code, and works again afterwards', async (row) => {
      await using key = await open();
      await key.sign(MESSAGE, SCHEME);
      shim.play(row.faults);
      await expect(key.sign(MESSAGE, SCHEME)).rejects.toMatchObject({
        code: row.code,
        ...(row.params === undefined ? {} : { params: row.params }),
      });
      shim.play({ present: MINE });
      // A login that is gone is reported; nobody's PIN is entered again for them.
      if (row.keepsLogin) expect(await key.sign(MESSAGE, SCHEME)).toBeDefined();
      else {
        await expect(key.sign(MESSAGE, SCHEME)).rejects.toMatchObject({
          code: 'token-pin-required',
        });
      }
      await works();
    });

    it.each([
      'session-handle-invalid',
      'session-closed',
      'key-handle-invalid',
      'operation-not-initialized',
    ] as const)('rebuilds a session that died by %s, without a PIN', async (sign) => {
      await using key = await open();
      shim.play({ present: MINE, sign, once: 'yes' });
      expect((await key.sign(MESSAGE, SCHEME)).length).toBeGreaterThan(60);
    });

    it('takes DER from a token that returns it, in the room that it asks for', async () => {
      await using key = await open();
      shim.play({ present: MINE, sign: 'der' });
      expect((await key.sign(MESSAGE, SCHEME))[0]).toBe(0x30);
    });

    it('signs again with a token that was pulled out and put back', async () => {
      await using before = await open();
      await before.sign(MESSAGE, SCHEME);
      shim.play({});
      await expect(open()).rejects.toMatchObject({ code: 'token-absent' });
      shim.play({ present: MINE });
      await works();
    });

    it('sees a slot that appears late', async () => {
      shim.play({ slots: 'none' });
      expect((await provider.list()).faults).toMatchObject([{ code: 'token-no-slot' }]);
      shim.play({ present: MINE });
      expect((await provider.list()).slots).toMatchObject([{ label: MINE }]);
      await works();
    });
  });

  describe('PINs', () => {
    it('locks after its tries, and is not asked on the last one unless that is confirmed', async () => {
      shim.play({ present: MINE, 'max-tries': 3 });
      await expect(open('000000')).rejects.toMatchObject({
        code: 'token-pin-incorrect',
        params: { triesLeft: 'low' },
      });
      await expect(open('000000')).rejects.toMatchObject({
        code: 'token-pin-incorrect',
        params: { triesLeft: 'final' },
      });
      await expect(open('000000')).rejects.toMatchObject({ code: 'token-pin-final-try' });
      const { slots } = await provider.list();
      expect(slots).toMatchObject([{ pinState: 'final-try' }]);
      await expect(open('000000', { confirmFinalTry: true })).rejects.toMatchObject({
        code: 'token-pin-locked',
      });
      // Another process of ours knows it from the token.
      await restart();
      await expect(open()).rejects.toMatchObject({ code: 'token-pin-locked' });
      shim.unlock();
      await restart();
      await works();
    });

    it('stops a flood of guesses before a token that sets no flags locks', async () => {
      shim.play({ present: MINE, 'max-tries': 6, 'token-flags': 'none' });
      for (let guess = 0; guess < 3; guess++) {
        await expect(open(`00000${guess}`)).rejects.toMatchObject({ code: 'token-pin-incorrect' });
      }
      for (let guess = 0; guess < 20; guess++) {
        await expect(open(`10000${guess}`)).rejects.toMatchObject({
          code: 'token-pin-paused',
          params: { retryAfterSeconds: expect.any(Number) },
        });
      }
      offsetMs += 6 * 60_000;
      await works();
    });

    it('keeps its count when the module crashes', async () => {
      shim.play({ present: MINE, 'max-tries': 9, 'token-flags': 'none' });
      for (let guess = 0; guess < 3; guess++) {
        await expect(open('000000')).rejects.toMatchObject({ code: 'token-pin-incorrect' });
      }
      shim.play({ present: MINE, slots: 'abort' });
      await provider.list();
      shim.play({ present: MINE, 'max-tries': 9, 'token-flags': 'none' });
      await expect(open()).rejects.toMatchObject({ code: 'token-pin-paused' });
      offsetMs += 6 * 60_000;
      await works();
    });

    it('counts a general error at the login as a refused PIN', async () => {
      shim.play({ present: MINE, 'wrong-pin': 'general-error' });
      for (let guess = 0; guess < 3; guess++) {
        await expect(open('000000')).rejects.toMatchObject({ code: 'token-pin-incorrect' });
      }
      await expect(open()).rejects.toMatchObject({ code: 'token-pin-paused' });
      offsetMs += 6 * 60_000;
      shim.play({ present: MINE });
      await works();
    });

    it('enters the PIN before every signature where the token wants that, and says so', async () => {
      shim.play({ present: MINE, 'always-authenticate': 'yes' });
      await using key = await open();
      expect(key.authentication).toBe('each-signature');
      await key.sign(MESSAGE, SCHEME);
      await key.sign(MESSAGE, SCHEME);
      shim.play({ present: MINE });
      await using other = await open();
      expect(other.authentication).toBe('once');
    });
  });

  describe('the module', () => {
    it('is restarted at once the first time, and later and later after that', async () => {
      shim.play({ present: MINE, slots: 'abort' });
      const reason = { code: 'token-failed', reason: 'module-crashed' };
      for (let crash = 0; crash < 2; crash++) {
        expect((await provider.list()).faults).toMatchObject([reason]);
      }
      shim.play({ present: MINE });
      await expect(open()).rejects.toMatchObject({ code: 'token-failed' });
      offsetMs += 1100;
      await works();
    });

    it('is restarted where its library crashes as it starts', async () => {
      shim.play({ present: MINE, initialize: 'abort' });
      await restart();
      await expect(open()).rejects.toMatchObject({
        code: 'token-failed',
        params: { reason: 'module-crashed' },
      });
      shim.play({ present: MINE });
      await works();
    });

    it('keeps the tokens of other modules in reach while one crashes or hangs', async () => {
      await restart([shim.modulePath, SOFTHSM_MODULE]);
      for (const slots of ['abort', 'hang'] as const) {
        shim.play({ present: MINE, slots });
        const listing = await provider.list();
        expect(listing.slots.map(({ label }) => label).sort()).toEqual([OTHER, MINE].sort());
        expect(listing.faults).toMatchObject([
          { modulePath: shim.modulePath, code: 'token-failed' },
        ]);
        await using key = await open(PIN, {}, { label: OTHER });
        expect(await key.sign(MESSAGE, SCHEME)).toBeDefined();
      }
    });

    it('asks for a serial where two tokens answer to one label', async () => {
      await restart([shim.modulePath, SOFTHSM_MODULE]);
      await expect(open(PIN, {}, { label: MINE })).rejects.toMatchObject({
        code: 'token-ambiguous',
        params: { serials: [expect.any(String), expect.any(String)] },
      });
      const { slots } = await provider.list();
      const other = slots.find(({ label }) => label === OTHER);
      await using key = await open(PIN, {}, { serial: other!.serial });
      expect(Buffer.from(key.certificateDer)).toEqual(Buffer.from(other!.signingCertificate!.der));
    });
  });
});
