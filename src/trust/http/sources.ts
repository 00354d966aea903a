/** Revocation evidence and timestamps over HTTP. @see RFC 5280, 4.2.1.13; RFC 6960, A.1; RFC 3161, 3.4 */
import { AppError, isAppError, type ErrorCode } from '../../kernel/index.js';
import type { CertificateSource } from '../certificate-source.js';
import type { RevocationSource } from '../revocation-source.js';
import type { TimestampAuthority } from '../timestamp-authority.js';
import type { GuardedFetch, GuardedRequest } from './guarded-fetch.js';

export interface HttpSourceOptions {
  readonly fetch: GuardedFetch;
}

async function ask(
  fetch: GuardedFetch,
  request: GuardedRequest,
  code: ErrorCode,
): Promise<Uint8Array> {
  try {
    const answer = await fetch(request);
    if (answer.status === 200) return answer.bytes;
    throw new AppError(code, 'the answer is not 200', { params: { status: answer.status } });
  } catch (error) {
    if (isAppError(error, code)) throw error;
    throw new AppError(code, 'no answer', { cause: error });
  }
}

/** Errors are AppError `revocation-unavailable`; the body of a bad answer is never echoed. */
export function createHttpRevocationSource({ fetch }: HttpSourceOptions): RevocationSource {
  return {
    fetchCrl: (url) => ask(fetch, { url, method: 'GET' }, 'revocation-unavailable'),
    fetchOcsp: (url, body) =>
      ask(
        fetch,
        {
          url,
          method: 'POST',
          headers: {
            'content-type': 'application/ocsp-request',
            accept: 'application/ocsp-response',
          },
          body,
        },
        'revocation-unavailable',
      ),
  };
}

/** @see RFC 5280, 4.2.2.1 (caIssuers) */
export function createHttpCertificateSource({ fetch }: HttpSourceOptions): CertificateSource {
  return {
    fetchCertificates: (url) => ask(fetch, { url, method: 'GET' }, 'revocation-unavailable'),
  };
}

export function createHttpTimestampAuthority(
  url: string,
  { fetch }: HttpSourceOptions,
): TimestampAuthority {
  return {
    url,
    request: (body) =>
      ask(
        fetch,
        {
          url,
          method: 'POST',
          headers: {
            'content-type': 'application/timestamp-query',
            accept: 'application/timestamp-reply',
          },
          body,
        },
        'tsa-unavailable',
      ),
  };
}
