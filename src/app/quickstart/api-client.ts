/** A small client of our own API, for quickstart: one logged-in account. */
import type { Secret } from '../../kernel/index.js';
import { AppError, newId, toBase64, utf8ToBytes } from '../../kernel/index.js';
import { defaultScheme } from '../../pki/index.js';
import type { SigningKey } from '../../token/index.js';

export interface Credentials {
  readonly name: string;
  readonly password: Secret;
}

export interface ApiAnswer<T> {
  readonly body: T;
  readonly etag: string | undefined;
}

export class ApiClient {
  readonly #base: string;
  readonly #token: string;

  private constructor(base: string, token: string) {
    this.#base = base;
    this.#token = token;
  }

  static async login(url: string, credentials: Credentials): Promise<ApiClient> {
    const base = `${url}/api/v1`;
    const answer = await fetch(`${base}/auth/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': newId('idk') },
      body: JSON.stringify({
        account: credentials.name,
        password: credentials.password.revealText(),
      }),
    });
    const body = await bodyOf<{ readonly accessToken: string }>(answer, '/auth/sessions');
    return new ApiClient(base, body.accessToken);
  }

  /** Logs in with the key of a UKey, as a person with a browser and the UKey's helper would. */
  static async loginWithKey(url: string, key: SigningKey): Promise<ApiClient> {
    const base = `${url}/api/v1`;
    const path = '/auth/challenges';
    const challenge = await bodyOf<{ readonly id: string; readonly text: string }>(
      await fetch(`${base}${path}`, { method: 'POST' }),
      path,
    );
    const scheme = defaultScheme(key.algorithm);
    const signature = await key.sign(utf8ToBytes(challenge.text), scheme);
    const answer = await fetch(`${base}/auth/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        challengeId: challenge.id,
        certificateB64: toBase64(key.certificateDer),
        signatureB64: toBase64(signature),
        scheme,
      }),
    });
    const body = await bodyOf<{ readonly accessToken: string }>(answer, '/auth/sessions');
    return new ApiClient(base, body.accessToken);
  }

  async get<T>(path: string): Promise<ApiAnswer<T>> {
    return this.#answer<T>(await this.#call('GET', path), path);
  }

  async bytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const answer = await this.#call('GET', path);
    if (!answer.ok) await bodyOf(answer, path);
    return new Uint8Array(await answer.arrayBuffer());
  }

  async post<T>(path: string, body: unknown, etag?: string): Promise<ApiAnswer<T>> {
    const headers = {
      'content-type': 'application/json',
      ...(etag === undefined ? {} : { 'if-match': etag }),
    };
    return this.#answer<T>(await this.#call('POST', path, headers, JSON.stringify(body)), path);
  }

  async postPdf<T>(path: string, pdf: Uint8Array<ArrayBuffer>): Promise<T> {
    const headers = { 'content-type': 'application/pdf' };
    return bodyOf<T>(await this.#call('POST', path, headers, pdf), path);
  }

  #call(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string | Uint8Array<ArrayBuffer>,
  ): Promise<Response> {
    return fetch(`${this.#base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(method === 'POST' ? { 'idempotency-key': newId('idk') } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
  }

  async #answer<T>(answer: Response, path: string): Promise<ApiAnswer<T>> {
    return {
      body: await bodyOf<T>(answer, path),
      etag: answer.headers.get('etag') ?? undefined,
    };
  }
}

async function bodyOf<T>(answer: Response, path: string): Promise<T> {
  const text = await answer.text();
  if (!answer.ok) {
    throw new AppError('unavailable', `${answer.status} of ${path}: ${text.slice(0, 500)}`, {
      params: { path, status: answer.status, answer: text.slice(0, 500) },
    });
  }
  return JSON.parse(text) as T;
}
