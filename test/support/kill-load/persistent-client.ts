/**
 * A client that does what clients are told to do: after a broken connection or a passing refusal it
 * asks again, at another server, with the same Idempotency-Key, until it has its answer.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/** An answer that asking again will not change. */
export class Refused extends Error {
  readonly code: string;
  /** Whether a try before it broke off without an answer. */
  readonly isAfterBreak: boolean;

  constructor(path: string, status: number, code: string, isAfterBreak: boolean) {
    super(`${status} ${code} of ${path}`);
    this.code = code;
    this.isAfterBreak = isAfterBreak;
  }
}

/** Refusals that pass by themselves. */
const PASSING: readonly string[] = [
  'idempotency-in-flight',
  'contract-signing-in-progress',
  'record-version-conflict',
  'signing-session-expired',
  'store-unavailable',
  'audit-unavailable',
  'token-busy',
];
const PAUSE_MS = 250;

export class PersistentClient {
  readonly #urls: readonly string[];
  readonly #account: { readonly account: string; readonly password: string };
  readonly #patienceMs: number;
  #token: Promise<string> | undefined;
  #turn = 0;

  constructor(
    urls: readonly string[],
    account: { readonly account: string; readonly password: string },
    patienceMs: number,
  ) {
    this.#urls = urls;
    this.#account = account;
    this.#patienceMs = patienceMs;
  }

  get<T>(path: string): Promise<T> {
    return this.#ask<T>('GET', path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#ask<T>('POST', path, body);
  }

  async bytes(path: string): Promise<Uint8Array> {
    this.#token ??= this.#logIn();
    const answer = await fetch(`${this.#next()}/api/v1${path}`, {
      headers: { authorization: `Bearer ${await this.#token}` },
    });
    if (!answer.ok) throw new Error(`${answer.status} of ${path}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  async #logIn(): Promise<string> {
    const { accessToken } = await this.#persist<{ readonly accessToken: string }>(
      'POST',
      '/auth/sessions',
      { 'content-type': 'application/json' },
      JSON.stringify(this.#account),
    );
    return accessToken;
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    this.#token ??= this.#logIn();
    const headers = {
      authorization: `Bearer ${await this.#token}`,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    return this.#persist<T>(method, path, headers, text);
  }

  async #persist<T>(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
  ): Promise<T> {
    const deadline = Date.now() + this.#patienceMs;
    let isAfterBreak = false;
    for (let last = ''; Date.now() < deadline;) {
      if (last !== '') await sleep(PAUSE_MS * (1 + Math.random()));
      let answer: Answer<T & { readonly code?: string }>;
      try {
        answer = await this.#once(method, path, headers, body);
      } catch (error) {
        last = String(error);
        isAfterBreak = true;
        continue;
      }
      const { status, body: content } = answer;
      if (status < 400) return content;
      last = `${status} ${content.code ?? ''}`;
      const isPassing = status >= 500 || PASSING.includes(content.code ?? '');
      if (status === 500 || !isPassing) {
        throw new Refused(path, status, content.code ?? '', isAfterBreak);
      }
      if (Date.now() + PAUSE_MS >= deadline) throw new Error(`no answer of ${path}: ${last}`);
    }
    throw new Error(`no answer of ${path}`);
  }

  async #once<T>(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
  ): Promise<Answer<T>> {
    const answer = await fetch(`${this.#next()}/api/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, body: (await answer.json()) as T };
  }

  #next(): string {
    return this.#urls[this.#turn++ % this.#urls.length] ?? '';
  }
}
