/** @jest-environment ./test/contract/token/softhsm-environment.mjs */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { Secret } from '../../../src/kernel/index.js';
import type { TokenProvider } from '../../../src/token/index.js';
import { hasSoftHsm, KEY_TYPES, PIN, provisionTestTokens } from '../token/softhsm.js';
import { openProviderIn, WAYS } from '../token/ways.js';
import { signingKeySuite } from './suite.js';

const describeIf = hasSoftHsm() ? describe : describe.skip;

describeIf('PKCS#11 over SoftHSM', () => {
  beforeAll(() =>
    provisionTestTokens(KEY_TYPES.map((keyType) => ({ label: `测试${keyType}`, keyType }))),
  );

  describe.each(WAYS)('%s', (way) => {
    let provider: TokenProvider;
    beforeAll(async () => {
      provider = await openProviderIn(way);
    });
    afterAll(async () => {
      await provider[Symbol.asyncDispose]();
    });

    describe.each(KEY_TYPES)('%s', (keyType) => {
      signingKeySuite(() =>
        provider.open({ label: `测试${keyType}` }, { pin: Secret.fromText(PIN) }),
      );
    });
  });
});
