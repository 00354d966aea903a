/** One account at one or several servers: every answer as it came, nothing tried again. */
import type { Installation } from './installation.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';

export interface RawAnswer<T> {
  readonly status: number;
  readonly body: T & { readonly code?: string };
  readonly etag: string | null;
}

export interface RawRequest {
  readonly json?: unknown;
  readonly form?: FormData;
  readonly key?: string;
  readonly etag?: string | null;
}

export class RawClient {
  readonly #token: string;

  private constructor(token: string) {
    this.#token = token;
  }

  /** @param account - Of the sample installation, or with a password of its own. */
  static async logIn(
    installation: Installation,
    url: string,
    account: string,
    password = readFileSync(
      join(installation.directory, 'accounts', `${account}.txt`),
      'utf8',
    ).trim(),
  ): Promise<RawClient> {
    const answer = await fetch(`${url}/api/v1/auth/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account, password }),
    });
    if (!answer.ok) throw new Error(`${account}: ${await answer.text()}`);
    return new RawClient(((await answer.json()) as { readonly accessToken: string }).accessToken);
  }

  /** @param url - Of the server and the path below its base. */
  async call<T>(method: string, url: string, request: RawRequest = {}): Promise<RawAnswer<T>> {
    const { json, form, key = randomUUID(), etag } = request;
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': key } : {}),
        ...(typeof etag === 'string' ? { 'if-match': etag } : {}),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(form === undefined ? {} : { body: form }),
    });
    const body = (await answer.json()) as RawAnswer<T>['body'];
    return { status: answer.status, body, etag: answer.headers.get('etag') };
  }

  async bytes(url: string): Promise<Uint8Array> {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${this.#token}` } });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    return new Uint8Array(await answer.arrayBuffer());
  }
}
