/** The served development PKI, asked and judged by OpenSSL. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/kernel/index.js';
import { parseOcspResponse, parseTimestampResponse } from '../../../src/pki/index.js';
import {
  initPki,
  issue,
  revoke,
  servePki,
  type ServedPki,
} from '../../../src/sandbox/pki/index.js';
import { certificatePem } from '../../../src/sandbox/pki/pki-directory.js';

const directory = mkdtempSync(join(tmpdir(), 'qianyin-serve-'));
const at = (name: string): string => join(directory, name);
const clock = systemClock;
let served: ServedPki;
let serialHex: string;

beforeAll(async () => {
  await initPki({ directory, baseUrl: 'http://127.0.0.1:8318', clock });
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issued = await issue({
    directory,
    clock,
    subject: 'CN=示例,C=CN',
    key: { publicKeyDer: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })) },
  });
  serialHex = issued.serialHex;
  writeFileSync(at('leaf.pem'), certificatePem(issued.certificateDer));
  served = await servePki({ directory, port: 0, clock });
});
afterAll(async () => {
  await served.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Both streams; the exit status is left to what they say. */
function openssl(...args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('openssl', args, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}

/** Loopback HTTP by hand: fetch is not what is tested. */
function send(
  method: 'GET' | 'POST',
  path: string,
  body?: Uint8Array,
): Promise<{ status: number; type: string | undefined; body: Uint8Array }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${served.url}${path}`, { method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'],
          body: new Uint8Array(Buffer.concat(chunks)),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('servePki', () => {
  it('stamps time so that openssl ts verifies it, nonce included', async () => {
    writeFileSync(at('content'), '合同');
    await openssl('ts', '-query', '-data', at('content'), '-sha256', '-cert', '-out', at('q.tsq'));
    const answer = await send('POST', '/tsa', readFileSync(at('q.tsq')));
    expect(answer).toMatchObject({ status: 200, type: 'application/timestamp-reply' });
    writeFileSync(at('r.tsr'), answer.body);
    const verdict = await openssl(
      // prettier-ignore
      ...['ts', '-verify', '-queryfile', at('q.tsq'), '-in', at('r.tsr'), '-CAfile', at('trust/anchors/root.pem')],
    );
    expect(verdict).toContain('Verification: OK');
  });

  it('refuses a digest of the wrong kind and what is no request', async () => {
    await openssl('ts', '-query', '-data', at('content'), '-sha1', '-out', at('sha1.tsq'));
    const weak = await send('POST', '/tsa', readFileSync(at('sha1.tsq')));
    expect(parseTimestampResponse(weak.body)).toMatchObject({ status: 'rejection' });
    const junk = await send('POST', '/tsa', Uint8Array.of(1, 2, 3));
    expect(parseTimestampResponse(junk.body)).toMatchObject({ status: 'rejection' });
    const ocsp = await send('POST', '/ocsp', Uint8Array.of(0x30, 0x80));
    expect(parseOcspResponse(ocsp.body).status).toBe('malformed-request');
  });

  it('answers good, then revoked, by OCSP and by CRL, as OpenSSL sees it', async () => {
    const ca = at('trust/intermediates/budget-system.pem');
    const ask = () =>
      openssl(
        // prettier-ignore
        ...['ocsp', '-issuer', ca, '-cert', at('leaf.pem'), '-url', `${served.url}/ocsp`, '-CAfile', at('trust/anchors/root.pem'), '-verify_other', ca],
      );
    const before = await ask();
    expect(before).toContain('Response verify OK');
    expect(before).toContain('leaf.pem: good');

    await revoke({ directory, clock, serialHex, reason: 'keyCompromise' });
    const after = await ask();
    expect(after).toContain('Response verify OK');
    expect(after).toContain('leaf.pem: revoked');
    expect(after).toContain('keyCompromise');

    const crl = await send('GET', '/crl/budget-system.crl');
    expect(crl).toMatchObject({ status: 200, type: 'application/pkix-crl' });
    writeFileSync(at('fetched.crl'), crl.body);
    const shown = await openssl(
      // prettier-ignore
      ...['crl', '-inform', 'DER', '-in', at('fetched.crl'), '-noout', '-text', '-CAfile', ca],
    );
    expect(shown).toContain('verify OK');
    expect(shown).toContain(serialHex.toUpperCase());
  });

  it('answers the GET form of OCSP, and serves CA certificates', async () => {
    const ca = at('trust/intermediates/budget-system.pem');
    // prettier-ignore
    await openssl('ocsp', '-issuer', ca, '-cert', at('leaf.pem'), '-no_nonce', '-reqout', at('o.req'));
    const encoded = encodeURIComponent(readFileSync(at('o.req')).toString('base64'));
    const answer = await send('GET', `/ocsp/${encoded}`);
    expect(parseOcspResponse(answer.body).status).toBe('successful');
    const certificate = await send('GET', '/ca/root.cer');
    expect(certificate).toMatchObject({ status: 200, type: 'application/pkix-cert' });
  });

  it('serves no other file, and no body beyond its limit', async () => {
    for (const path of ['/keys/root.key.pem', '/crl/../keys/root.key.pem', '/ca/tsa.cer', '/']) {
      expect((await send('GET', path)).status).toBe(404);
    }
    const large = await send('POST', '/tsa', new Uint8Array(70_000)).catch(() => ({ status: 413 }));
    expect(large.status).toBe(413);
  });
});
