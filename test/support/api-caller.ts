/** Calls of a running server that tell what was answered, refusals too. */
import { newId } from '../../src/kernel/index.js';

export interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export class ApiCaller {
  readonly #base: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#base = `${url}/api/v1`;
    this.#token = token;
  }

  async get(path: string): Promise<Answered> {
    return this.#call('GET', path, {});
  }

  /** @param json - The body; a PDF where it is bytes. */
  async post(path: string, json: object | Uint8Array<ArrayBuffer> = {}): Promise<Answered> {
    const isPdf = json instanceof Uint8Array;
    return this.#call('POST', path, {
      headers: { 'content-type': isPdf ? 'application/pdf' : 'application/json' },
      body: isPdf ? json : JSON.stringify(json),
    });
  }

  async put(path: string, json: object): Promise<Answered> {
    const headers = { 'content-type': 'application/json' };
    return this.#call('PUT', path, { headers, body: JSON.stringify(json) });
  }

  async #call(
    method: string,
    path: string,
    {
      headers,
      body,
    }: { headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> },
  ): Promise<Answered> {
    const answer = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(method === 'POST' ? { 'idempotency-key': newId('idk') } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('content-type') ?? '');
    return {
      status: answer.status,
      body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }
}

/** @throws where it was refused */
export function done({ status, body }: Answered): Answered['body'] {
  if (status < 300) return body;
  throw new Error(`${String(status)} ${String(body['code'])}: ${String(body['detail'])}`);
}
