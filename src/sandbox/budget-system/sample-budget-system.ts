/**
 * A small budget system that really keeps what it is sent: for the quick start, for trying out an
 * integration, and, with its faults, for proving that filing survives a bad peer. Loopback only.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DELIVERY_COMPONENTS,
  FILING_SIGNATURE_LIFETIME_S,
  FILING_SIGNATURE_TAG,
  LOOKUP_COMPONENTS,
  matchesContentDigest,
  signReceipt,
  verifyMessage,
  type HttpMessage,
  type MessageSigner,
  type Receipt,
} from '../../filing/index.js';
import { AppError, concatBytes, isAppError, systemClock, type Clock } from '../../kernel/index.js';
import { readPackage } from './read-package.js';
import { FilingRegister, type RegisteredFiling } from './register.js';

/** What a delivery may meet instead of a good answer. */
export type SampleFault =
  /** Filed, but the answer says 500. */
  | 'store-and-answer-500'
  /** Filed, but the connection drops before the answer. */
  | 'store-and-drop'
  /** A receipt for something that is not kept. */
  | 'answer-and-lose'
  /** No answer until the caller gives up. */
  | 'hang'
  /** Too many: come again in a second. */
  | 'answer-429'
  | 'answer-503'
  /** 200 and a page instead of a receipt. */
  | 'answer-html'
  | 'redirect'
  /** A receipt of another document. */
  | 'wrong-digest'
  /** Filed, but the connection drops in the middle of the receipt. */
  | 'store-and-cut'
  /** Filed, but answered only after the caller has given up. */
  | 'store-and-hang'
  /** Filed under the number that the one before has already. */
  | 'store-under-last-number'
  /** In flight elsewhere, and nothing to look up. */
  | 'answer-409'
  /** The contract is not wanted like this. */
  | 'refuse';

/** What every call meets, until it is well again. */
export type SampleCondition =
  | 'well'
  /** Connections drop before an answer. */
  | 'down'
  /** No answer. */
  | 'silent'
  /** Receipts are signed with a key that is nobody's. */
  | 'signs-with-wrong-key'
  /** Receipts are of another document, and signed so. */
  | 'receipts-of-another-document';

export interface SampleBudgetSystemOptions {
  /** Where filings and packages are kept; made where it is missing. */
  readonly directory: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly clock?: Clock;
  /** Public keys by key id. Absent: signatures are not asked for. */
  readonly verificationKeys?: ReadonlyMap<string, KeyObject>;
  /** Signs receipts; absent: they go unsigned. */
  readonly receiptSigner?: MessageSigner;
  /** Met by deliveries in this order, one each; afterwards all is well. */
  readonly faults?: readonly SampleFault[];
}

export interface SampleBudgetSystem {
  readonly url: string;
  /** What is on file now, oldest first. */
  filings(): readonly RegisteredFiling[];
  /** How many deliveries came in, good or not. */
  deliveryCount(): number;
  /** The next deliveries meet these. */
  addFaults(...faults: readonly SampleFault[]): void;
  setCondition(condition: SampleCondition): void;
  /** Loses a filing, as if it had never come. */
  lose(idempotencyKey: string): Promise<void>;
  /** Alters what is on file, as if somebody had. */
  alter(idempotencyKey: string, changes: Partial<RegisteredFiling>): Promise<void>;
  stop(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const LARGEST_PACKAGE_BYTES = 256 * 1024 * 1024;
const PROBLEM = 'application/problem+json; charset=utf-8';

/** @throws AppError `unavailable` where the port is taken or the directory cannot be used */
export async function startSampleBudgetSystem(
  options: SampleBudgetSystemOptions,
): Promise<SampleBudgetSystem> {
  try {
    const clock = options.clock ?? systemClock;
    const register = await FilingRegister.open(options.directory, clock);
    const server = new SampleServer(options, register, clock);
    await server.listen(options.port);
    return server;
  } catch (error) {
    throw new AppError('unavailable', 'the sample budget system cannot start', { cause: error });
  }
}

class SampleServer implements SampleBudgetSystem {
  readonly #register: FilingRegister;
  readonly #clock: Clock;
  readonly #keys: ReadonlyMap<string, KeyObject> | undefined;
  readonly #faults: SampleFault[];
  /** Nonces of signatures that are still in their time, and when that ends. */
  readonly #nonces = new Map<string, number>();
  readonly #server = createServer((request, response) => {
    void this.#answer(request, response);
  });
  readonly #signer: MessageSigner | undefined;
  readonly #wrongSigner: MessageSigner | undefined;
  #condition: SampleCondition = 'well';
  #deliveries = 0;
  url = '';

  constructor(options: SampleBudgetSystemOptions, register: FilingRegister, clock: Clock) {
    this.#register = register;
    this.#clock = clock;
    this.#keys = options.verificationKeys;
    this.#faults = [...(options.faults ?? [])];
    this.#signer = options.receiptSigner;
    this.#wrongSigner = options.receiptSigner && {
      keyId: options.receiptSigner.keyId,
      privateKey: generateKeyPairSync('ed25519').privateKey,
    };
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  filings(): readonly RegisteredFiling[] {
    return this.#register.all();
  }

  deliveryCount(): number {
    return this.#deliveries;
  }

  addFaults(...faults: readonly SampleFault[]): void {
    this.#faults.push(...faults);
  }

  setCondition(condition: SampleCondition): void {
    this.#condition = condition;
  }

  lose(idempotencyKey: string): Promise<void> {
    return this.#register.remove(idempotencyKey);
  }

  alter(idempotencyKey: string, changes: Partial<RegisteredFiling>): Promise<void> {
    return this.#register.alter(idempotencyKey, changes);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#condition === 'down') {
      request.socket.destroy();
      return;
    }
    if (this.#condition === 'silent') return;
    try {
      const url = new URL(request.url ?? '/', this.url);
      if (request.method === 'POST' && url.pathname === '/filings') {
        await this.#deliver(request, response);
        return;
      }
      if (request.method !== 'GET')
        throw problem(405, 'method-not-allowed', 'GET or POST /filings');
      await this.#read(url, request, response);
    } catch (error) {
      send(response, replyOf(error));
    }
  }

  async #deliver(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#deliveries++;
    const content = await readContent(request);
    this.#checkSignature(request, DELIVERY_COMPONENTS);
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || !/^[\x21-\x7e]{8,128}$/.test(key)) {
      throw problem(400, 'idempotency-key-missing', 'Idempotency-Key is required');
    }
    if (!matchesContentDigest(fieldOf(request, 'content-digest') ?? '', content)) {
      throw problem(400, 'digest-mismatch', 'Content-Digest is of other bytes');
    }
    const contract = readPackage(content);
    const fault = this.#faults.shift();
    if (fault !== undefined && !fault.startsWith('store-')) {
      this.#fail(fault, contract.documentSha256, response);
      return;
    }
    const repeatsNumber = fault === 'store-under-last-number';
    const outcome = await this.#register.file(key, content, contract, repeatsNumber);
    if (outcome.kind === 'key-reused') {
      throw problem(422, 'idempotency-key-reused', 'the key was used with another package');
    }
    if (fault === 'store-and-drop') {
      response.destroy();
      return;
    }
    if (fault === 'store-and-hang') return;
    if (fault === 'store-and-answer-500') throw problem(500, 'internal', 'something went wrong');
    const status = outcome.kind === 'filed' ? 201 : 200;
    const body = this.#receiptOf(outcome.filing);
    if (fault === 'store-and-cut') {
      const text = JSON.stringify(body);
      response.writeHead(status, { 'content-length': text.length });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
      return;
    }
    send(response, { status, body });
  }

  #fail(fault: SampleFault, documentSha256: string, response: ServerResponse): void {
    const receivedAt = this.#clock.now().toISOString();
    switch (fault) {
      case 'hang':
        return;
      case 'answer-and-lose':
        send(response, { status: 201, body: { filingNumber: 'lost', documentSha256, receivedAt } });
        return;
      case 'wrong-digest': {
        const body = { filingNumber: 'wrong', documentSha256: '0'.repeat(64), receivedAt };
        send(response, { status: 201, body });
        return;
      }
      case 'answer-429':
        send(response, { status: 429, body: {}, headers: { 'retry-after': '1' } });
        return;
      case 'answer-html':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>维护中</html>');
        return;
      case 'redirect':
        send(response, { status: 307, body: {}, headers: { location: `${this.url}/elsewhere` } });
        return;
      case 'answer-409':
        throw problem(409, 'in-flight', 'being filed');
      case 'refuse':
        throw problem(422, 'unit-unknown', '采购单位未在预算系统登记');
      case 'answer-503':
      case 'store-and-answer-500':
      case 'store-and-drop':
      case 'store-and-cut':
      case 'store-and-hang':
      case 'store-under-last-number':
        throw problem(503, 'unavailable', 'come again later');
    }
  }

  async #read(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = url.pathname;
    if (path === '/deliveries') {
      this.#checkSignature(request, LOOKUP_COMPONENTS);
      send(response, { status: 200, body: this.#holdings(url.searchParams) });
      return;
    }
    if (path === '/filings') {
      send(response, { status: 200, body: { items: this.#register.all() } });
      return;
    }
    const [, kind = '', name = '', part] = path.split('/').map(decodeURIComponent);
    if (kind === 'deliveries' && part === undefined) {
      this.#checkSignature(request, LOOKUP_COMPONENTS);
      const filing = this.#register.byKey(name);
      if (filing === undefined) throw problem(404, 'not-found', 'nothing under this key');
      send(response, { status: 200, body: this.#receiptOf(filing) });
      return;
    }
    const filing = kind === 'filings' ? this.#register.byNumber(name) : undefined;
    if (filing === undefined) throw problem(404, 'not-found', 'no such filing');
    if (part === 'package') {
      const bytes = await this.#register.packageOf(filing);
      response.writeHead(200, { 'content-type': 'application/zip' }).end(bytes);
      return;
    }
    if (part !== undefined) throw problem(404, 'not-found', 'no such part');
    send(response, { status: 200, body: filing });
  }

  /** A page in the order of the keys: what both registers are compared by. */
  #holdings(query: URLSearchParams): unknown {
    const after = query.get('after') ?? '';
    const limit = Number(query.get('limit') ?? '100');
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
      throw problem(400, 'request-invalid', 'limit is 1 to 1000');
    }
    const behind = this.#register
      .all()
      .filter(({ idempotencyKey }) => idempotencyKey > after)
      .sort((one, other) => (one.idempotencyKey < other.idempotencyKey ? -1 : 1));
    const items = behind.slice(0, limit).map((filing) => ({
      idempotencyKey: filing.idempotencyKey,
      contractNumber: filing.contractNumber,
      regionCode: filing.regionCode,
      receipt: this.#receiptOf(filing),
    }));
    return { items, hasMore: behind.length > items.length };
  }

  #receiptOf(filing: RegisteredFiling): Receipt {
    const { filingNumber, packageSha256, receivedAt } = filing;
    const isOfAnother = this.#condition === 'receipts-of-another-document';
    const documentSha256 = isOfAnother ? '0'.repeat(64) : filing.documentSha256;
    const receipt: Receipt = { filingNumber, documentSha256, packageSha256, receivedAt };
    const isFalse = this.#condition === 'signs-with-wrong-key';
    const signer = isFalse ? this.#wrongSigner : this.#signer;
    if (signer === undefined) return receipt;
    return { ...receipt, jws: signReceipt(filing.idempotencyKey, receipt, signer) };
  }

  #checkSignature(request: IncomingMessage, components: readonly string[]): void {
    const keys = this.#keys;
    if (keys === undefined) return;
    const at = this.#clock.now();
    const message: HttpMessage = {
      method: request.method ?? '',
      url: `http://${request.headers.host ?? ''}${request.url ?? ''}`,
      field: (name) => fieldOf(request, name),
    };
    const { keyId, nonce, expiresAt } = verifyMessage(message, {
      keyOf: (id) => keys.get(id),
      components,
      tag: FILING_SIGNATURE_TAG,
      at,
      maxLifetimeS: FILING_SIGNATURE_LIFETIME_S,
    });
    for (const [used, until] of this.#nonces) if (until <= at.getTime()) this.#nonces.delete(used);
    const name = `${keyId} ${nonce}`;
    if (this.#nonces.has(name)) throw problem(401, 'replayed', 'the nonce was used');
    this.#nonces.set(name, expiresAt.getTime());
  }
}

/** @throws AppError where more comes than a package may have */
async function readContent(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > LARGEST_PACKAGE_BYTES) throw problem(413, 'too-large', 'the package is too large');
    parts.push(part);
  }
  return concatBytes(parts);
}

function fieldOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function send(response: ServerResponse, reply: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const type = reply.status < 400 ? 'application/json; charset=utf-8' : PROBLEM;
  response.writeHead(reply.status, { 'content-type': type, ...reply.headers });
  response.end(JSON.stringify(reply.body));
}

/** A reply on its way out of nested calls; never leaves this file. */
class ReplyError extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`HTTP ${reply.status}`);
    this.reply = reply;
  }
}

function problem(status: number, code: string, detail: string): ReplyError {
  return new ReplyError({ status, body: { status, code, detail } });
}

function replyOf(error: unknown): Reply {
  if (error instanceof ReplyError) return error.reply;
  if (isAppError(error, 'unauthenticated')) {
    return problem(401, error.code, error.message).reply;
  }
  if (isAppError(error)) return problem(422, error.code, error.message).reply;
  if (error instanceof URIError) return problem(400, 'request-invalid', 'malformed path').reply;
  return problem(500, 'internal', 'unexpected').reply;
}
