/**
 * What happens to every request of a declared route, in this order: who calls, may they, what do
 * they send, was it answered before, the work, the answer. A body is not read for a caller who may
 * not send it.
 */
import type { Request, Response } from 'express';
import { hasRole, type AccessService, type Principal } from '../access/index.js';
import { AppError } from '../kernel/index.js';
import { etagOf, isSameTag, revisionOf } from './etag.js';
import { fingerprintOf, type IdempotencyLedger, type StoredAnswer } from './idempotency.js';
import { readBody, type BodyLimits } from './read-body.js';
import { requestInvalid } from './request-faults.js';
import type { Answer, BytesAnswer, JsonAnswer, PublicCaching, RawRequest, Route } from './route.js';
import type { UploadMemory } from './upload-memory.js';

export interface PipelineOptions {
  readonly access: Pick<AccessService, 'authenticate'>;
  readonly idempotency: IdempotencyLedger;
  readonly limits: BodyLimits;
  readonly uploads: UploadMemory;
  /** Compares answers with their declared schemas; for tests. */
  readonly checksAnswers: boolean;
}

/** What the request log and metrics know of a request. */
export interface RequestFacts {
  readonly requestId: string;
  /** Path template of the route, once known. */
  route?: string;
  operationId?: string;
  accountId?: string;
}

export async function runRoute(
  route: Route,
  request: Request,
  response: Response,
  facts: RequestFacts,
  options: PipelineOptions,
): Promise<void> {
  facts.route = route.path;
  facts.operationId = route.operationId;
  const { requestId } = facts;
  const principal = await callerOf(route, request, requestId, options.access);
  if (principal !== undefined) facts.accountId = principal.accountId;
  const expectedRevision = expectedRevisionOf(route, request);
  const memory = options.uploads.open();
  response.once('close', () => memory.release());
  const { json, files } = await readBody(request, route.body, options.limits, memory);
  const [file] = files;
  if (route.body?.pdf === 'required' && file === undefined) {
    throw requestInvalid([{ pointer: '#', detail: '缺少文件 (a file is required)' }]);
  }
  const raw: RawRequest = {
    principal,
    params: { ...request.params },
    query: { ...request.query },
    body: json,
    file,
    files,
    mediaType: mediaTypeOf(route, request),
    expectedRevision,
    requestId,
  };
  const key = route.isIdempotent === true ? idempotencyKeyOf(request) : undefined;
  if (key === undefined || principal === undefined) {
    send(route, request, response, checked(route, await route.run(raw), options));
    return;
  }
  // A malformed request takes no key.
  route.parse(raw);
  const { answer, isReplay } = await options.idempotency.once(
    {
      callerId: principal.accountId,
      operationId: route.operationId,
      key,
      fingerprint: fingerprintOf({
        target: `${request.originalUrl} ${expectedRevision ?? ''}`,
        body: json,
        secretFields: route.body?.secretFields ?? [],
        fileBytes: file?.bytes,
      }),
    },
    async (requestKey) => {
      const repeatable = { ...raw, principal: { ...principal, requestKey } };
      return storable(route, checked(route, await route.run(repeatable), options));
    },
    route.hasSecretAnswer !== true,
  );
  sendStored(response, answer, isReplay);
}

async function callerOf(
  route: Route,
  request: Request,
  requestId: string,
  access: PipelineOptions['access'],
): Promise<Principal | undefined> {
  if (route.access === 'public') return undefined;
  const match = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(request.headers.authorization ?? '');
  if (match?.[1] === undefined) throw new AppError('unauthenticated', 'no bearer token');
  const principal = await access.authenticate(match[1], requestId);
  if (route.access !== 'authenticated' && !hasRole(principal, ...route.access)) {
    throw new AppError('forbidden', 'none of the roles of the route', {
      params: { roles: route.access },
    });
  }
  return principal;
}

function expectedRevisionOf(route: Route, request: Request): number | undefined {
  if (route.ifMatch === undefined) return undefined;
  const revision = revisionOf(request.headers['if-match']);
  if (revision === undefined && route.ifMatch === 'required') {
    throw new AppError('precondition-required', 'If-Match is required');
  }
  return revision;
}

/** Where nothing that is asked for can be had, the answer comes as usual rather than not at all (RFC 9110, 12.5.1). */
function mediaTypeOf({ success }: Route, request: Request): string | undefined {
  const offered = [
    ...(success.json === undefined ? [] : ['application/json']),
    ...(success.media ?? []),
  ];
  return request.accepts(offered) || offered[0];
}

function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.get('Idempotency-Key');
  if (key === undefined) return undefined;
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const detail = '应为 1 至 255 个可见 ASCII 字符 (1 to 255 visible ASCII characters)';
  throw requestInvalid([{ pointer: 'header/Idempotency-Key', detail }]);
}

function checked(route: Route, answer: Answer, options: PipelineOptions): Answer {
  if (!options.checksAnswers) return answer;
  const { json, media, status } = route.success;
  const isAsDeclared =
    'bytes' in answer
      ? media?.includes(answer.mediaType) === true
      : status === 204
        ? answer.body === undefined
        : json?.safeParse(answer.body).success === true;
  if (isAsDeclared) return answer;
  const parsed = 'bytes' in answer ? undefined : json?.safeParse(answer.body);
  throw new AppError('internal', `${route.operationId} answers other than declared`, {
    cause: parsed?.error,
  });
}

/** @returns whether the caller has the answer already, and was told so. */
function sendUnchanged(request: Request, response: Response, caching: PublicCaching): boolean {
  const { maxAgeSeconds, validator } = caching;
  response.set('Cache-Control', `public, max-age=${maxAgeSeconds}`);
  // Weak: the facts are the same, the times in a signed answer may be those of another minute.
  response.set('ETag', `W/"${validator}"`);
  if (!isSameTag(request.get('If-None-Match'), `"${validator}"`)) return false;
  response.status(304).end();
  return true;
}

function send(route: Route, request: Request, response: Response, answer: Answer): void {
  if ('bytes' in answer) {
    sendBytes(request, response, answer);
    return;
  }
  if (answer.caching !== undefined && sendUnchanged(request, response, answer.caching)) return;
  const etag = answer.revision === undefined ? undefined : etagOf(answer.revision);
  if (etag !== undefined) response.set('ETag', etag);
  if (answer.location !== undefined) response.set('Location', answer.location);
  if (
    route.method === 'get' &&
    etag !== undefined &&
    isSameTag(request.get('If-None-Match'), etag)
  ) {
    response.status(304).end();
  } else if (route.success.status === 204) response.status(204).end();
  else response.status(route.success.status).json(answer.body);
}

function sendBytes(request: Request, response: Response, answer: BytesAnswer): void {
  if (answer.sha256 !== undefined) {
    const etag = `"${answer.sha256}"`;
    response.set('ETag', etag);
    if (isSameTag(request.get('If-None-Match'), etag)) {
      response.status(304).end();
      return;
    }
  }
  if (answer.caching !== undefined && sendUnchanged(request, response, answer.caching)) return;
  const kind = answer.isInline === true ? 'inline' : 'attachment';
  const plain = answer.fileName.replace(/[^\w.-]/g, '_');
  const encoded = encodeURIComponent(answer.fileName).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  response.set('Content-Disposition', `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`);
  if (answer.isImmutable === true) {
    response.set('Cache-Control', 'private, max-age=31536000, immutable');
  }
  // Not `.type()`: it would add a charset to what is no text.
  response.set('Content-Type', answer.mediaType);
  response
    .status(200)
    .end(Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.length));
}

function storable(route: Route, answer: Answer): StoredAnswer {
  if ('bytes' in answer) {
    throw new AppError('internal', `${route.operationId}: an answer in bytes is not idempotent`);
  }
  const { body, revision, location }: JsonAnswer<unknown> = answer;
  return {
    status: route.success.status,
    bodyText: route.success.status === 204 ? '' : JSON.stringify(body),
    ...(revision === undefined ? {} : { etag: etagOf(revision) }),
    ...(location === undefined ? {} : { location }),
  };
}

function sendStored(response: Response, answer: StoredAnswer, isReplay: boolean): void {
  if (answer.etag !== undefined) response.set('ETag', answer.etag);
  if (answer.location !== undefined) response.set('Location', answer.location);
  if (isReplay) response.set('Idempotent-Replayed', 'true');
  response.status(answer.status);
  if (answer.bodyText === '') response.end();
  else response.type('application/json').end(answer.bodyText);
}
