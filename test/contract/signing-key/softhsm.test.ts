/** @jest-environment ./test/contract/token/softhsm-environment.mjs */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { Secret, silentLogger, systemClock } from '../../../src/kernel/index.js';
import { openPkcs11Provider } from '../../../src/token/pkcs11/index.js';
import type { TokenProvider } from '../../../src/token/index.js';
import {
  hasSoftHsm,
  KEY_TYPES,
  PIN,
  provisionTestTokens,
  SOFTHSM_MODULE,
} from '../token/softhsm.js';
import { signingKeySuite } from './suite.js';

const describeIf = hasSoftHsm() ? describe : describe.skip;

describeIf('PKCS#11 over SoftHSM', () => {
  let provider: TokenProvider;
  beforeAll(async () => {
    await provisionTestTokens(KEY_TYPES.map((keyType) => ({ label: `测试${keyType}`, keyType })));
    provider = await openPkcs11Provider({
      modulePaths: [SOFTHSM_MODULE],
      logger: silentLogger,
      clock: systemClock,
    });
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
