/**
 * A route as a declaration: who may call it, what it takes, what it answers. The OpenAPI document,
 * the checks of a request and the tests of roles are all made from it.
 */
import { z } from 'zod';
import type { Principal, Role } from '../access/index.js';
import type { ErrorCode } from '../kernel/index.js';
import { faultsOf, requestInvalid } from './request-faults.js';

export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** `public`: anybody; `authenticated`: any account; otherwise an account with one of the roles. */
export type RouteAccess = 'public' | 'authenticated' | readonly [Role, ...Role[]];

/** Groups of routes that share a budget of requests for each address. */
export type RateLimitGroup = 'login' | 'verification' | 'drawing' | 'register';

export interface UploadedFile {
  readonly bytes: Uint8Array;
  readonly fileName: string | undefined;
}

/** What a request may carry as body. `json` also describes the `data` part of a multipart body. */
export interface BodySpec<B extends z.ZodType = z.ZodType> {
  readonly json?: B;
  /**
   * A PDF: as the whole body, or as the part `document` of multipart/form-data. With `json` the
   * multipart form carries both.
   */
  readonly pdf?: 'accepted' | 'required';
  /** Media types of the file, where it is not a PDF alone. */
  readonly media?: readonly string[];
  /** Parts `document` that one multipart body may carry; one unless given. */
  readonly mostFiles?: number;
  /** A JSON body may be left out; it is then `{}`. */
  readonly isOptional?: boolean;
  /** Properties that take no part in the fingerprint of an idempotent request. */
  readonly secretFields?: readonly string[];
}

export interface SuccessSpec<R extends z.ZodType = z.ZodType> {
  readonly status: 200 | 201 | 202 | 204;
  readonly description: string;
  readonly json?: R;
  /** Media types of an answer in bytes. */
  readonly media?: readonly string[];
}

/** An answer that anybody may keep. */
export interface PublicCaching {
  readonly maxAgeSeconds: number;
  /** Names what the answer says: the same as long as it says the same. */
  readonly validator: string;
}

export interface JsonAnswer<T> {
  readonly body: T;
  readonly caching?: PublicCaching;
  /** The record's revision: sent as ETag. */
  readonly revision?: number;
  /** Path of what was created. */
  readonly location?: string;
}

export interface BytesAnswer {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly fileName: string;
  /** Strong name of the bytes, for ETag. */
  readonly sha256?: string;
  readonly isInline?: boolean;
  readonly caching?: PublicCaching;
  /** Immutable under its address. */
  readonly isImmutable?: boolean;
}

export type Answer<T = unknown> = JsonAnswer<T> | BytesAnswer;

export interface RouteContext<P, Q, B, W> {
  /** Who calls; `undefined` on public routes only. */
  readonly principal: W;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** The first of `files`. */
  readonly file: UploadedFile | undefined;
  readonly files: readonly UploadedFile[];
  /** Of the media types that the route answers, the one that Accept prefers; the first where it names none. */
  readonly mediaType: string | undefined;
  /** The revision named by If-Match. */
  readonly expectedRevision: number | undefined;
  readonly requestId: string;
}

/** What the pipeline hands to a route before its own schemas are applied. */
export interface RawRequest {
  readonly principal: Principal | undefined;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly file: UploadedFile | undefined;
  readonly files: readonly UploadedFile[];
  readonly mediaType: string | undefined;
  readonly expectedRevision: number | undefined;
  readonly requestId: string;
}

export interface RouteDeclaration {
  readonly method: HttpMethod;
  /** Below the base path, parameters in braces: `/contracts/{id}`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  /** Chinese first, English after a slash. */
  readonly summary: string;
  readonly access: RouteAccess;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: BodySpec;
  readonly success: SuccessSpec;
  /** Codes a caller has to expect besides those every route can answer. */
  readonly problems?: readonly ErrorCode[];
  /** The same Idempotency-Key gives the same answer. */
  readonly isIdempotent?: boolean;
  /** The answer holds a secret: it is not kept, and made again for the same Idempotency-Key. */
  readonly hasSecretAnswer?: boolean;
  /** If-Match: `required` refuses a change without it. */
  readonly ifMatch?: 'required' | 'accepted';
  readonly rateLimit?: RateLimitGroup;
}

export interface Route extends RouteDeclaration {
  run(raw: RawRequest): Promise<Answer>;
  /** Faults are thrown before any work, so that nothing is half done. */
  parse(raw: RawRequest): ParsedParts;
}

export interface ParsedParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

const EMPTY = z.strictObject({});
type Empty = typeof EMPTY;

type Declared<
  A extends RouteAccess,
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  R extends z.ZodType,
> = Omit<RouteDeclaration, 'access' | 'params' | 'query' | 'body' | 'success'> & {
  readonly access: A;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: BodySpec<B>;
  readonly success: SuccessSpec<R>;
  readonly handle: (
    context: RouteContext<
      z.output<P>,
      z.output<Q>,
      z.output<B>,
      A extends 'public' ? undefined : Principal
    >,
  ) => Promise<Answer<z.input<R>>>;
};

/** Declares a route; its handler sees values of the declared schemas. */
export function route<
  const A extends RouteAccess,
  P extends z.ZodObject = Empty,
  Q extends z.ZodObject = Empty,
  B extends z.ZodType = z.ZodUndefined,
  R extends z.ZodType = z.ZodUndefined,
>(declared: Declared<A, P, Q, B, R>): Route {
  const { handle, ...declaration } = declared;
  const schemas = { params: declared.params ?? EMPTY, query: declared.query ?? EMPTY };
  const parse = (raw: RawRequest): ParsedParts => ({
    params: parsePart(schemas.params, raw.params, 'path/'),
    query: parsePart(schemas.query, raw.query, 'query/'),
    body: declared.body?.json === undefined ? undefined : parseBody(declared.body, raw),
  });
  return {
    ...(declaration as RouteDeclaration),
    parse,
    run: (raw) => {
      type Context = Parameters<typeof handle>[0];
      return handle({ ...raw, ...parse(raw) } as unknown as Context);
    },
  };
}

function parseBody(spec: BodySpec, raw: RawRequest): unknown {
  if (raw.body === undefined && spec.pdf !== undefined) return undefined;
  return parsePart(spec.json ?? EMPTY, raw.body, '#/');
}

function parsePart(schema: z.ZodType, value: unknown, prefix: string): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw requestInvalid(parsed.error.issues.flatMap((issue) => faultsOf(issue, prefix)));
}
