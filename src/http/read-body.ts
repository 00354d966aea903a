/** Reads a request's body within bounds: JSON, a PDF, or a form with a PDF and JSON. */
import type { IncomingMessage } from 'node:http';
import { AppError, isWellFormed, utf8ToBytes } from '../kernel/index.js';
import { readForm } from './read-form.js';
import { requestInvalid } from './request-faults.js';
import type { BodySpec, UploadedFile } from './route.js';
import type { HeldMemory } from './upload-memory.js';

export interface BodyLimits {
  /** Largest JSON text. */
  readonly bodyBytes: number;
  /** Largest body that carries a file. */
  readonly uploadBytes: number;
}

export interface ReadBody {
  /** Parsed JSON; `undefined` where there was none. */
  readonly json: unknown;
  readonly files: readonly UploadedFile[];
}

const MAX_JSON_DEPTH = 32;
const NOTHING: ReadBody = { json: undefined, files: [] };

/**
 * @param memory - is told of every byte that is held
 * @throws AppError `request-too-large` (params `maxBytes`), `media-type-unsupported` (params
 *   `accepted`), `request-invalid`; what `memory` throws
 */
export async function readBody(
  request: IncomingMessage,
  spec: BodySpec | undefined,
  limits: BodyLimits,
  memory: HeldMemory,
): Promise<ReadBody> {
  if (spec === undefined) {
    // A body nobody asked for is not read; the connection ends with the answer.
    return NOTHING;
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw unsupported(spec);
  const contentType = request.headers['content-type'] ?? '';
  const mediaType = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (mediaType === '') {
    if (await isEmpty(request, memory)) return emptyBody(spec);
    throw unsupported(spec);
  }
  if (spec.json !== undefined && isJson(mediaType)) {
    const bytes = await readBytes(request, limits.bodyBytes, memory);
    if (bytes.length === 0) return emptyBody(spec);
    return { json: parseJson(bytes), files: [] };
  }
  if (spec.pdf !== undefined && fileTypes(spec).includes(mediaType)) {
    const bytes = await readBytes(request, limits.uploadBytes, memory);
    return { json: undefined, files: [{ bytes, fileName: undefined }] };
  }
  if (spec.pdf !== undefined && mediaType === 'multipart/form-data') {
    const bytes = await readBytes(request, limits.uploadBytes, memory);
    return readFormBody(bytes, contentType, spec, limits);
  }
  throw unsupported(spec);
}

function isJson(mediaType: string): boolean {
  return mediaType === 'application/json' || /^application\/[\w.-]+\+json$/.test(mediaType);
}

function emptyBody(spec: BodySpec): ReadBody {
  if (spec.isOptional === true) return { json: {}, files: [] };
  throw requestInvalid([{ pointer: '#', detail: '请求体不能为空 (a body is required)' }]);
}

async function isEmpty(request: IncomingMessage, memory: HeldMemory): Promise<boolean> {
  if (request.headers['content-length'] === '0') return true;
  const hasBody =
    request.headers['content-length'] !== undefined ||
    request.headers['transfer-encoding'] !== undefined;
  return !hasBody || (await readBytes(request, 0, memory)).length === 0;
}

/** @throws AppError `request-too-large` as soon as the bound is passed */
async function readBytes(
  request: IncomingMessage,
  maxBytes: number,
  memory: HeldMemory,
): Promise<Uint8Array> {
  const tooLarge = (): AppError =>
    new AppError('request-too-large', 'the body exceeds the bound', { params: { maxBytes } });
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // `break` or `throw` here would destroy the socket before the answer is out.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const bytes = chunk as Uint8Array;
      size += bytes.length;
      if (size > maxBytes) throw tooLarge();
      memory.take(bytes.length);
      chunks.push(bytes);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('request-invalid', 'the body broke off', { cause: error });
  }
  return new Uint8Array(Buffer.concat(chunks, size));
}

function parseJson(bytes: Uint8Array): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's message quotes the text, which may hold a PIN.
    throw requestInvalid([{ pointer: '#', detail: '不是有效的 JSON (not valid JSON)' }]);
  }
  assertPlain(value);
  return value;
}

/** Within reason deep, and of strings that UTF-8 can carry: what is kept is hashed as UTF-8 one day. */
function assertPlain(value: unknown): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_JSON_DEPTH) {
      throw requestInvalid([{ pointer: '#', detail: '嵌套过深 (nested too deep)' }]);
    }
    if (level.some((each) => typeof each === 'string' && !isWellFormed(each))) {
      throw requestInvalid([
        { pointer: '#', detail: '含有不完整的字符 (a character is incomplete: lone surrogate)' },
      ]);
    }
    level = level.flatMap((each): unknown[] =>
      typeof each === 'object' && each !== null ? Object.values(each) : [],
    );
  }
}

/** A form with the part `document` (or `file`) and, where the route takes JSON, the part `data`. */
async function readFormBody(
  bytes: Uint8Array,
  contentType: string,
  spec: BodySpec,
  limits: BodyLimits,
): Promise<ReadBody> {
  const { files, dataText } = await readForm(bytes, contentType, {
    dataBytes: limits.bodyBytes,
    files: spec.mostFiles ?? 1,
  });
  if (files.length === 0) {
    throw requestInvalid([{ pointer: '#/document', detail: '缺少文件 (a file is required)' }]);
  }
  if (dataText === undefined) return { json: undefined, files };
  if (spec.json === undefined) {
    throw requestInvalid([{ pointer: '#/data', detail: '不认识的部分 (unknown part)' }]);
  }
  return { json: parseJson(utf8ToBytes(dataText)), files };
}

function unsupported(spec: BodySpec): AppError {
  return new AppError('media-type-unsupported', 'media type is not supported', {
    params: { accepted: acceptedMediaTypes(spec) },
  });
}

/** The media types a route takes. */
export function acceptedMediaTypes(spec: BodySpec): readonly string[] {
  return [
    ...(spec.json === undefined ? [] : ['application/json']),
    ...(spec.pdf === undefined ? [] : [...fileTypes(spec), 'multipart/form-data']),
  ];
}

/** The media types of a file as the whole body. */
export function fileTypes({ media }: BodySpec): readonly string[] {
  return media ?? ['application/pdf'];
}
