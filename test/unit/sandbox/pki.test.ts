/** The development PKI, looked at with OpenSSL's eyes (node:crypto) and our own parsers. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, verify, X509Certificate } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, systemClock } from '../../../src/kernel/index.js';
import { parseCertificate, parseCrl, unifiedSocialCreditCode } from '../../../src/pki/index.js';
import { initPki, issue, issuePkcs12, revoke } from '../../../src/sandbox/pki/index.js';
import { openPkcs12Key } from '../../../src/token/pkcs12/index.js';

const directory = mkdtempSync(join(tmpdir(), 'qianyin-pki-'));
const clock = systemClock;

beforeAll(async () => {
  await initPki({ directory, baseUrl: 'http://127.0.0.1:18080/', clock });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function pem(path: string): X509Certificate {
  return new X509Certificate(readFileSync(join(directory, path)));
}

describe('initPki', () => {
  it('chains every role to the root and keeps private keys to their owner', () => {
    const root = pem('trust/anchors/root.pem');
    expect(root.verify(root.publicKey)).toBe(true);
    for (const name of ['budget-system', 'trading-centre']) {
      expect(pem(`trust/intermediates/${name}.pem`).verify(root.publicKey)).toBe(true);
      const ca = pem(`certificates/${name}.pem`);
      expect(pem(`certificates/${name}-ocsp.pem`).verify(ca.publicKey)).toBe(true);
    }
    for (const key of readdirSync(join(directory, 'keys'))) {
      expect(statSync(join(directory, 'keys', key)).mode & 0o777).toBe(0o600);
    }
  });

  it('keeps what is there when run again', async () => {
    const before = readFileSync(join(directory, 'trust/anchors/root.pem'), 'utf8');
    const again = await initPki({ directory, baseUrl: 'http://127.0.0.1:9/', clock });
    expect(readFileSync(join(directory, 'trust/anchors/root.pem'), 'utf8')).toBe(before);
    expect(again.baseUrl).toBe('http://127.0.0.1:18080');
  });
});

describe('issue', () => {
  it('issues for a public key with the unit code, key usage and addresses', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const issued = await issue({
      directory,
      clock,
      subject: 'CN=示例市财政局\\, 采购处,organizationIdentifier=NTRCN-11330100002489559L,C=CN',
      key: { publicKeyDer: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })) },
      issuerId: 'trading-centre',
    });
    const certificate = parseCertificate(issued.certificateDer);
    expect(certificate.subject.get('2.5.4.3')).toBe('示例市财政局, 采购处');
    expect(unifiedSocialCreditCode(certificate)).toBe('11330100002489559L');
    expect([...(certificate.extensions.keyUsage ?? [])]).toEqual([
      'digitalSignature',
      'nonRepudiation',
    ]);
    expect(certificate.extensions.ocspUrls).toEqual(['http://127.0.0.1:18080/ocsp']);
    expect(
      new X509Certificate(issued.certificateDer).verify(
        pem('trust/intermediates/trading-centre.pem').publicKey,
      ),
    ).toBe(true);
  });

  it('issues to a request made by OpenSSL and refuses a forged one', async () => {
    const key = join(directory, 'req.key');
    const der = execFileSync(
      'openssl',
      // prettier-ignore
      ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-utf8', '-subj', '/C=CN/O=示例公司/CN=李四', '-outform', 'DER'],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const issued = await issue({ directory, clock, key: { csrDer: new Uint8Array(der) } });
    expect(parseCertificate(issued.certificateDer).subject.text).toBe('CN=李四,O=示例公司,C=CN');
    const forged = new Uint8Array(der);
    forged[forged.length - 1]! ^= 1;
    await expect(issue({ directory, clock, key: { csrDer: forged } })).rejects.toMatchObject({
      code: 'input-invalid',
    });
  });

  it('loses no entry of the register when asked many times at once', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const publicKeyDer = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        issue({ directory, clock, subject: `CN=并发${i},C=CN`, key: { publicKeyDer } }),
      ),
    );
    const text = readFileSync(join(directory, 'register.json'), 'utf8');
    for (const { serialHex } of all) expect(text).toContain(serialHex);
  });
});

describe('issuePkcs12', () => {
  it.each(['rsa-2048', 'ec-p256', 'ec-p384'] as const)(
    'writes a %s file that OpenSSL and we open',
    async (keyType) => {
      const made = await issuePkcs12({
        directory,
        clock,
        subject: 'CN=示例采购人,C=CN',
        keyType,
        password: Secret.fromText('pass'),
      });
      const path = join(directory, `${keyType}.p12`);
      writeFileSync(path, made.p12Der);
      const listed = execFileSync(
        'openssl',
        ['pkcs12', '-in', path, '-noenc', '-passin', 'stdin'],
        { input: 'pass\n', stdio: ['pipe', 'pipe', 'ignore'] },
      ).toString();
      expect(listed.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
      await using key = await openPkcs12Key({
        der: made.p12Der,
        password: Secret.fromText('pass'),
      });
      expect(Buffer.from(key.certificateDer).equals(Buffer.from(made.certificateDer))).toBe(true);
      const ec = keyType !== 'rsa-2048';
      const signature = await key.sign(Buffer.from('合同'), {
        padding: ec ? 'ecdsa' : 'pkcs1-v1_5',
        digest: 'sha256',
      });
      const { publicKey } = new X509Certificate(key.certificateDer);
      expect(verify('sha256', Buffer.from('合同'), publicKey, signature)).toBe(true);
    },
  );
});

describe('revoke', () => {
  it('puts the serial on the CRL of its issuer only, once', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const publicKeyDer = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
    const { serialHex } = await issue({
      directory,
      clock,
      subject: 'CN=待吊销,C=CN',
      key: { publicKeyDer },
    });
    const first = await revoke({ directory, clock, serialHex, reason: 'keyCompromise' });
    const second = await revoke({ directory, clock, serialHex: serialHex.toUpperCase() });
    expect(second).toEqual(first);
    const crl = (name: string) =>
      parseCrl(new Uint8Array(readFileSync(join(directory, `trust/crl/${name}.crl`))));
    expect(
      crl('budget-system')
        .entries()
        .map((entry) => entry.serialHex),
    ).toContain(serialHex);
    const other = crl('trading-centre')
      .entries()
      .map((entry) => entry.serialHex);
    expect(other).not.toContain(serialHex);
    await expect(revoke({ directory, clock, serialHex: 'dead' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
