import { afterAll, beforeAll, describe } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, systemClock } from '../../../src/kernel/index.js';
import { initPki, issuePkcs12 } from '../../../src/sandbox/pki/index.js';
import { openPkcs12Key } from '../../../src/token/pkcs12/index.js';
import { signingKeySuite } from './suite.js';

const directory = mkdtempSync(join(tmpdir(), 'qianyin-pki-'));
const clock = systemClock;
beforeAll(() => initPki({ directory, baseUrl: 'http://127.0.0.1:8318', clock }));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.each(['rsa-2048', 'rsa-3072', 'ec-p256', 'ec-p384'] as const)('PKCS#12, %s', (keyType) => {
  signingKeySuite(async () => {
    const { p12Der } = await issuePkcs12({
      directory,
      clock,
      subject: 'CN=示例,C=CN',
      keyType,
      password: Secret.fromText('abc123'),
    });
    return openPkcs12Key({ der: p12Der, password: Secret.fromText('abc123') });
  });
});
