/** CRLs, OCSP and time-stamps against openssl, in both directions. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { digestBytes, isAppError } from '../../../src/kernel/index.js';
import {
  buildCrl,
  buildOcspRequest,
  buildOcspResponse,
  buildPaths,
  buildTimestampRequest,
  buildTimestampResponse,
  buildTimestampToken,
  checkTimestamp,
  evaluateRevocation,
  parseCertificate,
  parseCrl,
  parseOcspRequest,
  parseOcspResponse,
  parseTimestampRequest,
  parseTimestampResponse,
  parseTimestampToken,
  validatePath,
  type Certificate,
  type SignFunction,
} from '../../../src/pki/index.js';
import { signWith } from '../../unit/pki/test-pki.js';
import { Openssl, opensslOrSkip } from './openssl.js';

const CONFIG = `
[ca]
default_ca = ca_default
[ca_default]
database = index.txt
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
serial = serial
crlnumber = crlnumber
default_md = sha256
default_days = 30
default_crl_days = 7
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
[tsa]
default_tsa = tsa1
[tsa1]
serial = tsaserial
signer_cert = tsa.pem
signer_key = tsa.key
certs = ca.pem
signer_digest = sha384
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1, millisecs:500
ess_cert_id_alg = sha256
[req]
distinguished_name = dn
[dn]
`;

opensslOrSkip(describe)('evidence with openssl', () => {
  const openssl = new Openssl();
  afterAll(() => openssl.dispose());
  openssl.write('ca.cnf', CONFIG);
  openssl.write('index.txt', '');
  openssl.write('serial', '00A0\n');
  openssl.write('crlnumber', '0102\n');
  openssl.write('tsaserial', '01\n');
  const issue = (name: string, ...extensions: string[]): Certificate => {
    const added = extensions.flatMap((extension) => ['-addext', extension]);
    openssl.run(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-config',
      'ca.cnf',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      ...added,
    );
    openssl.run(
      'ca',
      '-batch',
      '-notext',
      '-config',
      'ca.cnf',
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.pem`,
    );
    return load(name);
  };
  const load = (name: string): Certificate => {
    openssl.run('x509', '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.der`);
    return parseCertificate(openssl.read(`${name}.der`));
  };
  const signer = (name: string): SignFunction => {
    const key = createPrivateKey(readFileSync(openssl.file(`${name}.key`)));
    return (message, scheme) => signWith(key, message, scheme);
  };
  openssl.run(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-384',
    '-nodes',
    '-days',
    '90',
    '-subj',
    '/CN=ca',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign,digitalSignature',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  const ca = load('ca');
  const good = issue('good', 'keyUsage=critical,digitalSignature');
  const bad = issue('bad', 'keyUsage=critical,digitalSignature');
  const responder = issue('responder', 'extendedKeyUsage=OCSPSigning', 'noCheck=ignored');
  issue('tsa', 'keyUsage=critical,digitalSignature', 'extendedKeyUsage=critical,timeStamping');
  openssl.run('ca', '-config', 'ca.cnf', '-revoke', 'bad.pem', '-crl_reason', 'keyCompromise');
  const caScheme = { padding: 'ecdsa', digest: 'sha384' } as const;
  const rsaScheme = { padding: 'pkcs1-v1_5', digest: 'sha256' } as const;
  const soon = new Date(Date.now() + 60_000);

  it('validates a path it issued', () => {
    const [path] = buildPaths({ target: good, intermediates: [], anchors: [ca] });
    expect(validatePath(path!, { at: soon })).toMatchObject({ isValid: true, faults: [] });
  });

  it('reads its CRL', () => {
    openssl.run('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'crl.pem');
    openssl.run('crl', '-in', 'crl.pem', '-outform', 'DER', '-out', 'crl.der');
    const crl = parseCrl(openssl.read('crl.der'));
    expect(crl.numberHex).toBe('0102');
    const input = { crls: [crl], ocsps: [], at: soon };
    expect(evaluateRevocation(good, ca, input).kind).toBe('good');
    expect(evaluateRevocation(bad, ca, input)).toMatchObject({
      kind: 'revoked',
      reason: 'keyCompromise',
    });
  });

  it('writes a CRL that openssl uses', async () => {
    const crl = await buildCrl({
      issuerNameDer: ca.subject.der,
      thisUpdate: new Date(Date.now() - 60_000),
      nextUpdate: new Date(Date.now() + 3_600_000),
      number: 1000,
      entries: [
        {
          serialHex: bad.serialHex,
          revokedAt: new Date(Date.now() - 60_000),
          reason: 'superseded',
        },
      ],
      authorityKeyIdHex: ca.extensions.subjectKeyIdHex!,
      scheme: caScheme,
      sign: signer('ca'),
    });
    openssl.write('ours.crl', crl);
    expect(
      openssl.try('crl', '-inform', 'DER', '-in', 'ours.crl', '-CAfile', 'ca.pem', '-noout').output,
    ).toContain('verify OK');
    openssl.run('crl', '-inform', 'DER', '-in', 'ours.crl', '-out', 'ours.crl.pem');
    const verify = (name: string): string =>
      openssl.try(
        'verify',
        '-crl_check',
        '-CAfile',
        'ca.pem',
        '-CRLfile',
        'ours.crl.pem',
        `${name}.pem`,
      ).output;
    expect(verify('good')).toContain('good.pem: OK');
    expect(verify('bad')).toContain('certificate revoked');
  });

  it('asks and understands its OCSP responder', () => {
    const nonce = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
    for (const [certificate, kind] of [
      [good, 'good'],
      [bad, 'revoked'],
    ] as const) {
      openssl.write('req.der', buildOcspRequest({ certificate, issuer: ca, nonce }));
      openssl.run(
        'ocsp',
        '-index',
        'index.txt',
        '-CA',
        'ca.pem',
        '-rsigner',
        'responder.pem',
        '-rkey',
        'responder.key',
        '-reqin',
        'req.der',
        '-respout',
        'resp.der',
        '-ndays',
        '1',
      );
      const response = parseOcspResponse(openssl.read('resp.der'));
      expect(response.basic?.nonce).toEqual(nonce);
      expect(
        evaluateRevocation(certificate, ca, { crls: [], ocsps: [response], at: soon }),
      ).toMatchObject({
        kind,
        evidence: { kind: 'ocsp' },
      });
    }
  });

  it('answers a request of openssl so that it believes', async () => {
    openssl.run('ocsp', '-issuer', 'ca.pem', '-cert', 'bad.pem', '-reqout', 'theirs.req');
    const request = parseOcspRequest(openssl.read('theirs.req'));
    const now = new Date(Date.now() - 1000);
    const response = await buildOcspResponse({
      responder,
      producedAt: now,
      answers: [
        {
          certificateIdDer: request.certificateIds[0]!.der,
          status: { kind: 'revoked', revokedAt: now, reason: 'keyCompromise' },
          thisUpdate: now,
          nextUpdate: new Date(Date.now() + 3_600_000),
        },
      ],
      nonce: request.nonce,
      scheme: rsaScheme,
      sign: signer('responder'),
    });
    openssl.write('ours.resp', response);
    const { output } = openssl.try(
      'ocsp',
      '-issuer',
      'ca.pem',
      '-cert',
      'bad.pem',
      '-reqin',
      'theirs.req',
      '-respin',
      'ours.resp',
      // Keep the nonce of the request on file instead of drawing another one.
      '-no_nonce',
      '-CAfile',
      'ca.pem',
    );
    expect(output).toContain('Response verify OK');
    expect(output).toContain('keyCompromise');
    expect(output).not.toContain('WARNING');
  });

  it('asks and checks its time-stamp authority', () => {
    const digest = digestBytes('sha256', Uint8Array.of(1, 2, 3));
    const nonce = Uint8Array.of(0xff, 1, 2, 3);
    openssl.write('tsq.der', buildTimestampRequest({ digest, digestAlgorithm: 'sha256', nonce }));
    openssl.run('ts', '-reply', '-config', 'ca.cnf', '-queryfile', 'tsq.der', '-out', 'tsr.der');
    const response = parseTimestampResponse(openssl.read('tsr.der'));
    expect(response.status).toBe('granted');
    const token = parseTimestampToken(response.tokenDer!);
    expect(token.tstInfo).toMatchObject({ policyOid: '1.2.3.4.1', accuracyMicros: 1_500_000 });
    expect(
      checkTimestamp(token, { imprint: digest, nonce, policyOid: '1.2.3.4.1' }).findings,
    ).toEqual([]);
    expect(checkTimestamp(token, { imprint: digest, nonce: Uint8Array.of(1) }).findings).toEqual([
      'nonce-mismatch',
    ]);
  });

  it('stamps so that openssl verifies', async () => {
    openssl.write('file.bin', '合同');
    openssl.run('ts', '-query', '-data', 'file.bin', '-sha512', '-cert', '-out', 'theirs.tsq');
    const request = parseTimestampRequest(openssl.read('theirs.tsq'));
    const tsa = load('tsa');
    const token = await buildTimestampToken({
      digest: request.imprint.digest,
      digestAlgorithm: request.imprint.digestAlgorithm!,
      policyOid: '1.2.3.4.1',
      serialHex: '0abc',
      generatedAt: new Date(),
      nonceHex: request.nonceHex,
      certificateDer: tsa.der,
      chainDer: [ca.der],
      scheme: rsaScheme,
      sign: signer('tsa'),
    });
    openssl.write('ours.tsr', buildTimestampResponse(token));
    const verify = openssl.try(
      'ts',
      '-verify',
      '-queryfile',
      'theirs.tsq',
      '-in',
      'ours.tsr',
      '-CAfile',
      'ca.pem',
    );
    expect(verify.output).toContain('Verification: OK');
  });

  it('parses every certificate of the system store as openssl does', () => {
    const bundle = ((): string => {
      try {
        return readFileSync('/etc/ssl/certs/ca-certificates.crt', 'latin1');
      } catch {
        return '';
      }
    })();
    const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    let selfSigned = 0;
    for (const block of blocks) {
      const der = new Uint8Array(Buffer.from(block.replace(/-----[^-]+-----|\s/g, ''), 'base64'));
      try {
        const certificate = parseCertificate(der);
        const { faults } = validatePath([certificate, certificate], {
          at: certificate.notBefore,
          allowsWeakAlgorithms: true,
        });
        expect(faults).toEqual([]);
        selfSigned++;
      } catch (error) {
        throw isAppError(error) ? new Error(block, { cause: error }) : error;
      }
    }
    expect(selfSigned).toBe(blocks.length);
  });
});
