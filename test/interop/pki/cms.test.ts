/** CMS against openssl: it verifies what we build, we parse and verify what it builds. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { constants, createPrivateKey, sign as cryptoSign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { digestBytes } from '../../../src/kernel/index.js';
import {
  buildSignedAttributes,
  buildSignedData,
  estimateSignedDataSize,
  findSignerCertificate,
  parseCertificate,
  parseSignedData,
  publicKeyAlgorithm,
  verifySignerInfo,
  type SignatureScheme,
} from '../../../src/pki/index.js';
import { Openssl, opensslOrSkip } from './openssl.js';

const content = new TextEncoder().encode('政府采购合同'.repeat(500));

interface Case {
  readonly name: string;
  readonly newkey: readonly string[];
  readonly scheme: SignatureScheme;
  readonly cmsOptions?: readonly string[];
}

const CASES: readonly Case[] = [
  { name: 'rsa', newkey: ['rsa:2048'], scheme: { padding: 'pkcs1-v1_5', digest: 'sha256' } },
  { name: 'rsa512', newkey: ['rsa:3072'], scheme: { padding: 'pkcs1-v1_5', digest: 'sha512' } },
  {
    name: 'pss',
    newkey: ['rsa:2048'],
    scheme: { padding: 'pss', digest: 'sha384' },
    cmsOptions: ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:digest'],
  },
  {
    name: 'p256',
    newkey: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    scheme: { padding: 'ecdsa', digest: 'sha256' },
  },
  {
    name: 'p521',
    newkey: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521'],
    scheme: { padding: 'ecdsa', digest: 'sha512' },
  },
];

function rawSignature(key: KeyObject, scheme: SignatureScheme, message: Uint8Array): Uint8Array {
  const pss = {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
  return cryptoSign(scheme.digest, message, { key, ...(scheme.padding === 'pss' ? pss : {}) });
}

opensslOrSkip(describe)('CMS with openssl', () => {
  const openssl = new Openssl();
  afterAll(() => openssl.dispose());

  describe.each(CASES)('$name', ({ name, newkey, scheme, cmsOptions }) => {
    openssl.run(
      'req',
      '-x509',
      '-newkey',
      ...newkey,
      '-nodes',
      '-days',
      '30',
      '-utf8',
      '-subj',
      `/C=CN/O=某某县财政局/CN=${name}`,
      '-addext',
      'keyUsage=critical,digitalSignature,nonRepudiation',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
    openssl.run('x509', '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.der`);
    const certificateDer = openssl.read(`${name}.der`);
    const certificate = parseCertificate(certificateDer);
    const key = createPrivateKey(readFileSync(openssl.file(`${name}.key`)));

    it('builds what openssl verifies as CAdES', () => {
      const digest = digestBytes(scheme.digest, content);
      const signedAttributes = buildSignedAttributes({
        messageDigest: digest,
        digestAlgorithm: scheme.digest,
        signingCertificateDer: certificateDer,
      });
      const cms = buildSignedData({
        signedAttributes,
        signature: rawSignature(key, scheme, signedAttributes),
        scheme,
        digestAlgorithm: scheme.digest,
        signingCertificateDer: certificateDer,
        chainDer: [certificateDer],
      });
      openssl.write('content.bin', content);
      openssl.write('ours.der', cms);
      const result = openssl.try(
        'cms',
        '-verify',
        '-cades',
        '-binary',
        '-inform',
        'DER',
        '-in',
        'ours.der',
        '-content',
        'content.bin',
        '-CAfile',
        `${name}.pem`,
        '-purpose',
        'any',
        '-out',
        'out.bin',
      );
      expect(result.output).toMatch(/CAdES Verification successful/i);
      const estimate = estimateSignedDataSize({
        signingCertificateDer: certificateDer,
        chainDer: [],
        key: publicKeyAlgorithm(certificate)!,
        digestAlgorithm: scheme.digest,
      });
      expect(estimate).toBeGreaterThanOrEqual(cms.length);
      expect(estimate - cms.length).toBeLessThan(500);

      const parsed = parseSignedData(cms);
      expect(parsed.findings).toEqual([]);
      const signer = parsed.signerInfos[0]!;
      expect(signer.signedAttributesDer).toEqual(signedAttributes);
      expect(signer.attributes.signingTime).toBeUndefined();
      expect(verifySignerInfo(parsed, signer, certificate, { digest })).toMatchObject({
        status: 'valid',
        disagreements: [],
        signingCertificate: 'match',
      });
    });

    it.each([
      [
        'attached, BER where openssl can stream',
        ['-nodetach', ...(name === 'pss' ? [] : ['-stream'])],
        name === 'pss' ? ['content-present'] : ['ber-encoding', 'content-present'],
      ],
      ['detached DER', [], []],
      ['key identifier', ['-keyid'], []],
      ['CAdES', ['-cades'], []],
      ['without attributes', ['-noattr'], []],
    ] as const)('verifies what openssl builds: %s', (_, options, findings) => {
      openssl.write('content.bin', content);
      openssl.run(
        'cms',
        '-sign',
        '-binary',
        '-in',
        'content.bin',
        '-signer',
        `${name}.pem`,
        '-inkey',
        `${name}.key`,
        '-md',
        scheme.digest,
        '-outform',
        'DER',
        '-out',
        'theirs.der',
        ...options,
        ...(cmsOptions ?? []),
      );
      const padded = new Uint8Array([...openssl.read('theirs.der'), 0, 0, 0]);
      const parsed = parseSignedData(padded);
      expect(parsed.consumedBytes).toBe(padded.length - 3);
      expect(parsed.findings).toEqual(findings);
      const signer = parsed.signerInfos[0]!;
      const found = findSignerCertificate(signer, parsed.certificatesDer.map(parseCertificate));
      expect(found?.serialHex).toBe(certificate.serialHex);
      const whole = { digest: digestBytes(signer.digest!, content), chunks: [content] };
      expect(verifySignerInfo(parsed, signer, certificate, whole).status).toBe('valid');
      const other = new TextEncoder().encode('another');
      const wrong = { digest: digestBytes(signer.digest!, other), chunks: [other] };
      expect(verifySignerInfo(parsed, signer, certificate, wrong).status).toMatch(
        /digest-mismatch|signature-invalid/,
      );
    });
  });
});
