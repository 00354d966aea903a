/**
 * The one way out: every request to an address that somebody else chose (a certificate, a
 * configuration) is checked before it is made and bounded while it runs. The name is resolved once,
 * the address checked, and that very address connected to, so that a second answer of the name
 * server cannot lead elsewhere. No redirects.
 */
import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { AppError, isAppError, startDeadline } from '../../kernel/index.js';

export interface GuardedFetchOptions {
  /** Hosts (without port) that may be asked; empty: any. */
  readonly allowedHosts: readonly string[];
  /** Loopback, private, link-local and other special addresses may be asked. */
  readonly allowPrivateAddresses: boolean;
  readonly timeoutMs: number;
  /** Longest answer in bytes; 16 MiB unless given. */
  readonly maxBytes?: number;
}

export interface GuardedRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface GuardedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

export type GuardedFetch = (
  request: GuardedRequest,
  signal?: AbortSignal,
) => Promise<GuardedAnswer>;

const MAX_BYTES = 16 * 1024 * 1024;

/** Addresses that are not of the public internet. @see RFC 6890 */
const SPECIAL = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  SPECIAL.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['100::', 64],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  SPECIAL.addSubnet(net, prefix, 'ipv6');
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Whether `address` may not be asked unless configured. Mapped IPv4 counts as the IPv4 it is. */
export function isSpecialAddress(address: string): boolean {
  const mapped = MAPPED.exec(address)?.[1];
  const plain = mapped ?? address;
  const family = isIP(plain);
  if (family === 0) return true;
  return SPECIAL.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

const refused = (message: string, cause?: unknown): AppError =>
  new AppError('unavailable', message, cause === undefined ? {} : { cause });

/** Nobody refused: the other side did not answer, which its `reason` tells apart. */
const unanswered = (isLate: boolean, cause: unknown): AppError =>
  new AppError('unavailable', isLate ? 'no answer in time' : 'the connection failed', {
    params: { reason: isLate ? 'timeout' : 'connection-failed' },
    cause,
  });

/**
 * @returns A function that throws AppError `unavailable`, the reason in its message and cause; params
 *   `reason` where there was no answer: `timeout`, `connection-failed`
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const { allowedHosts, allowPrivateAddresses, timeoutMs } = options;
  const maxBytes = options.maxBytes ?? MAX_BYTES;

  return async (request, signal) => {
    const url = parseUrl(request.url);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (allowedHosts.length > 0 && !allowedHosts.includes(host)) {
      throw refused('the host is not on the list of those that may be asked');
    }
    const address = await resolveOnce(host);
    if (!allowPrivateAddresses && isSpecialAddress(address)) {
      throw refused('the address is not a public one');
    }
    using deadline = startDeadline(timeoutMs, signal);
    return await exchange(url, request, address, deadline.signal, maxBytes);
  };
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    throw refused('not a URL', error);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused('not http or https');
  if (url.username !== '' || url.password !== '') throw refused('credentials in a URL');
  return url;
}

async function resolveOnce(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw refused('the name cannot be resolved', error);
  }
}

function exchange(
  url: URL,
  request: GuardedRequest,
  address: string,
  signal: AbortSignal,
  maxBytes: number,
): Promise<GuardedAnswer> {
  const pinned: LookupFunction = (_host, options, done) => {
    const family = isIP(address);
    if (options.all === true) done(null, [{ address, family }]);
    else done(null, address, family);
  };
  const settings: RequestOptions = {
    method: request.method,
    headers: {
      ...request.headers,
      ...(request.body === undefined ? {} : { 'content-length': request.body.length }),
    },
    lookup: pinned,
    signal,
    agent: false,
  };
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(isAppError(error) ? error : unanswered(signal.aborted, error));
    };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(url, settings, (answer) => {
      collect(answer, maxBytes).then((bytes) => {
        resolve({ status: answer.statusCode ?? 0, headers: headersOf(answer), bytes });
      }, fail);
    });
    outgoing.on('error', fail);
    outgoing.end(request.body);
  });
}

async function collect(answer: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) {
      answer.destroy();
      throw refused('the answer is too long');
    }
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function headersOf(answer: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(answer.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

/** The guarded fetch in the shape of the standard one, for callers that were written for that. */
export function asStandardFetch(guarded: GuardedFetch): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = new Uint8Array(await request.arrayBuffer());
    const answer = await guarded(
      {
        url: request.url,
        method: request.method === 'POST' ? 'POST' : 'GET',
        headers: Object.fromEntries(request.headers),
        ...(request.method === 'POST' ? { body } : {}),
      },
      // Not the request's own, which is lost with the request.
      init?.signal ?? request.signal,
    );
    // A Response of these statuses must not have a body.
    const isBodyless = [101, 204, 205, 304].includes(answer.status);
    return new Response(isBodyless ? null : answer.bytes, {
      status: answer.status,
      headers: answer.headers,
    });
  };
}
