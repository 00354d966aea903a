/** @jest-environment ./test/contract/token/softhsm-environment.mjs */
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pkcs11js from 'pkcs11js';
import { Secret, silentLogger, systemClock } from '../../../src/kernel/index.js';
import { openPkcs11Provider } from '../../../src/token/pkcs11/index.js';
import type { SignatureScheme, TokenProvider } from '../../../src/token/index.js';
import type { ProvisionedSoftHsm } from '../../../src/sandbox/softhsm/index.js';
import {
  hasSoftHsm,
  PIN,
  provisionTestTokens,
  SOFTHSM_MODULE,
  softHsmDirectory,
} from './softhsm.js';

const describeIf = hasSoftHsm() ? describe : describe.skip;
const SCHEME: SignatureScheme = { padding: 'ecdsa', digest: 'sha256' };
const MESSAGE = new TextEncoder().encode('合同');
const pin = (text = PIN) => ({ pin: Secret.fromText(text) });

/** Counts the C_Login calls of one test; the module itself does all the work. */
function countLogins(): { readonly count: () => number } {
  const proto = pkcs11js.PKCS11.prototype;
  const original = proto.C_Login;
  let count = 0;
  proto.C_Login = function (this: pkcs11js.PKCS11, ...args: Parameters<typeof original>) {
    count++;
    original.apply(this, args);
  };
  restore = () => {
    proto.C_Login = original;
  };
  return { count: () => count };
}
let restore: (() => void) | undefined;

type SignCallback = (error: Error | null, length: number) => void;
interface SignPrototype {
  C_SignCallback(session: Buffer, input: Buffer, output: Buffer, done: SignCallback): void;
}

/**
 * Faults in the library's C_Sign. The binding takes its methods over when a module is loaded, so
 * this comes before the first call on a provider.
 */
function interceptSigning(): { fault: 'flip' | 'hang' | undefined } {
  const control: { fault: 'flip' | 'hang' | undefined } = { fault: undefined };
  const proto = pkcs11js.PKCS11.prototype as unknown as SignPrototype;
  const original = proto.C_SignCallback;
  proto.C_SignCallback = function (session, input, output, done) {
    if (control.fault === 'hang') return;
    original.call(this, session, input, output, (error, length) => {
      if (control.fault === 'flip') output[10]! ^= 1;
      done(error, length);
    });
  };
  restore = () => {
    proto.C_SignCallback = original;
  };
  return control;
}

describeIf('PKCS#11 provider over SoftHSM', () => {
  let provisioned: ProvisionedSoftHsm;
  let provider: TokenProvider;

  const openProvider = async (
    options: { idleLogoutMs?: number; callTimeoutMs?: number } = {},
  ): Promise<TokenProvider> => {
    provider = await openPkcs11Provider({
      modulePaths: [SOFTHSM_MODULE],
      logger: silentLogger,
      clock: systemClock,
      ...options,
    });
    return provider;
  };

  beforeAll(async () => {
    provisioned = await provisionTestTokens([
      { label: '采购人', keyType: 'ec-p256' },
      { label: '供应商', keyType: 'ec-p256' },
      { label: '将被拔出', keyType: 'ec-p256' },
    ]);
  });
  afterEach(async () => {
    restore?.();
    restore = undefined;
    await provider[Symbol.asyncDispose]();
  });

  it('lists tokens with both certificates and marks the one that signs', async () => {
    const { slots, faults } = await (await openProvider()).list();
    expect(faults).toEqual([]);
    const slot = slots.find(({ label }) => label === '采购人');
    expect(slot).toMatchObject({ serial: provisioned.tokens[0]!.serial, pinState: 'ok' });
    expect(slot!.certificates).toHaveLength(3);
    expect(Buffer.from(slot!.signingCertificate!.der)).toEqual(
      Buffer.from(provisioned.tokens[0]!.signingCertificateDer),
    );
    const encryption = slot!.certificates.find(({ idHex }) => idHex === '02');
    expect(encryption!.subject).toBe(slot!.signingCertificate!.subject);
    expect(encryption!.isForSigning).toBe(false);
  });

  it('never signs with the encryption certificate, even when it is named', async () => {
    await openProvider();
    await expect(
      provider.open({ label: '采购人', certificateIdHex: '02' }, pin()),
    ).rejects.toMatchObject({ code: 'token-no-signing-certificate' });
  });

  it('tells a missing library, and keeps the tokens of the others', async () => {
    provider = await openPkcs11Provider({
      modulePaths: ['/nonexistent/vendor.so', SOFTHSM_MODULE],
      logger: silentLogger,
      clock: systemClock,
    });
    const { slots, faults } = await provider.list();
    expect(faults).toEqual([
      { modulePath: '/nonexistent/vendor.so', code: 'token-library-missing' },
    ]);
    expect(slots.length).toBeGreaterThanOrEqual(3);
    await expect(provider.open({ label: '没有这把' }, pin())).rejects.toMatchObject({
      code: 'token-absent',
    });
  });

  it('says token-library-missing where no module loads', async () => {
    provider = await openPkcs11Provider({
      modulePaths: ['/etc/hostname'],
      logger: silentLogger,
      clock: systemClock,
    });
    await expect(provider.open({}, pin())).rejects.toMatchObject({ code: 'token-library-missing' });
  });

  it('logs in once for the same PIN, and proves it every time', async () => {
    await openProvider();
    const logins = countLogins();
    await using first = await provider.open({ label: '采购人' }, pin());
    await using second = await provider.open({ label: '采购人' }, pin());
    expect(logins.count()).toBe(1);
    await first.sign(MESSAGE, SCHEME);
    await expect(provider.open({ label: '采购人' }, pin('000000'))).rejects.toMatchObject({
      code: 'token-pin-incorrect',
      params: { triesLeft: 'low' },
    });
    expect(logins.count()).toBe(2);
    const { slots } = await provider.list();
    expect(slots.find(({ label }) => label === '采购人')!.pinState).toBe('count-low');
    // The wrong PIN cost the login; nobody's PIN is entered again for them.
    await expect(second.sign(MESSAGE, SCHEME)).rejects.toMatchObject({
      code: 'token-pin-required',
    });
    expect(logins.count()).toBe(2);
    await using third = await provider.open({ label: '采购人' }, pin());
    expect((await third.sign(MESSAGE, SCHEME)).length).toBeGreaterThan(60);
    const after = await provider.list();
    expect(after.slots.find(({ label }) => label === '采购人')!.pinState).toBe('ok');
  });

  it('tries no PIN on a locked token, and on the last try only when confirmed', async () => {
    await openProvider();
    const proto = pkcs11js.PKCS11.prototype;
    const original = proto.C_GetTokenInfo;
    let flags = 0;
    proto.C_GetTokenInfo = function (this: pkcs11js.PKCS11, slot: Buffer) {
      const token = original.call(this, slot);
      return { ...token, flags: token.flags | flags };
    };
    try {
      const logins = countLogins();
      flags = pkcs11js.CKF_USER_PIN_LOCKED;
      await expect(provider.open({ label: '供应商' }, pin())).rejects.toMatchObject({
        code: 'token-pin-locked',
      });
      flags = pkcs11js.CKF_USER_PIN_FINAL_TRY;
      await expect(provider.open({ label: '供应商' }, pin())).rejects.toMatchObject({
        code: 'token-pin-final-try',
      });
      expect(logins.count()).toBe(0);
      await using key = await provider.open(
        { label: '供应商' },
        { ...pin(), confirmFinalTry: true },
      );
      expect(key.algorithm.kind).toBe('ec');
    } finally {
      proto.C_GetTokenInfo = original;
    }
  });

  it('refuses a token without the enrolled certificate before it costs a try', async () => {
    await openProvider();
    const logins = countLogins();
    await expect(
      provider.open({ label: '供应商', certificateSha256Hex: 'ab'.repeat(32) }, pin()),
    ).rejects.toMatchObject({ code: 'token-exchanged' });
    expect(logins.count()).toBe(0);
  });

  it('logs out when idle, and does not log in again by itself', async () => {
    await openProvider({ idleLogoutMs: 50 });
    await using key = await provider.open({ label: '供应商' }, pin());
    await key.sign(MESSAGE, SCHEME);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await expect(key.sign(MESSAGE, SCHEME)).rejects.toMatchObject({ code: 'token-pin-required' });
  });

  it('rebuilds a session that died, without a PIN', async () => {
    await openProvider();
    const logins = countLogins();
    let isBreaking = false;
    let broken = 0;
    const proto = pkcs11js.PKCS11.prototype;
    const original = proto.C_SignInit;
    proto.C_SignInit = function (this: pkcs11js.PKCS11, session, ...rest) {
      if (isBreaking) {
        isBreaking = false;
        broken++;
        this.C_CloseSession(session);
      }
      original.call(this, session, ...rest);
    };
    try {
      await using key = await provider.open({ label: '供应商' }, pin());
      await key.sign(MESSAGE, SCHEME);
      isBreaking = true;
      expect((await key.sign(MESSAGE, SCHEME)).length).toBeGreaterThan(60);
    } finally {
      proto.C_SignInit = original;
    }
    expect({ broken, logins: logins.count() }).toEqual({ broken: 1, logins: 1 });
  });

  it('hands out no signature that does not verify', async () => {
    await openProvider();
    const signing = interceptSigning();
    await using key = await provider.open({ label: '供应商' }, pin());
    await key.sign(MESSAGE, SCHEME);
    signing.fault = 'flip';
    await expect(key.sign(MESSAGE, SCHEME)).rejects.toMatchObject({ code: 'token-failed' });
  });

  it('stops waiting for a library that hangs, and goes on with the next session', async () => {
    await openProvider({ callTimeoutMs: 100 });
    const signing = interceptSigning();
    await using key = await provider.open({ label: '供应商' }, pin());
    signing.fault = 'hang';
    await expect(key.sign(MESSAGE, SCHEME)).rejects.toMatchObject({
      code: 'token-failed',
      params: { reason: 'module-hung' },
    });
    signing.fault = undefined;
    expect((await key.sign(MESSAGE, SCHEME)).length).toBeGreaterThan(60);
  });

  it('tells a coded error when the token goes away under our feet, and works on with others', async () => {
    await openProvider();
    await using key = await provider.open({ label: '将被拔出' }, pin());
    await key.sign(MESSAGE, SCHEME);
    const { serial } = provisioned.tokens[2]!;
    const tokens = join(softHsmDirectory(), 'tokens');
    const folder = readdirSync(tokens).find((name) => name.replace(/-/g, '').endsWith(serial))!;
    rmSync(join(tokens, folder), { recursive: true });
    expect(existsSync(join(tokens, folder))).toBe(false);
    await expect(key.sign(MESSAGE, SCHEME)).rejects.toMatchObject({ name: 'AppError' });
    await using other = await provider.open({ label: '供应商' }, pin());
    expect((await other.sign(MESSAGE, SCHEME)).length).toBeGreaterThan(60);
  });

  it('keeps tokens and certificates when provisioned again', async () => {
    await openProvider();
    const again = await provisionTestTokens([{ label: '采购人', keyType: 'ec-p256' }]).catch(
      (error: unknown) => error,
    );
    expect(again).toMatchObject({
      tokens: [{ signingCertificateDer: provisioned.tokens[0]!.signingCertificateDer }],
    });
  });
});
