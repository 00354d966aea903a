/** Requests of somebody who is logged in. The token is kept here and nowhere else: a reload forgets it. */
import {
  ProblemError,
  request,
  type Method,
  type RequestOptions as PlainOptions,
} from './request.js';

export interface CallOptions extends Omit<PlainOptions, 'headers' | 'onUpload'> {
  /** The revision that is changed: sent as If-Match. */
  readonly revision?: number;
  /** Sent as Idempotency-Key: the same key and request again give the same answer. */
  readonly key?: string;
}

export class Caller {
  readonly #onEnded: () => void;
  #accessToken: string | undefined;

  /** @param onEnded - told when the service no longer knows the session */
  constructor(onEnded: () => void) {
    this.#onEnded = onEnded;
  }

  /** From now on, requests are made in this session; in none where it is left out. */
  use(accessToken?: string): void {
    this.#accessToken = accessToken;
  }

  /** @throws ProblemError, ConnectionError; DOMException `AbortError` */
  async blob(method: Method, path: string, options: CallOptions = {}): Promise<Blob> {
    const { revision, key, ...plain } = options;
    const headers = {
      ...(this.#accessToken === undefined ? {} : { Authorization: `Bearer ${this.#accessToken}` }),
      ...(revision === undefined ? {} : { 'If-Match': `"r${revision}"` }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
    };
    try {
      return await request(method, path, { ...plain, headers });
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === 'unauthenticated') {
        this.#onEnded();
      }
      throw error;
    }
  }

  async json<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
    const answer = await this.blob(method, path, options);
    return JSON.parse(await answer.text()) as T;
  }
}
