/** Requests to the service that these pages came from, with the progress of uploads; no other host is ever called. */

/** RFC 9457, as far as these pages use it. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly titleEn: string;
  readonly detail: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Where the request is wrong: JSON pointers into its body. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** What to do, in Chinese and in English: a problem's detail is `中文 (title: English)`. */
export function detailParts(detail: string, titleEn: string): readonly [string, string] {
  const mark = ` (${titleEn}: `;
  const at = detail.lastIndexOf(mark);
  return at < 0 ? [detail, detail] : [detail.slice(0, at), detail.slice(at + mark.length, -1)];
}

/** The service answered with a problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Problem, retryAfterSeconds: number | undefined) {
    super(problem.title);
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No answer came, or none that this service gives. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface RequestOptions {
  /** A form, or a value that is sent as JSON. */
  readonly body?: FormData | object | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
  /** Sent bytes of the body, and all of them. */
  readonly onUpload?: (sentBytes: number, totalBytes: number) => void;
}

/**
 * The body of an answer 2xx. `fetch` tells no progress of uploads, hence XMLHttpRequest.
 *
 * @param path - below `/api/v1`
 * @throws ProblemError, ConnectionError; DOMException `AbortError`
 */
export function request(
  method: Method,
  path: string,
  { body, headers = {}, accept = 'application/json', signal, onUpload }: RequestOptions = {},
): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open(method, `/api/v1${path}`);
    call.responseType = 'blob';
    call.setRequestHeader('Accept', accept);
    for (const [name, value] of Object.entries(headers)) call.setRequestHeader(name, value);
    const isForm = body === undefined || body instanceof FormData;
    if (!isForm) call.setRequestHeader('Content-Type', 'application/json');
    if (onUpload !== undefined) {
      call.upload.onprogress = ({ loaded, total }) => onUpload(loaded, total);
    }
    call.onload = () => {
      const answer = call.response as Blob;
      if (call.status >= 200 && call.status < 300) resolve(answer);
      else void problemOf(call, answer).then(reject);
    };
    call.onerror = () => reject(new ConnectionError('no answer'));
    call.onabort = () => reject(new DOMException('given up', 'AbortError'));
    signal?.addEventListener('abort', () => call.abort(), { once: true });
    if (signal?.aborted === true) call.abort();
    else call.send(isForm ? (body ?? null) : JSON.stringify(body));
  });
}

async function problemOf(call: XMLHttpRequest, answer: Blob): Promise<Error> {
  try {
    const problem = JSON.parse(await answer.text()) as Partial<Problem>;
    if (typeof problem.code !== 'string') throw new ConnectionError('not an answer of the service');
    const seconds = Number(call.getResponseHeader('Retry-After') ?? Number.NaN);
    return new ProblemError(problem as Problem, Number.isFinite(seconds) ? seconds : undefined);
  } catch {
    // A proxy in front of the service, most likely.
    return new ConnectionError(`status ${call.status}`);
  }
}

export async function requestJson<T>(
  method: Method,
  path: string,
  options: RequestOptions = {},
): Promise<T> {
  const answer = await request(method, path, options);
  return JSON.parse(await answer.text()) as T;
}
