/** Splits a multipart/form-data body that is in memory already, so its size is bounded. */
import Busboy from '@fastify/busboy';
import { requestInvalid } from './request-faults.js';
import type { UploadedFile } from './route.js';

export interface FormParts {
  readonly file: UploadedFile | undefined;
  /** The part `data`, as text. */
  readonly dataText: string | undefined;
}

const FILE_PARTS: readonly string[] = ['document', 'file'];
const MAX_PARTS = 10;

/**
 * @param maxDataBytes - bound of the part `data`
 * @throws AppError `request-invalid` for a malformed form, a part nobody asked for, or two files
 */
export function readForm(
  bytes: Uint8Array,
  contentType: string,
  maxDataBytes: number,
): Promise<FormParts> {
  return new Promise((resolve, reject) => {
    const malformed = (): void =>
      reject(requestInvalid([{ pointer: '#', detail: '表单格式有误 (malformed multipart form)' }]));
    let parser;
    try {
      parser = new Busboy.Busboy({
        headers: { 'content-type': contentType },
        limits: { parts: MAX_PARTS, fieldSize: maxDataBytes, fileSize: bytes.length },
        isPartAFile: (name) => FILE_PARTS.includes(name ?? ''),
      });
    } catch {
      malformed();
      return;
    }
    let file: UploadedFile | undefined;
    let dataText: string | undefined;
    let hasFile = false;
    const refuse = (name: string, detail: string): void =>
      reject(requestInvalid([{ pointer: `#/${name.slice(0, 64)}`, detail }]));

    parser.on('file', (name, stream, fileName) => {
      if (hasFile) refuse(name, '只能有一个文件 (one file only)');
      hasFile = true;
      const chunks: Uint8Array[] = [];
      stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      stream.on('error', malformed);
      stream.on('end', () => {
        file = { bytes: new Uint8Array(Buffer.concat(chunks)), fileName: fileName || undefined };
      });
    });
    parser.on('field', (name, value, _isNameCut, isValueCut) => {
      if (name !== 'data' || dataText !== undefined) refuse(name, '不认识的部分 (unknown part)');
      else if (isValueCut) refuse(name, '内容过大 (too large)');
      else dataText = value;
    });
    parser.on('partsLimit', malformed);
    parser.on('error', malformed);
    parser.on('finish', () => resolve({ file, dataText }));
    parser.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  });
}
