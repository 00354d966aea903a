/** The development PKI over HTTP, on loopback only: TSA, OCSP, CRLs and CA certificates. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AppError, fromBase64, isAppError, systemClock, type Clock } from '../../kernel/index.js';
import { authorities, crlFile } from './declaration.js';
import { PkiDirectory } from './pki-directory.js';
import { answerOcsp, answerTimestamp } from './responders.js';

export interface ServePkiInput {
  readonly directory: string;
  /** 0 takes any free port; certificates then point elsewhere, at the address of `initPki`. */
  readonly port: number;
  readonly clock?: Clock;
}

export interface ServedPki {
  /** `http://127.0.0.1:PORT`; `/tsa`, `/ocsp`, `/crl/ID.crl` and `/ca/ID.cer` below it. */
  readonly url: string;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
}

/** Requests of both protocols are a few hundred bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** @throws AppError `file-not-found` where the directory holds no PKI, `unavailable` for a port in use */
export async function servePki(input: ServePkiInput): Promise<ServedPki> {
  const pki = new PkiDirectory(input.directory);
  await pki.readRegister();
  const clock = input.clock ?? systemClock;
  const server = createServer((request, response) => {
    void respond(pki, request, response, clock);
  });
  const port = await listen(server, input.port);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new AppError('unavailable', `port ${port} cannot be used`, { params: { port }, cause }),
      );
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function respond(
  pki: PkiDirectory,
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): Promise<void> {
  let answer: Answer;
  try {
    answer = await answerTo(pki, request, clock);
  } catch (error) {
    const isTooLarge = isAppError(error, 'request-too-large');
    answer = plain(isTooLarge ? 413 : 500, isTooLarge ? 'too large' : 'internal error');
  }
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': answer.body.length,
    'cache-control': 'no-store',
    ...(answer.status === 413 ? { connection: 'close' } : {}),
  });
  response.end(answer.body);
}

async function answerTo(
  pki: PkiDirectory,
  request: IncomingMessage,
  clock: Clock,
): Promise<Answer> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (request.method === 'POST') {
    if (path === '/tsa') {
      const body = await answerTimestamp(pki, await readBody(request), clock);
      return { status: 200, type: 'application/timestamp-reply', body };
    }
    if (path === '/ocsp') return ocspAnswer(pki, await readBody(request), clock);
    return plain(404, 'not found');
  }
  if (request.method !== 'GET') return plain(405, 'method not allowed');
  const ocsp = /^\/ocsp\/(.+)$/.exec(path)?.[1];
  if (ocsp !== undefined) return ocspAnswer(pki, ocspRequestIn(ocsp), clock);
  return fileAnswer(pki, path);
}

async function ocspAnswer(pki: PkiDirectory, der: Uint8Array, clock: Clock): Promise<Answer> {
  const body = await answerOcsp(pki, der, clock);
  return { status: 200, type: 'application/ocsp-response', body };
}

/** Base64 of the request, percent-encoded, as the GET form has it. @see RFC 6960 appendix A.1 */
function ocspRequestIn(pathPart: string): Uint8Array {
  try {
    return fromBase64(decodeURIComponent(pathPart)) ?? new Uint8Array(0);
  } catch {
    return new Uint8Array(0);
  }
}

async function fileAnswer(pki: PkiDirectory, path: string): Promise<Answer> {
  const [, kind, id] = /^\/(crl|ca)\/([a-z-]+)\.(?:crl|cer)$/.exec(path) ?? [];
  // Only names from the declaration reach the file system.
  const authority = authorities().find((one) => one.id === id);
  if (authority === undefined) return plain(404, 'not found');
  if (kind === 'crl') {
    const body = await pki.readTrust(crlFile(authority.id));
    return { status: 200, type: 'application/pkix-crl', body };
  }
  const { certificate } = await pki.readHolder(authority.id);
  return { status: 200, type: 'application/pkix-cert', body: certificate.der };
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: new TextEncoder().encode(text) };
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new AppError('request-too-large', 'request is too large');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
