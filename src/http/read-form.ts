/** Splits a multipart/form-data body that is in memory already, so its size is bounded. */
import Busboy from '@fastify/busboy';
import { requestInvalid } from './request-faults.js';
import type { UploadedFile } from './route.js';

export interface FormParts {
  /** In the order of the form. */
  readonly files: readonly UploadedFile[];
  /** The part `data`, as text. */
  readonly dataText: string | undefined;
}

const FILE_PARTS: readonly string[] = ['document', 'file'];
/** Besides files: nobody needs more than one, and a few too many are told by name. */
const OTHER_PARTS = 9;

export interface FormLimits {
  /** Of the part `data`. */
  readonly dataBytes: number;
  readonly files: number;
}

/** @throws AppError `request-invalid` for a malformed form, a part nobody asked for, or too many files */
export function readForm(
  bytes: Uint8Array,
  contentType: string,
  limits: FormLimits,
): Promise<FormParts> {
  return new Promise((resolve, reject) => {
    const malformed = (): void =>
      reject(requestInvalid([{ pointer: '#', detail: '表单格式有误 (malformed multipart form)' }]));
    let parser;
    try {
      parser = new Busboy.Busboy({
        headers: { 'content-type': contentType },
        limits: {
          parts: limits.files + OTHER_PARTS,
          fieldSize: limits.dataBytes,
          fileSize: bytes.length,
        },
        isPartAFile: (name) => FILE_PARTS.includes(name ?? ''),
      });
    } catch {
      malformed();
      return;
    }
    const files: UploadedFile[] = [];
    let begun = 0;
    let dataText: string | undefined;
    const refuse = (name: string, detail: string): void =>
      reject(requestInvalid([{ pointer: `#/${name.slice(0, 64)}`, detail }]));

    parser.on('file', (name, stream, fileName) => {
      if (++begun > limits.files) {
        refuse(name, `文件过多，最多 ${limits.files} 个 (${limits.files} files at most)`);
      }
      const chunks: Uint8Array[] = [];
      stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      stream.on('error', malformed);
      stream.on('end', () => {
        files.push({
          bytes: new Uint8Array(Buffer.concat(chunks)),
          fileName: fileName || undefined,
        });
      });
    });
    parser.on('field', (name, value, _isNameCut, isValueCut) => {
      if (name !== 'data' || dataText !== undefined) refuse(name, '不认识的部分 (unknown part)');
      else if (isValueCut) refuse(name, '内容过大 (too large)');
      else dataText = value;
    });
    parser.on('partsLimit', malformed);
    parser.on('error', malformed);
    parser.on('finish', () => resolve({ files, dataText }));
    parser.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  });
}
