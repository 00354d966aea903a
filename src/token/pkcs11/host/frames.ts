/**
 * Frames on the pipe to a module's process: a JSON header and bytes beside it. Bytes are kept out of
 * the JSON because a PIN must be wiped, which no string can be.
 */
import { AppError } from '../../../kernel/index.js';

export interface Frame {
  readonly header: unknown;
  readonly body: Uint8Array;
}

const PREFIX_BYTES = 8;
/** A message to sign is some hundred bytes; this bounds what a broken peer makes us keep. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** @returns A fresh buffer, which the caller may wipe once it is written. */
export function encodeFrame(header: unknown, body: Uint8Array): Buffer {
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  const frame = Buffer.alloc(PREFIX_BYTES + text.length + body.length);
  frame.writeUInt32LE(text.length, 0);
  frame.writeUInt32LE(body.length, 4);
  text.copy(frame, PREFIX_BYTES);
  frame.set(body, PREFIX_BYTES + text.length);
  return frame;
}

/** Puts frames together from whatever pieces the pipe delivers; what was read is wiped. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @throws AppError `token-failed` where the peer sends what is no frame */
  take(chunk: Buffer): readonly Frame[] {
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk);
    const frames: Frame[] = [];
    let at = 0;
    while (bytes.length - at >= PREFIX_BYTES) {
      const headerBytes = bytes.readUInt32LE(at);
      const bodyBytes = bytes.readUInt32LE(at + 4);
      if (headerBytes + bodyBytes > MAX_FRAME_BYTES) {
        throw new AppError('token-failed', 'the module process sends no frames');
      }
      const bodyAt = at + PREFIX_BYTES + headerBytes;
      const end = bodyAt + bodyBytes;
      if (bytes.length < end) break;
      frames.push({
        header: JSON.parse(bytes.toString('utf8', at + PREFIX_BYTES, bodyAt)) as unknown,
        body: Uint8Array.from(bytes.subarray(bodyAt, end)),
      });
      at = end;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
    bytes.fill(0);
    return frames;
  }
}

function joined(rest: Buffer, chunk: Buffer): Buffer {
  const whole = Buffer.concat([rest, chunk]);
  rest.fill(0);
  chunk.fill(0);
  return whole;
}
