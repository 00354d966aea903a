/** What a client of an authority must not take for a time-stamp: each fault by a real server that misbehaves. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestBytes, systemClock, systemRandom } from '../../../src/kernel/index.js';
import {
  buildTimestampRefusal,
  buildTimestampResponse,
  buildTimestampToken,
  parseTimestampRequest,
  parseTimestampToken,
} from '../../../src/pki/index.js';
import { signerOf } from '../../../src/sandbox/pki/holder-keys.js';
import { PkiDirectory } from '../../../src/sandbox/pki/pki-directory.js';
import { initPki, revoke } from '../../../src/sandbox/pki/index.js';
import { createEvidenceCollector, createTimestampClient } from '../../../src/signing/index.js';
import {
  createGuardedFetch,
  createHttpCertificateSource,
  createHttpRevocationSource,
  createHttpTimestampAuthority,
} from '../../../src/trust/http/index.js';
import { LevelDesk } from '../../support/level-desk.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Fault =
  | 'none'
  | 'slow'
  | 'dripping'
  | 'wrong-nonce'
  | 'no-nonce'
  | 'wrong-imprint'
  | 'old-time'
  | 'foreign-chain'
  | 'html'
  | 'wrong-policy'
  | 'rejected'
  | 'cut-short'
  | 'status-500';

const POLICY = '1.3.6.1.4.1.99999.1.1';

let desk: LevelDesk;
let foreign: string;
let server: Server;
let port: number;

/** One server; the path says how it misbehaves. */
async function answer(fault: Fault, body: Uint8Array, response: ServerResponse): Promise<void> {
  const request = parseTimestampRequest(body);
  const pki = new PkiDirectory(fault === 'foreign-chain' ? foreign : desk.directory);
  const authority = await pki.readHolder('tsa');
  const { nonceHex } = request;
  const token = await buildTimestampToken({
    digest:
      fault === 'wrong-imprint' ? digestBytes('sha256', new Uint8Array(1)) : request.imprint.digest,
    digestAlgorithm: 'sha256',
    policyOid: fault === 'wrong-policy' ? '1.3.6.1.4.1.99999.9' : POLICY,
    serialHex: '0102',
    generatedAt: new Date(Date.now() - (fault === 'old-time' ? 4 * 60_000 : 0)),
    nonceHex: fault === 'wrong-nonce' ? '0bad' : fault === 'no-nonce' ? undefined : nonceHex,
    certificateDer: authority.certificate.der,
    ...signerOf(authority),
  });
  const granted = buildTimestampResponse(token);
  switch (fault) {
    case 'slow':
      setTimeout(() => response.end(granted), 3000).unref();
      return;
    case 'dripping': {
      // A byte now and then: every single read succeeds, the whole never comes.
      response.write(granted.subarray(0, 1));
      let at = 1;
      const drip = setInterval(() => response.write(granted.subarray(at, ++at)), 100);
      response.on('close', () => clearInterval(drip));
      return;
    }
    case 'html':
      response.setHeader('content-type', 'text/html');
      response.end('<html><body>Welcome</body></html>');
      return;
    case 'rejected':
      response.end(buildTimestampRefusal('rejection', 'unaccepted-policy'));
      return;
    case 'cut-short':
      response.end(granted.subarray(0, granted.length / 2));
      return;
    case 'status-500':
      response.writeHead(500).end(granted);
      return;
    case 'none':
    case 'wrong-nonce':
    case 'no-nonce':
    case 'wrong-imprint':
    case 'old-time':
    case 'foreign-chain':
    case 'wrong-policy':
      response.end(granted);
  }
}

beforeAll(async () => {
  desk = await LevelDesk.open();
  foreign = mkdtempSync(join(tmpdir(), 'qianyin-foreign-'));
  await initPki({ directory: foreign, baseUrl: 'http://127.0.0.1:9', clock: systemClock });
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const fault = (request.url ?? '/').slice(1) as Fault;
      void answer(fault, new Uint8Array(Buffer.concat(chunks)), response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
}, 60_000);

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  rmSync(foreign, { recursive: true, force: true });
  await desk[Symbol.asyncDispose]();
});

const at = (fault: Fault): string => `http://127.0.0.1:${port}/${fault}`;

const client = (...urls: readonly string[]) => clientWaiting(1000, ...urls);

function clientWaiting(timeoutMs: number, ...urls: readonly string[]) {
  const fetch = createGuardedFetch({
    allowedHosts: [],
    allowPrivateAddresses: true,
    timeoutMs,
  });
  const parts = { clock: systemClock, random: systemRandom };
  return createTimestampClient({
    authorities: urls.map((url) => createHttpTimestampAuthority(url, { fetch })),
    evidence: createEvidenceCollector({
      trust: desk.trust,
      revocation: createHttpRevocationSource({ fetch }),
      certificates: createHttpCertificateSource({ fetch }),
      ...parts,
    }),
    policyOid: POLICY,
    // The certificate of a PKI just made is not valid much longer ago.
    toleranceMs: 60_000,
    ...parts,
  });
}

const digest = digestBytes('sha256', new TextEncoder().encode('合同'));

describe('an authority', () => {
  it('that does all right is taken, so that the faults below are the faults', async () => {
    // The first answer of all may take its time on a busy machine.
    const { tokenDer } = await clientWaiting(20_000, at('none')).stamp(digest, 'sha256');
    expect(parseTimestampToken(tokenDer).tstInfo.imprint.digest).toEqual(digest);
  });

  it.each([
    ['slow', 'tsa-unavailable', 'tsa-unavailable'],
    ['dripping', 'tsa-unavailable', 'tsa-unavailable'],
    ['status-500', 'tsa-unavailable', 'tsa-unavailable'],
    ['wrong-nonce', 'tsa-response-invalid', 'nonce-mismatch'],
    ['no-nonce', 'tsa-response-invalid', 'nonce-mismatch'],
    ['wrong-imprint', 'tsa-response-invalid', 'imprint-mismatch'],
    ['old-time', 'tsa-response-invalid', 'time-too-old'],
    ['foreign-chain', 'tsa-response-invalid', 'certificate-chain-incomplete'],
    ['html', 'tsa-response-invalid', 'timestamp-malformed'],
    ['cut-short', 'tsa-response-invalid', 'timestamp-malformed'],
    ['wrong-policy', 'tsa-response-invalid', 'policy-mismatch'],
    ['rejected', 'tsa-response-invalid', 'rejection unaccepted-policy'],
  ] as const)('that is %s is refused with %s', async (fault, code, reason) => {
    const failure: unknown = await client(at(fault))
      .stamp(digest, 'sha256')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    expect(
      String((failure as { params: { attempts: readonly string[] } }).params.attempts),
    ).toContain(reason);
  });

  it('that is down is passed over for the next', async () => {
    const stamp = await client('http://127.0.0.1:9/', at('wrong-nonce'), at('none')).stamp(
      digest,
      'sha256',
    );
    expect(stamp.generatedAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it('whose certificate is revoked is refused, whatever it signs', async () => {
    const { certificate } = await new PkiDirectory(desk.directory).readHolder('tsa');
    await revoke({
      directory: desk.directory,
      clock: systemClock,
      serialHex: certificate.serialHex,
    });
    await expect(client(at('none')).stamp(digest, 'sha256')).rejects.toMatchObject({
      code: 'tsa-response-invalid',
    });
  });
});
